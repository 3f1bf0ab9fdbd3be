"""Which pages a visitor may see: Wagtail's page privacy, asked once a request instead of once a page.

Used wherever pages are listed: menus, search, news. Opening a page is Wagtail's own check, which sends the visitor to
the log-in.
"""

from typing import TypeVar

from django.http import HttpRequest
from wagtail.models import PageQuerySet, PageViewRestriction

_Pages = TypeVar("_Pages", bound=PageQuerySet)
_KEPT = "_closed_paths"


def seen_by(request: HttpRequest, pages: _Pages) -> _Pages:
    """Those of the pages that this visitor may open."""
    for path in closed_paths(request):
        pages = pages.exclude(path__startswith=path)
    return pages


def may_open(request: HttpRequest, path: str) -> bool:
    """Whether this visitor may open the page with this place in the tree."""
    return not path.startswith(tuple(closed_paths(request)))


def closed_paths(request: HttpRequest) -> list[str]:
    """The places in the page tree below which this visitor may see nothing. Two or three queries, once a request.

    Pages behind a shared password count as closed: whoever has the password has the address too.
    """
    if not hasattr(request, _KEPT):
        setattr(request, _KEPT, _find_closed_paths(request))
    found: list[str] = getattr(request, _KEPT)
    return found


def _find_closed_paths(request: HttpRequest) -> list[str]:
    user = getattr(request, "user", None)
    if user is not None and user.is_superuser:
        return []
    is_known = user is not None and user.is_authenticated
    restrictions = list(PageViewRestriction.objects.select_related("page").prefetch_related("groups"))
    groups = set(user.groups.values_list("pk", flat=True)) if restrictions and is_known else set()
    return [r.page.path for r in restrictions if not _opens(r, is_known=is_known, groups=groups)]


def _opens(restriction: PageViewRestriction, *, is_known: bool, groups: set[int]) -> bool:
    if restriction.restriction_type == PageViewRestriction.LOGIN:
        return is_known
    if restriction.restriction_type == PageViewRestriction.GROUPS:
        return bool(groups & {group.pk for group in restriction.groups.all()})
    return False
