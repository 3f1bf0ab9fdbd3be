"""The list somebody came from: its search, filters and page are there again when they go back from a member."""

from urllib.parse import quote, unquote

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

_COOKIE = "registry_list"
_LONGEST = 2000


def remember(request: HttpRequest, response: HttpResponseBase) -> None:
    """Keep what was asked of the registry in this browser until it is closed, for the office's own pages only."""
    if request.method != "GET" or response.status_code != 200:
        return
    asked = request.GET.copy()
    asked.pop("_w_filter_fragment", None)
    kept = quote(asked.urlencode())
    if kept != request.COOKIES.get(_COOKIE, "") and len(kept) <= _LONGEST:
        response.set_cookie(
            _COOKIE, kept, path=reverse("members:index"), httponly=True, samesite="Lax", secure=request.is_secure()
        )


def address(request: HttpRequest) -> str:
    """The registry as it was when this browser last looked at it."""
    asked = unquote(request.COOKIES.get(_COOKIE, ""))
    return f"{reverse('members:index')}?{asked}" if asked else reverse("members:index")
