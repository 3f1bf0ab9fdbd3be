"""Seats on My page: those one holds, and, for an organisation and its contact persons, those one gives out."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Refused
from core.models import User
from membership import invitations, seats
from membership.models import Invitation, Member, Seat
from membership.my_page.access import MemberRequest, member_page
from membership.my_page.household_forms import SeatInviteForm
from membership.my_page.sections import MyPageNotice
from membership.status import status_of


def notice(request: HttpRequest, member: Member, on: date) -> MyPageNotice | None:
    """On top of My page: that one holds a seat, or gives some out."""
    held = list(member.seats_held.held().select_related("organisation"))
    gives_out = not member.is_person or member.contact_for.exists()
    if not held and not gives_out:
        return None
    return MyPageNotice(order=300, template="my_page/seats_notice.html", context={"held": held, "gives_out": gives_out})


@require_safe
@member_page
def seats_page(request: MemberRequest) -> HttpResponse:
    """The seats one holds, with until when, and the organisations whose seats one gives out."""
    on, member = timezone.localdate(), request.member
    held = member.seats_held.held().select_related("organisation").prefetch_related("organisation__periods__type")
    return render(request, "my_page/seats.html", {
        "member": member,
        "held": [(seat, status_of(member=seat.organisation, on=on)) for seat in held],
        "organisations": seats.organisations_of(member=member),
    })  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def give_out(request: MemberRequest, pk: int) -> HttpResponse:
    """Who sits where, who is invited, and the form that invites one more."""
    on, at = timezone.localdate(), timezone.now()
    organisation = _organisation(request, pk)
    form = SeatInviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitations.invite_to_seat(
                organisation=organisation, inviter=request.member, email=form.cleaned_data["email"],
                name=form.cleaned_data["name"], on=on, at=at, by=_log_in(request),
            )  # fmt: skip
        except Refused as refused:
            form.add_error(None, refused)
        else:
            text = _("An invitation is on its way to %(email)s.") % {"email": form.cleaned_data["email"]}
            messages.success(request, text)
            return redirect("my_seats_of", organisation.pk)
    held = list(organisation.seats.held().select_related("member"))
    waiting = list(organisation.seat_invitations.open(at=at))
    total = seats.count(organisation=organisation, on=on)
    return render(request, "my_page/seats_of.html", {
        "member": request.member, "whose": organisation, "held": held, "waiting": waiting, "form": form,
        "total": total, "free": max(total - len(held) - len(waiting), 0),
    })  # fmt: skip


@require_POST
@member_page
def withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """An invitation to a seat is taken back."""
    row = get_object_or_404(Invitation, pk=pk, organisation__isnull=False)
    organisation = _organisation(request, row.organisation_id)
    invitations.withdraw(invitation=row, at=timezone.now(), by=_log_in(request))
    messages.success(request, _("The invitation is withdrawn. Its link does not work any more."))
    return redirect("my_seats_of", organisation.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def leave(request: MemberRequest, pk: int) -> HttpResponse:
    """A seat is freed: by whoever sits there, or by the organisation."""
    seat = get_object_or_404(Seat.objects.held().select_related("organisation", "member"), pk=pk)
    is_own = seat.member_id == request.member.pk
    if not is_own:
        _organisation(request, seat.organisation_id)
    if request.method == "POST":
        seats.leave(seat=seat, on=timezone.localdate(), by=_log_in(request))
        messages.success(request, _("The seat is free."))
        return redirect("my_seats") if is_own else redirect("my_seats_of", seat.organisation_id)
    return render(request, "my_page/seat_leave.html", {"member": request.member, "seat": seat, "is_own": is_own})


def _organisation(request: MemberRequest, pk: int | None) -> Member:
    """An organisation whose seats this member gives out; for anybody else there is no such page."""
    found = next((row for row in seats.organisations_of(member=request.member) if row.pk == pk), None)
    if found is None:
        raise Http404
    return found


def _log_in(request: MemberRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
