"""What every page knows of the organisation: names, menu and the addresses in the header."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from home.menus import Menu, menu_of


def site(request: HttpRequest) -> dict[str, Any]:
    """The organisation and the addresses of the header. The menu is looked up when a template first asks for it.

    The office has a frame of its own, whose templates use some of these names for something else.
    """
    client = settings.CLIENT
    if request.path.startswith(reverse("wagtailadmin_home")):
        return {"organisation": client.organisation}
    menu = SimpleLazyObject(lambda: _menu(request))
    return {
        "organisation": client.organisation,
        "look": client.site,
        "content_language": client.site.language,
        "has_dues": client.membership.dues,
        "home_url": "/",
        "logo_url": static(client.site.logo) if client.site.logo else "",
        "search_url": _address("search"),
        "my_page_url": _address("my_page"),
        "login_url": _address("account_login"),
        "site_menu": SimpleLazyObject(lambda: menu.items),
        "footer_menu": SimpleLazyObject(lambda: menu.footer),
        "join_url": SimpleLazyObject(lambda: menu.join_url),
        "join_label": client.site.join_label.get(get_language() or "") or _("Become a member"),
    }


def _menu(request: HttpRequest) -> Menu:
    """The menu, once a request: the header and the footer, and every template within a page, share it."""
    if not hasattr(request, "_menu"):
        request._menu = menu_of(request)  # type: ignore[attr-defined]
    return request._menu  # type: ignore[attr-defined]


def _address(name: str) -> str:
    """The address of that name; empty where this installation has no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
