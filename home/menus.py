"""The menu, from the page tree: pages with “Show in menus”, two levels, in the editors' order."""

from dataclasses import dataclass, field

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from wagtail.models import Page, PageQuerySet, Site

from home import access
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
    """What header and footer need from the page tree, found together."""

    items: tuple[MenuItem, ...] = ()
    footer: tuple[MenuItem, ...] = ()
    join_url: str = ""


def menu_of(request: HttpRequest) -> Menu:
    """The site's menu as this visitor sees it. The same number of queries however many pages there are."""
    site = Site.find_for_request(request)
    if site is None or access.is_closed_to(request):
        return Menu()
    root = site.root_page
    join_url, top, footer = "", dict[str, MenuItem](), list[MenuItem]()
    for page in visibility.seen_by(request, _pages(root)):
        url = page.get_url(request)
        item = MenuItem(page.title, url, current=request.path.startswith(url))
        if page.is_join_page:
            join_url = url
        if page.in_footer:
            footer.append(item)
        if page.show_in_menus and page.depth == root.depth + 1:
            top[page.path] = item
        elif page.show_in_menus and (parent := top.get(page.path[: -Page.steplen])):
            parent.children.append(item)
    return Menu(tuple(top.values()), tuple(footer), join_url)


def _pages(root: Page) -> PageQuerySet:
    """Everything that the menu, the footer or the joining button leads to, parents first."""
    pages = Page.objects.live().descendant_of(root).annotate(
        is_join_page=Q(joinpage__isnull=False), in_footer=Coalesce("standardpage__show_in_footer", False)
    )  # fmt: skip
    in_menu = Q(show_in_menus=True, depth__lte=root.depth + 2)
    return pages.filter(in_menu | Q(is_join_page=True) | Q(in_footer=True)).order_by("path")
