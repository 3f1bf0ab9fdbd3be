"""From a template and its context to the words of one message, in the recipient's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
from django.template import Context, Engine, TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import translation

from core import web_addresses
from messaging.models import Channel


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a message says. An SMS has neither subject nor HTML; a mail may do without HTML."""

    subject: str = ""
    text: str
    html: str = ""


def render(template: str, *, context: Mapping[str, Any], language: str, channel: str = Channel.EMAIL) -> Words:
    """Render `templates/mail/<template>/`: subject.txt, body.txt and body.html, or sms.txt for an SMS.

    The plain texts are not escaped, the HTML is, and its style sheet is moved into the elements because mail programs
    ignore it elsewhere. body.html may be missing: the mail is then text only.
    """
    folder = f"mail/{template}"
    with translation.override(language):
        everything = {**_about_us(language), **context}
        if channel == Channel.SMS:
            return Words(text=_plain(f"{folder}/sms.txt", everything).strip())
        return Words(
            subject=one_line(_plain(f"{folder}/subject.txt", everything)),
            text=_plain(f"{folder}/body.txt", everything).strip() + "\n",
            html=_html(f"{folder}/body.html", everything),
        )


def render_plain(template: str, *, context: Mapping[str, Any], language: str) -> str:
    """Render one plain text by its whole template name, with what every mail may say of the sender."""
    with translation.override(language):
        return _plain(template, {**_about_us(language), **context}).strip()


def inline_styles(html: str) -> str:
    """Move the style sheet into the elements; only what cannot be moved (@media) stays. Fetches nothing."""
    return _inliner().inline(html)


def one_line(text: str) -> str:
    """A subject on one line, whatever stood in the names it was made of."""
    return " ".join(text.split())


def _about_us(language: str) -> dict[str, Any]:
    """What every mail may say of the sender, and its look."""
    client = settings.CLIENT
    return {
        "organisation": client.organisation,
        "look": client.site,
        "site_address": web_addresses.whole(""),
        "language": language,
    }


def _plain(name: str, context: dict[str, Any]) -> str:
    """A plain text, where `&` and quotation marks are themselves."""
    return Engine.get_default().get_template(name).render(Context(context, autoescape=False))


def _html(name: str, context: dict[str, Any]) -> str:
    try:
        template = get_template(name)
    except TemplateDoesNotExist as error:
        if error.args[0] != name:
            raise
        return ""
    return inline_styles(template.render(context))


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)
