"""What the pages of My page share: the menu and whose page it is."""

from typing import Any

from django import template
from django.template.context import Context

from membership import my_page_access, my_page_sections
from membership.models import Member

register = template.Library()


@register.simple_tag(takes_context=True)
def my_page_menu(context: Context) -> list[dict[str, Any]]:
    """The menu of My page for a log-in that holds a member; empty for others, say of the office."""
    request = context.get("request")
    if request is None or my_page_access.chosen_member(request) is None:
        return []
    return my_page_sections.menu(path=request.path)


@register.simple_tag(takes_context=True)
def my_page_member(context: Context) -> Member | None:
    """The member whose page it is."""
    request = context.get("request")
    return my_page_access.chosen_member(request) if request else None


@register.simple_tag(takes_context=True)
def my_page_has_others(context: Context) -> bool:
    """Whether the log-in holds more members than the one whose page it is."""
    request = context.get("request")
    return request is not None and len(my_page_access.members_of(request)) > 1
