"""Invitations by e-mail: to a household, to be its main member, to an organisation's seat.

A link is signed and has a row that says until when. Opening it changes nothing; the button on its page does. Whoever
invites is told the same whether the address is known here or not, and nobody enters the registry without their own
yes, in their own words and with their own consents.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from core import dates, tokens
from core.errors import Refused
from core.models import User
from core.results import Result
from membership import consents as consent_story
from membership import households, mails, members, periods, prices, seats
from membership.consents import ConsentGiven
from membership.members import PersonData
from membership.models import Household, Invitation, Member, MembershipType, Period

Kind, State = Invitation.Kind, Invitation.State
VALID_FOR = timedelta(days=14)
MOST_OPEN = 10
MOST_AN_HOUR = 5
ADULT = 18  # who gets invoices


@transaction.atomic
def invite(
    *, inviter: Member, email: str, name: str = "", on: date, at: datetime, by: User | None = None
) -> Invitation:
    """The main member asks somebody to join the household. Who has a household's membership and none yet gets one.

    Refuses when others would have to pay for it, and more than so many at a time or an hour.
    """
    home = inviter.household
    if home is not None and home.main_member_id != inviter.pk:
        raise Refused(_("Only the main member can invite. Ask %(name)s."), code="not_main",
                      params={"name": str(home.main_member or "")})  # fmt: skip
    carrying_term(main=inviter, on=on)
    if home is None:
        home = households.form(members=[inviter], main_member=inviter, on=on, by=by)
    return _send(Invitation(kind=Kind.HOUSEHOLD, household=home, invited_by=inviter), email, name, at, by)


@transaction.atomic
def invite_to_seat(
    *, organisation: Member, inviter: Member | None, email: str, name: str = "", on: date, at: datetime,
    by: User | None = None,
) -> Invitation:  # fmt: skip
    """An organisation, its contact person or the office offers somebody a seat. An open offer keeps its seat free."""
    seats.refuse_without_room(organisation=organisation, on=on, at=at)
    row = Invitation(kind=Kind.SEAT, organisation=organisation, invited_by=inviter)
    return _send(row, email, name, at, by)


def _send(row: Invitation, email: str, name: str, at: datetime, by: User | None) -> Invitation:
    """Keep the invitation and send it, within the limits."""
    _lock_place(row)
    where = {"household": row.household, "organisation": row.organisation, "kind": row.kind}
    still_open = Invitation.objects.filter(**where).open(at=at)
    if still_open.filter(email__iexact=email, name__iexact=name).exists():
        raise Refused(
            _("%(email)s has an invitation that waits for an answer. Withdraw it first to send a new one."),
            code="waits", params={"email": email},
        )  # fmt: skip
    recent = Invitation.objects.filter(**where, sent_at__gt=at - timedelta(hours=1)).count()
    if recent >= MOST_AN_HOUR or still_open.count() >= MOST_OPEN:
        raise Refused(_("So many invitations have been sent that you have to wait. Try again in an hour."),
                      code="too_many")  # fmt: skip
    asked_from = row.invited_by or row.organisation
    row.email, row.name, row.sent_at, row.expires_at = email, name, at, at + VALID_FOR
    row.language = asked_from.language if asked_from else settings.CLIENT.site.language
    row.save()
    log(instance=row.household or row.organisation, action="membership.invitation.sent", user=by)
    mails.invitation(invitation=row, at=at)
    return row


def _lock_place(row: Invitation) -> None:
    """Two invitations to one place at once are counted one after the other."""
    if row.household is not None:
        Household.objects.select_for_update().get(pk=row.household.pk)
    elif row.organisation is not None:
        Member.objects.select_for_update().get(pk=row.organisation.pk)


@transaction.atomic
def ask_to_take_over(*, household: Household, to: Member, on: date, at: datetime, by: User | None = None) -> Invitation:
    """The main member asks another of the household to be it. A question to somebody else before is withdrawn."""
    if to.household_id != household.pk or to.died_on or to.pk == household.main_member_id:
        raise Refused(_("%(name)s is not in this household. Add the person first."), code="not_in_household",
                      params={"name": to.full_name})  # fmt: skip
    if to.born_on and dates.age_on(to.born_on, on) < ADULT:
        raise Refused(_("%(name)s is under %(age)s, and cannot get invoices. Choose an adult."), code="age",
                      params={"name": to.full_name, "age": ADULT})  # fmt: skip
    if to.user_id is None:
        raise Refused(_("%(name)s has no e-mail address and cannot answer. Ask the office to do it."),
                      code="no_email", params={"name": to.full_name})  # fmt: skip
    household.invitations.filter(kind=Kind.MAIN_MEMBER, state=State.OPEN).update(state=State.WITHDRAWN, decided_at=at)
    row = Invitation.objects.create(
        kind=Kind.MAIN_MEMBER, household=household, invited_by=household.main_member, member=to, name=to.full_name,
        language=to.language, sent_at=at, expires_at=at + VALID_FOR,
    )  # fmt: skip
    log(instance=to, action="membership.household.asked_to_take_over", user=by)
    mails.asked_to_be_main_member(invitation=row, at=at)
    return row


def question_to(*, member: Member, at: datetime) -> Invitation | None:
    """Return the open question to a member, whether they want to be main member; none when nobody asks.

    One whose asker is no longer main member, or that went to somebody who has moved, is none any more.
    """
    rows = member.invitations.open(at=at).filter(kind=Kind.MAIN_MEMBER, household=member.household_id)
    row = rows.select_related("household", "invited_by").first()
    return row if row and row.household and row.household.main_member_id == row.invited_by_id else None


@transaction.atomic
def take_over(*, invitation: Invitation, at: datetime, by: User | None = None) -> None:
    """The one who was asked says yes, and is the main member."""
    row = _answerable(invitation, at)
    if row.member is None or row.household is None or question_to(member=row.member, at=at) is None:
        raise _gone()
    households.hand_over(household=row.household, to=row.member, by=by)
    _close(row, State.ACCEPTED, at)


@transaction.atomic
def withdraw(*, invitation: Invitation, at: datetime, by: User | None = None) -> None:
    """Take an invitation back. Its link answers with a sentence from now on. One that is answered stays as it is."""
    row = _locked(invitation)
    if row.state == State.OPEN:
        _close(row, State.WITHDRAWN, at)
        log(instance=row.household or row.organisation, action="membership.invitation.withdrawn", user=by)


@transaction.atomic
def decline(*, invitation: Invitation, at: datetime) -> None:
    """The one who was asked says no. Nothing is kept of who it was."""
    _close(_answerable(invitation, at), State.DECLINED, at)


def read(*, token: str, at: datetime) -> Invitation:
    """Return the invitation of a link. Changes nothing. Refuses one that is cut off, withdrawn, answered or too old."""
    key = tokens.read(mails.INVITATION, token)
    row = Invitation.objects.select_related("household__main_member", "organisation", "invited_by").filter(pk=key)
    found = row.first()
    if found is None:
        raise _gone()
    return _refuse_answered(found, at)


@transaction.atomic
def accept_new(
    *, invitation: Invitation, data: PersonData, consents: Sequence[ConsentGiven], language: str, on: date,
    at: datetime,
) -> Member:  # fmt: skip
    """Somebody who is not logged in says yes, with data of their own. Return their entry in the registry.

    Their address is the invitation's. Whoever stands in the registry already with this address, name and date of
    birth is found, not doubled, and keeps what stands there.
    """
    row = _answerable(invitation, at)
    member = _known(row.email, data)
    if member is None:
        member = members.create(data=_with_address(row, data), on=on, language=language)
        consent_story.record_each(members=[member], given=consents, at=at, source="form")
    else:
        _record(member, consents, at)
    _admit(row, member, on, at, None)
    return member


@transaction.atomic
def accept_as(*, invitation: Invitation, member: Member, on: date, at: datetime, by: User | None) -> Member:
    """Somebody who is logged in says yes as one of their own members."""
    _admit(_answerable(invitation, at), member, on, at, by)
    return member


def _known(email: str, data: PersonData) -> Member | None:
    """The living member of this address with the same name, and no other date of birth."""
    same = Member.objects.alive().filter(
        email__iexact=email, first_names__iexact=data.first_names, last_name__iexact=data.last_name
    )
    rows = [row for row in same[:2] if not (row.born_on and data.born_on and row.born_on != data.born_on)]
    return rows[0] if len(rows) == 1 else None


def _with_address(row: Invitation, data: PersonData) -> PersonData:
    """The invitation's e-mail address, and the household's home: they live together."""
    main = row.household.main_member if row.household else None
    home: dict[str, Any] = {name: getattr(main, name) for name in households.ADDRESS} if main else {}
    return replace(data, email=row.email, **home)


def _record(member: Member, given: Sequence[ConsentGiven], at: datetime) -> None:
    for answer in given:
        if answer.is_given:
            consent_story.record(
                member=member, purpose=answer.purpose, channel=answer.channel, is_given=True, at=at, source="form",
                text=answer.text,
            )  # fmt: skip


def _admit(row: Invitation, member: Member, on: date, at: datetime, by: User | None) -> None:
    """Let them in where they were invited to, and close the invitation."""
    if row.organisation is not None:
        seats.take(organisation=row.organisation, member=member, on=on, by=by)
    else:
        assert row.household is not None
        _move_in(row.household, member, on, at, by)
    row.member = member
    _close(row, State.ACCEPTED, at)
    mails.invitation_accepted(invitation=row, at=at)
    if _asker_lives_there(row):
        mails.moved_in(invitation=row, at=at)


def _asker_lives_there(row: Invitation) -> bool:
    """Whether who asked is still of the household: nobody else is told who lives there."""
    asker = row.invited_by
    return row.household is not None and asker is not None and asker.household_id == row.household.pk


def _move_in(household: Household, member: Member, on: date, at: datetime, by: User | None) -> None:
    """Move in, and get the household's membership unless one of their own runs: that one runs to its end first."""
    main = household.main_member
    if main is None:
        raise _gone()
    term = carrying_term(main=main, on=on)
    if member.household_id == household.pk:
        raise Refused(_("%(name)s is in this household already."), code="in_household",
                      params={"name": member.full_name})  # fmt: skip
    households.add(household=household, member=member, by=by)
    runs = member.periods.filter(ended_on__isnull=True).with_last_day()
    if not any(period.last_day is None or period.last_day >= on for period in runs):
        periods.open_periods(terms=[_term(member, term, on)], on=on, at=at)


