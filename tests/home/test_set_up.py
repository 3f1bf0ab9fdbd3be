"""Set-up writes a whole website once, and leaves it to the editors afterwards."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from wagtail.models import Locale, Page, Site

from core.results import Result
from home import set_up
from home.models import HomePage, StandardPage
from home.starting_pages import Words
from tests import makers
from tests.home.makers import NOW, make_website

pytestmark = pytest.mark.django_db


def tree() -> list[tuple[str, str, bool]]:
    return list(Page.objects.order_by("path").values_list("path", "title", "live"))


def test_the_pages_of_a_new_website() -> None:
    make_website()
    assert [(page.depth, page.slug, page.specific_class.__name__) for page in Page.objects.order_by("path")] == [
        (1, "root", "Page"),
        (2, "forside", "HomePage"),
        (3, "om-oss", "StandardPage"),
        (3, "nyheter", "NewsIndexPage"),
        (4, "sjoorreten-er-tilbake-i-leirelva", "ArticlePage"),
        (4, "fem-tonn-soppel-pa-en-lordag", "ArticlePage"),
        (4, "horingssvar-la-bekken-vaere-apen", "ArticlePage"),
        (3, "nyhetsbrev", "NewsIndexPage"),
        (3, "for-medlemmer", "StandardPage"),
        (3, "kontakt", "ContactPage"),
        (3, "bli-medlem", "JoinPage"),
        (3, "personvern", "StandardPage"),
    ]
    assert Page.objects.filter(live=False).exists() is False
    assert Site.objects.get().root_page.specific == HomePage.objects.get()


def test_again_changes_nothing() -> None:
    make_website()
    before = tree()
    result = set_up.set_up(client=settings.CLIENT, at=NOW)
    assert (result.counts, tree()) == ({}, before)


def test_what_editors_changed_or_removed_stays() -> None:
    home = make_website()
    about = StandardPage.objects.get(slug="om-oss")
    about.title = "Hvem vi er"
    about.save_revision().publish()
    home.get_children().get(slug="kontakt").delete()
    before = tree()
    set_up.set_up(client=settings.CLIENT, at=NOW)
    assert tree() == before


def test_wagtails_own_first_page_goes_away() -> None:
    Locale.objects.create(language_code=settings.LANGUAGE_CODE)
    root = Page.add_root(title="Root", slug="root")
    root.add_child(instance=Page(title="Welcome to your new Wagtail site!", slug="home"))
    Site.objects.create(hostname="localhost", root_page=Page.objects.get(slug="home"), is_default_site=True)
    make_website()
    assert list(root.get_children().values_list("slug", flat=True)) == ["forside"]
    assert Site.objects.get().root_page.slug == "forside"


@pytest.mark.parametrize("language", ["nb", "en"])
def test_other_clients_start_with_general_words(language: str, tmp_path: Path, settings: object) -> None:
    from dataclasses import replace

    from django.conf import settings as configured

    from home.starting_pages import write_pages

    makers.set_up_client()
    client = replace(configured.CLIENT, site=replace(configured.CLIENT.site, language=language))
    words = Words.read(client, folder=tmp_path)
    result = Result()
    home = write_pages(set_up.root(), words=words, client=client, at=NOW, result=result)
    assert (home.title, result.counts) == ("Vennene av vannet", {"pages": 9})
    assert client.site.tagline[language] == home.lead


def test_the_command_tells_what_it_did_and_that_nothing_was_left_to_do() -> None:
    first, second = StringIO(), StringIO()
    call_command("setup", stdout=first)
    call_command("setup", stdout=second)
    assert "Setting up Vennene av vannet (vvnf)." in first.getvalue()
    assert "pages 11" in first.getvalue()
    assert second.getvalue().splitlines()[-1] == "Ready: everything was there already."
