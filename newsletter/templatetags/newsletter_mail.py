"""What the mail of a newsletter needs: whole addresses, because a mail has no site around it, and plain text."""

import re
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import RichText, expand_db_html

from core import web_addresses
from newsletter.plain_text import plain_text

register = template.Library()
_OWN_ADDRESS = re.compile(r'\b(href|src)="(/[^"]*)"')


@register.filter
def absolute(address: str) -> str:
    """The whole address of a path on our site; other addresses as they are."""
    return web_addresses.whole(address) if address.startswith("/") else address


@register.filter
def mail_html(value: Any) -> SafeString:
    """An editor's text as HTML with whole addresses."""
    html = _html(value)
    return mark_safe(_OWN_ADDRESS.sub(lambda found: f'{found[1]}="{absolute(found[2])}"', html))


@register.filter
def mail_text(value: Any) -> str:
    """An editor's text as plain text with whole addresses."""
    return plain_text(mail_html(value))


@register.filter
def underlined(text: str) -> str:
    """A heading in a plain text."""
    return f"{text}\n{'-' * len(text)}"


def _html(value: Any) -> str:
    return expand_db_html(value.source) if isinstance(value, RichText) else escape(value)