def carrying_term(*, main: Member, on: date) -> Period:
    """Return the main member's running term that carries the household. Refuses when there is none."""
    rows = Period.objects.covering(on).filter(member=main).select_related("type", "wanted_type")
    found = next((row for row in rows if row.invoiced_type.kind == MembershipType.Kind.HOUSEHOLD_MAIN), None)
    if found is None or MembershipType.objects.of_kind(MembershipType.Kind.HOUSEHOLD_SECONDARY) is None:
        raise Refused(
            _("%(name)s has no membership that others can join. Change to a family membership first."),
            code="one_person", params={"name": main.full_name},
        )  # fmt: skip
    return found


def quote_for(*, term: Period, on: date) -> prices.Quote:
    """Return what one more person in the household costs until the main member's term ends; the payer gets it."""
    secondary = MembershipType.objects.of_kind(MembershipType.Kind.HOUSEHOLD_SECONDARY)
    assert secondary is not None
    return prices.quote(member=None, type=secondary, on=on, joining=True)


def _term(member: Member, main: Period, on: date) -> periods.Term:
    """The newcomer's term: it ends with the main member's, and is paid with it; a trial goes with a trial."""
    secondary = MembershipType.objects.of_kind(MembershipType.Kind.HOUSEHOLD_SECONDARY)
    assert secondary is not None
    quote = quote_for(term=main, on=on)
    is_paid = main.confirmed_on is not None and not quote.amount
    return periods.Term(
        member=member,
        type=main.type if main.is_trial else secondary,
        wanted_type=secondary if main.is_trial else None,
        starts_on=max(on, main.starts_on),
        ends_on=main.last_day,
        quote=quote,
        source=Period.Source.JOINED,
        confirmed_on=on if is_paid else None,
        pay_by=main.pay_by if not is_paid else None,
        paid_with_period=main,
    )


