"""The newsletter as an e-mail: its words once for everybody, with a place for each recipient's unsubscribe link."""

from core import web_addresses
from messaging.email import mime
from messaging.rendering import Words, render
from newsletter.models import NewsletterPage

UNSUBSCRIBE = "[[unsubscribe]]"  # filled in for each recipient when the message is sent


def newsletter(*, page: NewsletterPage, language: str, unsubscribe: str = UNSUBSCRIBE) -> Words:
    """Subject, text and HTML. The article is as it was written; the frame around it is in the reader's language."""
    context = {"page": page, "page_address": address_of(page), "unsubscribe": unsubscribe}
    return render("newsletter", context=context, language=language)


def preview(*, page: NewsletterPage, language: str) -> str:
    """The HTML as a recipient sees it, for the editor's preview."""
    words = newsletter(page=page, language=language)
    return mime.merged(words.html, {"unsubscribe": "#"}, escape=True)


def address_of(page: NewsletterPage) -> str:
    """Where the newsletter can be read in a browser; the front page while it is not yet saved."""
    return web_addresses.whole(page.url or "/" if page.pk else "/")
