"""The household on My page: who belongs to it, and what its members do about that themselves.

The main member invites, removes, asks another to take over and tells of a move; the others leave, and answer. What
is not undone with a button is asked about on a page of its own first. Nothing here shows one person's address, number
or birthday to another.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import dates, money
from core.errors import Refused
from core.models import User
from membership import households, invitations
from membership.models import Household, Invitation, Member, MembershipType, Period
from membership.models.households import ADULT_AT, holding
from membership.my_page.access import MemberRequest, member_page
from membership.my_page.household_forms import InviteForm, MoveForm
from membership.my_page.sections import MyPageNotice
from membership.next_terms import Types
from membership.status import status_of

UNDO = "household_undo"
UNDO_WITHIN = timedelta(minutes=15)


@require_safe
@member_page
def household(request: MemberRequest) -> HttpResponse:
    """Who belongs to the household, with each one's status and nothing else about them, and what one can do."""
    on, at, member = timezone.localdate(), timezone.now(), request.member
    home = member.household
    people = home.members.alive().select_related("user").prefetch_related("periods__type") if home else []
    rows = [{"person": person, "status": status_of(member=person, on=on)} for person in people]
    rows.sort(key=lambda row: row["person"].pk != home.main_member_id if home else 0)  # type: ignore[attr-defined]
    is_main = member.is_main_member
    term = _carrying_term(member)
    return render(request, "my_page/household.html", {
        "member": member,
        "household": home,
        "rows": rows,
        "is_main": is_main,
        "may_invite": term is not None and (home is None or is_main),
        "waiting": _waiting(home, at) if home and is_main else [],
        "asked_by": invitations.question_to(member=member, at=at),
        "undo": _undoable(request, at),
        "grows_up": _own_type(member, on),
    })  # fmt: skip


def notice(request: HttpRequest, member: Member, on: date) -> MyPageNotice | None:
    """On top of My page: that somebody asks, or that a child of the household should choose a membership."""
    if member.household_id is None:
        return None
    question = invitations.question_to(member=member, at=timezone.now())
    own_type = _own_type(member, on)
    if question is None and own_type is None:
        return None
    context = {"question": question, "own_type": own_type}
    return MyPageNotice(order=200, template="my_page/household_notice.html", context=context)


def _own_type(member: Member, on: date) -> MembershipType | None:
    """What a child of the household is offered in the year it turns 27: a membership of its own from the next year."""
    if member.born_on is None or member.household_id is None or member.is_main_member:
        return None
    if dates.age_on(member.born_on, dates.last_of_year(on)) != ADULT_AT:
        return None
    running = Period.objects.covering(on).filter(member=member)
    is_carried = holding(running, MembershipType.Kind.HOUSEHOLD_SECONDARY).exists()
    return Types().of_ones_own(member, dates.add_years(on, 1)) if is_carried else None


def _waiting(home: Household, at: datetime) -> list[Invitation]:
    return list(home.invitations.open(at=at).select_related("member"))


def _carrying_term(member: Member) -> Period | None:
    """The term that others can join, if the member has one."""
    try:
        return invitations.carrying_term(main=member, on=timezone.localdate())
    except Refused:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def invite(request: MemberRequest) -> HttpResponse:
    """The main member writes an e-mail address. The answer is the same, whoever has it."""
    on, member = timezone.localdate(), request.member
    term = _carrying_term(member)
    if term is None or (member.household and not member.is_main_member):
        raise Http404
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitations.invite(
                inviter=member, email=form.cleaned_data["email"], name=form.cleaned_data["name"], on=on,
                at=timezone.now(), by=_log_in(request),
            )  # fmt: skip
        except Refused as refused:
            form.add_error(None, refused)
        else:
            text = _("An invitation is on its way to %(email)s.") % {"email": form.cleaned_data["email"]}
            messages.success(request, text)
            return redirect("my_household")
    amount = invitations.quote_for(term=term, on=on).amount
    price = money.formatted(amount) if amount else ""
    return render(request, "my_page/household_invite.html", {"member": member, "form": form, "price": price})