def expire(*, at: datetime) -> Result:
    """Close the invitations nobody answered in time, and forget whom they went to. Twice changes nothing."""
    result = Result()
    late = Invitation.objects.filter(state=State.OPEN, expires_at__lte=at)
    if number := late.update(state=State.EXPIRED, decided_at=at, email="", name=""):
        result.add("invitations forgotten", times=number)
    return result


def _close(row: Invitation, state: str, at: datetime) -> None:
    """Answered: the address is not needed any more."""
    row.state, row.decided_at, row.email, row.name = state, at, "", ""
    row.save(update_fields=["state", "decided_at", "email", "name", "member"])


def _answerable(invitation: Invitation, at: datetime) -> Invitation:
    return _refuse_answered(_locked(invitation), at)


def _refuse_answered(row: Invitation, at: datetime) -> Invitation:
    if row.state != State.OPEN or row.expires_at <= at:
        raise _gone()
    return row


def _locked(invitation: Invitation) -> Invitation:
    """Read the row again and hold it, so that two answers at once are one."""
    rows = Invitation.objects.select_for_update(of=("self",))
    return rows.select_related("household__main_member", "organisation", "invited_by", "member").get(pk=invitation.pk)


def _gone() -> Refused:
    return Refused(
        _("This invitation has been answered or withdrawn, or it is too old. Ask for a new one."), code="gone"
    )
