"""The menu, from the page tree: pages with “Show in menus”, two levels, in the editors' order."""

from dataclasses import dataclass, field

from django.http import HttpRequest
from wagtail.models import Page, Site

from membership.models import JoinPage
from newsletter import visibility


@dataclass
class MenuItem:
    """One line of the menu. `current` is true on the page itself and everywhere below it."""

    title: str
    url: str
    current: bool = False
    children: list["MenuItem"] = field(default_factory=list)


@dataclass(frozen=True)
class Menu:
    """What the header needs from the page tree, found together."""

    items: tuple[MenuItem, ...] = ()
    join_url: str = ""


def menu_of(request: HttpRequest) -> Menu:
    """The site's menu as this visitor sees it. The same number of queries however many pages there are."""
    site = Site.find_for_request(request)
    if site is None:
        return Menu()
    root = site.root_page
    pages = Page.objects.live().descendant_of(root).filter(depth__lte=root.depth + 2).order_by("path")
    pages = pages.filter(show_in_menus=True) | pages.type(JoinPage)
    join_url = ""
    top: dict[str, MenuItem] = {}
    for page in visibility.seen_by(request, pages.select_related("content_type")):
        url = page.get_url(request)
        if page.cached_content_type.model_class() is JoinPage:
            join_url = url
        if not page.show_in_menus:
            continue
        item = MenuItem(page.title, url, current=request.path.startswith(url))
        if page.depth == root.depth + 1:
            top[page.path] = item
        elif parent := top.get(page.path[: -Page.steplen]):
            parent.children.append(item)
    return Menu(tuple(top.values()), join_url)
