"""Whose page it is: the members of a log-in, and the one that was chosen.

The choice is kept in the session and checked against the log-in at every request, so that neither a forged session
nor an address that has changed hands opens somebody else's page. Addresses never say whose page it is.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme

from membership.models import Member

CHOSEN = "my_page_member"
_KEPT = "_my_page_members"


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


def wanted_page(request: HttpRequest) -> str:
    """Where somebody was going when they were asked who they are: an address of this site, or ""."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else ""


def private_page[Answered: HttpRequest](
    view: Callable[Concatenate[Answered, ...], HttpResponse],
) -> Callable[..., HttpResponse]:
    """A page for whoever is logged in, never kept by a browser or a proxy."""
    guarded: Callable[..., HttpResponse] = login_required(view)

    @wraps(view)
    def private(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = guarded(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return private


def member_page(view: Callable[Concatenate[MemberRequest, ...], HttpResponse]) -> Callable[..., HttpResponse]:
    """A page about the member at hand, as `request.member`; private as `private_page`.

    A family that has not said who it is goes to the chooser and comes back; a log-in without a member is told so.
    """

    @private_page
    @wraps(view)
    def checked(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        member = chosen_member(request)
        if member is None and not members_of(request):
            return redirect("my_page_nobody")
        if member is None:
            wanted = urlencode({"next": request.path}) if request.method in ("GET", "HEAD") else ""
            return HttpResponseRedirect(f"{reverse('my_page_choose')}{'?' if wanted else ''}{wanted}")
        request.member = member
        return view(request, *args, **kwargs)

    return checked
