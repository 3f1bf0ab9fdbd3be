"""What the pages of My page share: the menu, whose page it is, and how a status looks."""

from decimal import Decimal
from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import money as money_words
from membership import phones
from membership.models import Member
from membership.my_page import access, sections
from membership.status import Status

register = template.Library()

_LOOKS = {"good": "tag--good", "info": "tag--wait", "warning": "tag--bad"}


@register.simple_tag(takes_context=True)
def my_page_menu(context: Context) -> list[dict[str, Any]]:
    """The menu of My page for a log-in that holds a member; empty for others, say of the office."""
    request = context.get("request")
    if request is None or access.chosen_member(request) is None:
        return []
    return sections.menu(path=request.path)


@register.simple_tag(takes_context=True)
def my_page_member(context: Context) -> Member | None:
    """The member whose page it is."""
    request = context.get("request")
    return access.chosen_member(request) if request else None


@register.simple_tag(takes_context=True)
def my_page_is_shared(context: Context) -> bool:
    """Whether the log-in holds more members than the one whose page it is."""
    request = context.get("request")
    return request is not None and len(access.members_of(request)) > 1


@register.filter
def status_tag(status: Status) -> SafeString:
    """The status as a tag: its word, and a colour beside it."""
    label = status.label
    return format_html('<span class="tag {}">{}</span>', _LOOKS.get(status.tone, ""), label[:1].upper() + label[1:])


@register.filter
def kroner(amount: Decimal | None) -> str:
    """The amount as readers write it, `kr 400`; empty when there is none."""
    return "" if amount is None else money_words.formatted(amount)


@register.filter
def phone_number(number: str) -> str:
    """A stored telephone number as readers write it."""
    return phones.shown(number) if number else ""