@require_POST
@member_page
def withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """The main member takes an invitation, or the question to take over, back."""
    row = get_object_or_404(Invitation, pk=pk, household=_own_household(request))
    invitations.withdraw(invitation=row, at=timezone.now(), by=_log_in(request))
    messages.success(request, _("The invitation is withdrawn. Its link does not work any more."))
    return redirect("my_household")


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """The main member tells that somebody has moved out: a page that says what it means, then the button."""
    home = _own_household(request)
    person = get_object_or_404(home.members.alive().exclude(pk=request.member.pk), pk=pk)
    if request.method == "POST":
        households.remove(member=person, by=_log_in(request))
        _offer_undo(request, person, home)
        messages.success(request, _("%(name)s is no longer in the household.") % {"name": person.full_name})
        return redirect("my_household")
    return render(request, "my_page/household_remove.html", {"member": request.member, "person": person})


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def leave(request: MemberRequest) -> HttpResponse:
    """A member moves out of the household, and keeps the membership. The main member hands over first."""
    member, home = request.member, request.member.household
    if home is None:
        return redirect("my_household")
    if request.method == "POST":
        try:
            households.remove(member=member, by=_log_in(request))
        except Refused as refused:
            messages.error(request, refused.sentence)
            return redirect("my_household")
        _offer_undo(request, member, home)
        messages.success(request, _("You are no longer in the household."))
        return redirect("my_household")
    must_hand_over = member.is_main_member and home.members.alive().count() > 1
    alone = Types().of_ones_own(member, dates.add_years(timezone.localdate(), 1))
    return render(request, "my_page/household_leave.html", {
        "member": member, "must_hand_over": must_hand_over, "type_alone": alone,
    })  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def hand_over(request: MemberRequest, pk: int) -> HttpResponse:
    """The main member asks another to be it. Nothing changes before that one says yes."""
    home = _own_household(request)
    person = get_object_or_404(home.members.alive().exclude(pk=request.member.pk), pk=pk)
    if request.method == "POST":
        try:
            invitations.ask_to_take_over(
                household=home, to=person, on=timezone.localdate(), at=timezone.now(), by=_log_in(request)
            )
        except Refused as refused:
            messages.error(request, refused.sentence)
        else:
            text = _("%(name)s is asked. You are the main member until the answer is yes.")
            messages.success(request, text % {"name": person.full_name})
        return redirect("my_household")
    return render(request, "my_page/household_hand_over.html", {
        "member": request.member, "person": person,
    })  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def take_over(request: MemberRequest) -> HttpResponse:
    """Whoever is asked to be main member says yes or no."""
    at = timezone.now()
    question = invitations.question_to(member=request.member, at=at)
    if question is None:
        messages.info(request, _("Nobody asks you to be main member now."))
        return redirect("my_household")
    if request.method == "POST":
        if request.POST.get("answer") == "yes":
            invitations.take_over(invitation=question, at=at, by=_log_in(request))
            messages.success(request, _("You are the main member now."))
        else:
            invitations.decline(invitation=question, at=at)
            messages.success(request, _("You said no. Everything stays as it was."))
        return redirect("my_household")
    return render(request, "my_page/household_take_over.html", {
        "member": request.member, "question": question,
    })  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def move(request: MemberRequest) -> HttpResponse:
    """The main member tells of a new address, for everybody who lived at the old one."""
    home = _own_household(request)
    form = MoveForm(request.POST or None, main_member=request.member, place_url=reverse("postcode_place"))
    if request.method == "POST" and form.is_valid():
        movers = households.relocate(
            household=home, address=form.cleaned_data, at=timezone.now(), by=_log_in(request), source="my_page"
        )
        text = _("The new address is saved for %(names)s.")
        messages.success(request, text % {"names": ", ".join(person.full_name for person in movers)})
        return redirect("my_household")
    return render(request, "my_page/household_move.html", {"member": request.member, "form": form})


@require_POST
@member_page
def undo(request: MemberRequest) -> HttpResponse:
    """Whoever was removed, or left, a moment ago in this session is back."""
    found = _undoable(request, timezone.now())
    if found is None:
        messages.error(request, _("That is too long ago. Send an invitation instead."))
        return redirect("my_household")
    try:
        households.add(household=found["household"], member=found["person"], by=_log_in(request))
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("%(name)s is in the household again.") % {"name": found["person"].full_name})
    del request.session[UNDO]
    return redirect("my_household")


def _offer_undo(request: MemberRequest, person: Member, home: Household) -> None:
    if home.pk is not None and Household.objects.filter(pk=home.pk).exists():
        now = timezone.now().isoformat()
        request.session[UNDO] = {"by": request.member.pk, "member": person.pk, "household": home.pk, "at": now}


def _undoable(request: MemberRequest, at: datetime) -> dict[str, Any] | None:
    """What can be undone: the person and the household, as long as this session and both still fit."""
    kept = request.session.get(UNDO)
    if not kept or kept["by"] != request.member.pk or datetime.fromisoformat(kept["at"]) < at - UNDO_WITHIN:
        return None
    home = Household.objects.filter(pk=kept["household"]).first()
    person = Member.objects.alive().filter(pk=kept["member"], household__isnull=True).first()
    is_own = home is not None and request.member.pk in (kept["member"], home.main_member_id)
    return {"person": person, "household": home} if person and is_own else None


def _own_household(request: MemberRequest) -> Household:
    """The household the member is main member of; for anybody else there is no such page."""
    if request.member.household is None or not request.member.is_main_member:
        raise Http404
    return request.member.household


def _log_in(request: MemberRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
