"""My page: what members see and change themselves. Every view is about `request.member` and nobody else."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Refused
from core.models import User
from membership import consents, leaving, members, prices
from membership.models import Member, Period
from membership.my_page import access, sections
from membership.my_page.access import MemberRequest, member_page, private_page
from membership.my_page.forms import ConsentForm, DetailsForm, LeaveForm
from membership.status import status_of

RECEIPT = "my_page_receipt"


@require_safe
@member_page
def overview(request: MemberRequest) -> HttpResponse:
    """Status with its "Why?", the membership in figures, and what to do next."""
    on = timezone.localdate()
    member = _with_periods(request.member)
    status = status_of(member=member, on=on)
    return render(request, "my_page/overview.html", {
        "member": member,
        "status": status,
        "period": next((row for row in member.periods.all() if row.covers(on)), None),
        "notices": sections.notices(request=request, member=member, on=on),
    })  # fmt: skip


@require_safe
@member_page
def memberships(request: MemberRequest) -> HttpResponse:
    """Every term with its price and why it cost that."""
    member = _with_periods(request.member)
    rows = [
        {"period": period, "reasons": prices.reasons_from_json(period.reasons)}
        for period in member.periods.all()
        if not period.is_void
    ]
    return render(request, "my_page/memberships.html", {"member": member, "rows": rows, "on": timezone.localdate()})


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def details(request: MemberRequest) -> HttpResponse:
    """Name, telephones, address and language: shown, and changed in the same form."""
    member = request.member
    form = DetailsForm(request.POST or None, member=member, place_url=reverse("postcode_place"))
    if request.method == "POST" and form.is_valid():
        try:
            changed = members.change(
                member=member, changes=form.changes, at=timezone.now(), by=_log_in(request), source="my_page"
            )
        except Refused as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Your details are saved.") if changed else _("Nothing was different."))
            return redirect("my_details")
    return render(request, "my_page/details.html", {"member": member, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def my_consents(request: MemberRequest) -> HttpResponse:
    """What they have agreed to, in the exact words; one button each to give or withdraw, and the history."""
    member = request.member
    prefetch_related_objects([member], "consents__text")
    language = (get_language() or member.language)[:2]
    choices = consents.choices(member=member, language=language, on=timezone.localdate())
    if request.method == "POST":
        return _answer_consent(request, {choice.name: choice for choice in choices})
    return render(request, "my_page/consents.html", {
        "member": member,
        "choices": choices,
        "required": consents.required(member=member),
        "history": member.consents.all(),
    })  # fmt: skip


def _answer_consent(request: MemberRequest, choices: dict[str, consents.Choice]) -> HttpResponse:
    form = ConsentForm(request.POST)
    choice = choices.get(form.data.get("choice", ""))
    if not form.is_valid() or choice is None:
        raise Http404
    text, is_given = choice.text, form.cleaned_data["given"] == "yes"
    if is_given and (text is None or text.pk != form.cleaned_data["text"]):
        messages.error(request, _("The words have changed meanwhile. Read them, and press the button again."))
        return redirect("my_consents")
    consents.record(
        member=request.member, purpose=choice.purpose, channel=choice.channel, is_given=is_given, at=timezone.now(),
        source="my_page", by=_log_in(request), text=text,
    )  # fmt: skip
    messages.success(request, _("Thank you, that is noted.") if is_given else _("Your consent is withdrawn."))
    return redirect("my_consents")


@require_safe
@private_page
def log_in(request: HttpRequest) -> HttpResponse:
    """What they log in with, and the pages to change it: for log-ins without a member as well."""
    user = _log_in(request)
    return render(request, "my_page/log_in.html", {
        "member": access.chosen_member(request),
        "has_password": user.has_usable_password(),
    })  # fmt: skip


@require_safe
@member_page
def leave(request: MemberRequest) -> HttpResponse:
    """The first step of leaving: what it means, and a button to go on."""
    return render(request, "my_page/leave.html", _leaving(request.member, timezone.localdate()))


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def leave_confirm(request: MemberRequest) -> HttpResponse:
    """The second step: the button that does it, once. The receipt comes on the next page and by e-mail."""
    on, member = timezone.localdate(), request.member
    about = _leaving(member, on)
    if not about["running"]:
        return redirect("my_leaving")
    form = LeaveForm(request.POST or None, initial={"last_on": about["last_on"]})
    if request.method == "POST":
        if form.fits(about["last_on"]):
            last_on = leaving.resign(member=member, on=on, at=timezone.now(), by=_log_in(request))
            request.session[RECEIPT] = {"member": member.pk, "last_on": last_on.isoformat()}
            return redirect("my_leaving_receipt")
        messages.error(request, _("Something has changed meanwhile. Look at the date below, and press once more."))
        form = LeaveForm(initial={"last_on": about["last_on"]})
    return render(request, "my_page/leave_confirm.html", {**about, "form": form})


@require_safe
@member_page
def leave_receipt(request: MemberRequest) -> HttpResponse:
    """The receipt, for the session that left."""
    receipt = request.session.get(RECEIPT)
    if not receipt or receipt["member"] != request.member.pk:
        return redirect("my_page")
    last_on = date.fromisoformat(receipt["last_on"])
    return render(request, "my_page/leave_receipt.html", {
        "member": request.member, "last_on": last_on,
    })  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def choose(request: HttpRequest) -> HttpResponse:
    """Who are you? For an address that several share."""
    people = access.members_of(request)
    if not people:
        return redirect("my_page_nobody")
    if request.method == "POST":
        chosen = next((person for person in people if str(person.pk) == request.POST.get("member")), None)
        if chosen is None:
            raise Http404
        access.choose(request, member=chosen)
        return redirect(access.wanted_page(request) or "my_page")
    return render(request, "my_page/choose.html", {"people": people, "next": access.wanted_page(request)})


@require_safe
@private_page
def nobody(request: HttpRequest) -> HttpResponse:
    """A log-in that holds no member: of the office, or of somebody the registry no longer has."""
    if access.members_of(request):
        return redirect("my_page")
    return render(request, "my_page/nobody.html")


def _with_periods(member: Member) -> Member:
    return Member.objects.prefetch_related("periods__type").select_related("household").get(pk=member.pk)


def _leaving(member: Member, on: date) -> dict[str, Any]:
    """What leaving today would mean: the same rule as `leaving.resign`, which decides."""
    rows = [row for row in member.periods.select_related("type") if _can_be_left(row, on)]
    waits = settings.CLIENT.membership.leaving == "period_end"
    ends = [row.ends_on for row in rows if waits and row.confirmed_on and row.ends_on]
    return {
        "member": member,
        "running": rows,
        "last_on": max(ends, default=on),
        "is_at_once": not ends,
        "has_others": member.is_main_member and member.household.members.alive().count() > 1,  # type: ignore[misc, union-attr]
    }


def _can_be_left(period: Period, on: date) -> bool:
    return period.ended_on is None and (period.last_day is None or period.last_day >= on)


def _log_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
