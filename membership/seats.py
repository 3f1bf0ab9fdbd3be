"""An organisation's seats and contact persons: taken, left, counted. A seat is no membership of its own.

Who holds a seat may read the pages for members while the organisation's own membership runs. Nothing is copied, so
nothing has to be ended with it: see `Seat.objects.giving_rights` and members_group.py.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from core.errors import Refused
from core.models import User
from membership import members_group
from membership.models import ContactPerson, Member, Period, Seat


def count(*, organisation: Member, on: date) -> int:
    """Return how many seats an organisation has on the date: its own number, else what its type gives."""
    if organisation.own_seats is not None:
        return organisation.own_seats
    rows = Period.objects.covering(on).filter(member=organisation).select_related("type", "wanted_type")
    return max((period.invoiced_type.seats for period in rows), default=0)


def refuse_without_room(*, organisation: Member, on: date, at: datetime | None = None) -> None:
    """Refuse when no seat is free. With `at`, open invitations count as taken: for giving out more of them."""
    if organisation.is_person:
        raise Refused(_("%(name)s is a person. Only organisations have seats."), code="person",
                      params={"name": organisation.full_name})  # fmt: skip
    if not Period.objects.covering(on).filter(member=organisation).exists():
        raise Refused(_("%(name)s has no running membership, and so no seats."), code="no_membership",
                      params={"name": organisation.full_name})  # fmt: skip
    taken = organisation.seats.held().count()
    if at is not None:
        taken += organisation.seat_invitations.open(at=at).count()
    total = count(organisation=organisation, on=on)
    if taken >= total:
        raise Refused(
            _("All seats of %(name)s are taken or offered: %(total)s. Free one first, or ask the office for more."),
            code="full", params={"name": organisation.full_name, "total": total},
        )  # fmt: skip


@transaction.atomic
def take(*, organisation: Member, member: Member, on: date, by: User | None = None) -> Seat:
    """Give somebody a seat. Who sits there already keeps it. Refuses when all are taken."""
    Member.objects.select_for_update().get(pk=organisation.pk)  # the last seat is given once
    held = organisation.seats.held().filter(member=member).first()
    if held is not None:
        return held
    if not member.is_person or member.died_on:
        raise Refused(_("Choose a living person for the seat."), code="person")
    refuse_without_room(organisation=organisation, on=on)
    seat = Seat.objects.create(organisation=organisation, member=member, taken_on=on)
    log(instance=organisation, action="membership.seat.taken", user=by)
    log(instance=member, action="membership.seat.taken", user=by)
    members_group.synchronise(on=on, log_ins=[member.user_id] if member.user_id else [])
    return seat


@transaction.atomic
def leave(*, seat: Seat, on: date, by: User | None = None) -> None:
    """Free a seat. The row stays as history. Leaving twice changes nothing."""
    seat = Seat.objects.select_for_update(of=("self",)).select_related("organisation", "member").get(pk=seat.pk)
    if seat.left_on is not None:
        return
    seat.left_on = max(on, seat.taken_on)
    seat.save(update_fields=["left_on"])
    log(instance=seat.organisation, action="membership.seat.left", user=by)
    log(instance=seat.member, action="membership.seat.left", user=by)
    members_group.synchronise(on=on, log_ins=[seat.member.user_id] if seat.member.user_id else [])


@transaction.atomic
def set_number(*, organisation: Member, number: int | None, by: User | None = None) -> None:
    """Give an organisation its own number of seats; none: as many as its type gives. Who sits stays sitting."""
    if organisation.is_person:
        raise Refused(_("%(name)s is a person. Only organisations have seats."), code="person",
                      params={"name": organisation.full_name})  # fmt: skip
    if organisation.own_seats == number:
        return
    organisation.own_seats = number
    organisation.save(update_fields=["own_seats"])
    log(instance=organisation, action="membership.member.changed", user=by,
        data={"fields": ["own_seats"], "source": "office"})  # fmt: skip


@transaction.atomic
def name_contact(*, organisation: Member, member: Member, what_for: str = "", by: User | None = None) -> ContactPerson:
    """Name somebody contact person: they give out the seats on My page. Naming again changes what for."""
    if organisation.is_person or not member.is_person:
        raise Refused(_("Contact persons are people, and belong to an organisation."), code="person")
    row, is_new = ContactPerson.objects.update_or_create(
        organisation=organisation, member=member, defaults={"what_for": what_for}
    )
    if is_new:
        log(instance=organisation, action="membership.contact.named", user=by)
    return row


@transaction.atomic
def drop_contact(*, contact: ContactPerson, by: User | None = None) -> None:
    """They are contact person no longer."""
    log(instance=contact.organisation, action="membership.contact.dropped", user=by)
    contact.delete()


@transaction.atomic
def let_go(*, member: Member, on: date, by: User | None = None) -> None:
    """Somebody died: their seats are free, and they are contact person of nobody."""
    for seat in member.seats_held.held():
        leave(seat=seat, on=on, by=by)
    for contact in member.contact_for.select_related("organisation"):
        drop_contact(contact=contact, by=by)


def organisations_of(*, member: Member) -> list[Member]:
    """Return the organisations whose seats a member gives out: itself, or those it is contact person of."""
    if not member.is_person:
        return [member]
    return list(Member.objects.alive().filter(contacts__member=member).order_by("last_name", "pk"))


def log_ins_through(*, organisation_ids: list[int]) -> list[int]:
    """Return the log-ins of those who sit in these organisations: their rights follow its periods."""
    rows = Seat.objects.held().filter(organisation__in=organisation_ids, member__user__isnull=False)
    return list(rows.values_list("member__user", flat=True).distinct())
