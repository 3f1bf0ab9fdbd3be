"""My page: what we hold about a member, who sees it, and being erased. Every view is about `request.member`."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import dates
from core.errors import Refused
from core.models import User
from membership import my_data as story
from membership import retention, who_sees
from membership.models import ErasureHold, ErasureRequest, Member
from membership.my_page.access import MemberRequest, member_page

NEWEST = 50


@require_safe
@member_page
def my_data(request: MemberRequest) -> HttpResponse:
    """The three things one may ask for: a copy, who sees it, and to be erased."""
    return render(request, "my_page/data.html", {"member": request.member})


@require_POST
@member_page
def data_file(request: MemberRequest) -> HttpResponse:
    """The copy, as a file. By a button and never by a link: taking it away is written in the log."""
    on = timezone.localdate()
    content = story.download(member=request.member, on=on, at=timezone.now(), by=_log_in(request))
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{story.file_name(on=on)}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@member_page
def who_can_see(request: MemberRequest) -> HttpResponse:
    """The roles that can read these data, who has exported them and for what, and who has looked."""
    member = request.member
    return render(request, "my_page/data_seen.html", {
        "readers": who_sees.readers(member=request.member),
        "exports": who_sees.sights(member=member, action=who_sees.EXPORTED, limit=NEWEST),
        "looks": who_sees.sights(member=member, action=who_sees.LOOKED, limit=NEWEST),
        "newest": NEWEST,
    })  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def erasure(request: MemberRequest) -> HttpResponse:
    """The first step: what erasing means, or how far it has come. The button here takes the wish back."""
    member, on = request.member, timezone.localdate()
    if request.method == "POST":
        if retention.take_back(member=member, by=_log_in(request)):
            messages.success(request, _("You are not erased. Your data are kept by the ordinary rules."))
        return redirect("my_erasure")
    return render(request, "my_page/data_erasure.html", _about_erasure(member, on))


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def erasure_confirm(request: MemberRequest) -> HttpResponse:
    """The second step: the button that asks for it."""
    member, on = request.member, timezone.localdate()
    if request.method == "POST":
        try:
            retention.ask(member=member, on=on, at=timezone.now(), by=_log_in(request))
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        return redirect("my_erasure")
    about = _about_erasure(member, on)
    if about["belongs"] or about["asked"]:
        return redirect("my_erasure")
    return render(request, "my_page/data_erasure_confirm.html", about)


def _about_erasure(member: Member, on: date) -> dict[str, Any]:
    """How things stand: whether one is a member, has asked, is kept back by the office, and when the rule erases."""
    planned = retention.leavers(on=dates.day_after(on)).filter(pk=member.pk)
    plans = retention.plans(members=list(planned), on=on, at=timezone.now())
    return {
        "member": member,
        "belongs": retention.belongs_tomorrow(member=member, on=on),
        "asked": ErasureRequest.objects.filter(member=member).first(),
        "hold": ErasureHold.objects.filter(member=member).first(),
        "plan": plans[0] if plans else None,
        "books_years": settings.CLIENT.retention.books_years,
    }


def _log_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
