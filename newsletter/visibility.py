"""Which pages a visitor may see: Wagtail's page privacy, asked once a request instead of once a page.

Used wherever pages are listed: menus, search, news. Opening a page is Wagtail's own check, which sends the visitor to
the log-in.
"""

from django.http import HttpRequest
from wagtail.models import PageQuerySet, PageViewRestriction

_KEPT = "_closed_paths"


def seen_by[Pages: PageQuerySet](request: HttpRequest, pages: Pages) -> Pages:
    """Those of the pages that this visitor may open."""
    for path in closed_paths(request):
        pages = pages.exclude(path__startswith=path)
    return pages


def may_open(request: HttpRequest, path: str) -> bool:
    """Whether this visitor may open the page with this place in the tree."""
    return not path.startswith(tuple(closed_paths(request)))


def closed_paths(request: HttpRequest) -> list[str]:
    """The places in the page tree below which this visitor may see nothing.

    One query, three for a log-in, once a request. Pages behind a shared password count as closed: whoever has the
    password has the address too.
    """
    if not hasattr(request, _KEPT):
        setattr(request, _KEPT, _find_closed_paths(request))
    found: list[str] = getattr(request, _KEPT)
    return found


def _find_closed_paths(request: HttpRequest) -> list[str]:
    user = getattr(request, "user", None)
    if user is not None and user.is_superuser:
        return []
    restrictions = PageViewRestriction.objects.select_related("page")
    if user is None or not user.is_authenticated:
        return [restriction.page.path for restriction in restrictions]
    restrictions = restrictions.prefetch_related("groups")
    groups = set(user.groups.values_list("pk", flat=True))
    return [restriction.page.path for restriction in restrictions if not _opens(restriction, groups)]


def _opens(restriction: PageViewRestriction, groups: set[int]) -> bool:
    """Whether it opens for a log-in that is in these groups."""
    if restriction.restriction_type == PageViewRestriction.GROUPS:
        return bool(groups & {group.pk for group in restriction.groups.all()})
    return bool(restriction.restriction_type == PageViewRestriction.LOGIN)
