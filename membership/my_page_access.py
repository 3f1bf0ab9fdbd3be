"""Whose page it is: the members of a log-in, and the one that was chosen.

The choice is kept in the session and checked against the log-in at every request, so that neither a forged session
nor an address that has changed hands opens somebody else's page. Addresses never say whose page it is.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control

from membership.models import Member

CHOSEN = "my_page_member"
_KEPT = "_my_page_members"

View = Callable[..., HttpResponseBase]


class MemberRequest(HttpRequest):
    """A request to a page of My page: `member` is the one whose page it is."""

    member: Member


def members_of(request: HttpRequest) -> list[Member]:
    """The living members of this log-in, by member number. One query a request."""
    if not request.user.is_authenticated:
        return []
    if not hasattr(request, _KEPT):
        found = Member.objects.alive().filter(user=request.user.pk).select_related("household")
        setattr(request, _KEPT, sorted(found, key=lambda member: (len(member.member_number), member.member_number)))
    return cast("list[Member]", getattr(request, _KEPT))


def chosen_member(request: HttpRequest) -> Member | None:
    """The member whose page it is: the one chosen in this session, or the only one. None: nobody is chosen yet."""
    members = members_of(request)
    if len(members) == 1:
        return members[0]
    chosen = request.session.get(CHOSEN)
    return next((member for member in members if member.pk == chosen), None)


def choose(request: HttpRequest, *, member: Member) -> None:
    """Keep the choice for this session."""
    request.session[CHOSEN] = member.pk


def personal_page(view: Callable[..., HttpResponse]) -> View:
    """A page about the member at hand: logged in, one chosen, and never kept by a browser or a proxy.

    Who is not logged in goes to the log-in and comes back; a family that has not said who it is goes to the chooser;
    a log-in without a member is told so by the first page of My page.
    """

    @login_required
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        member = chosen_member(request)
        if member is None:
            return redirect("my_page_choose" if members_of(request) else "my_page_nobody")
        request.member = member  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    @wraps(view)
    def private(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = checked(request, *args, **kwargs)
        patch_cache_control(response, no_store=True, private=True)
        return response

    return private
