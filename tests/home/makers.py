"""A website for tests: the pages set-up writes, and more articles and newsletters."""

from datetime import date
from typing import Any
from unittest.mock import patch

from django.conf import settings
from wagtail.models import Page

from home import set_up
from home.models import HomePage
from newsletter.models import ArticlePage, NewsIndexPage, NewsletterPage
from tests import makers

TODAY, NOW = makers.TODAY, makers.NOW


def make_website(*, pictures: bool = False) -> HomePage:
    """The website as set-up writes it for vvnf: front page, about, news, newsletters, members only, contact, join.

    Without pictures unless asked for: drawing and scaling them takes longer than everything else.
    """
    makers.set_up_client()
    if pictures:
        set_up.set_up(client=settings.CLIENT, at=NOW)
    else:
        with patch("home.starting_pages.Writer.picture", return_value=None):
            set_up.set_up(client=settings.CLIENT, at=NOW)
    return HomePage.objects.get()


def publish(page: Page, *, below: Page) -> Any:
    """Add a page and publish it, as an editor does."""
    below.add_child(instance=page)
    page.save_revision().publish()
    return type(page).objects.get(pk=page.pk)


def make_article(title: str = "Nytt fra elva", *, on: date = TODAY, **data: Any) -> ArticlePage:
    """A published article among the news."""
    words = {"teaser": f"Kort om {title}.", "published_on": on, "body": [("paragraph", "<p>Mer om saken.</p>")], **data}
    return publish(ArticlePage(title=title, **words), below=NewsIndexPage.objects.get(slug="nyheter"))


def make_newsletter(title: str = "Vårnytt", *, on: date = TODAY, **data: Any) -> NewsletterPage:
    """A published newsletter."""
    words = {"teaser": f"Kort om {title}.", "published_on": on, "body": [("paragraph", "<p>Kjære venner.</p>")], **data}
    return publish(NewsletterPage(title=title, **words), below=NewsIndexPage.objects.get(slug="nyhetsbrev"))
