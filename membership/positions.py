"""Offices: electing somebody to one, ending it, and who holds which on a date."""

from datetime import date

from django.db import transaction
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from core.errors import Refused
from core.models import User
from membership.models import Committee, Member, Position
from membership.models.positions import PositionQuerySet

Office = Position.Office


@transaction.atomic
def elect(
    *, committee: Committee, member: Member, office: int, starts_on: date, ends_on: date | None, by: User | None,
    title: str = "",
) -> Position:  # fmt: skip
    """Let somebody hold an office from a day to a day, both included; without a last day until further notice.

    Who is elected again gets a new term. Refuses two terms of the same person in the same office at once, a term that
    ends before it starts, an organisation, and the dead.
    """
    if not member.is_person or member.died_on:
        raise Refused(_("%(name)s cannot hold an office. Choose a living person."), code="member",
                      params={"name": member.full_name})  # fmt: skip
    if ends_on and ends_on < starts_on:
        raise Refused(_("The last day is before the first. Change one of them."), code="days")
    Committee.objects.select_for_update().get(pk=committee.pk)
    same = committee.positions.filter(member=member, office=office, title=title)
    same = same.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on))
    if overlap := same.filter(Q(starts_on__lte=ends_on) if ends_on else Q()).first():
        raise Refused(
            _("%(name)s holds this office from %(date)s already. End that term first."), code="overlap",
            params={"name": member.full_name, "date": date_format(overlap.starts_on)},
        )  # fmt: skip
    position = Position.objects.create(
        committee=committee, member=member, office=office, title=title, starts_on=starts_on, ends_on=ends_on
    )
    log(instance=member, action="membership.position.begun", user=by)
    return position


@transaction.atomic
def end(*, position: Position, last_on: date, by: User | None) -> None:
    """Let a term end on a day: earlier or later than was meant. Refuses a day before it began."""
    if last_on < position.starts_on:
        raise Refused(_("The office began on %(date)s. Choose that day or a later one."), code="days",
                      params={"date": date_format(position.starts_on)})  # fmt: skip
    position.ends_on = last_on
    position.save(update_fields=["ends_on"])
    log(instance=position.member, action="membership.position.ended", user=by)


def on_a_date(on: date) -> PositionQuerySet:
    """Every office that is held on the date: the boards first, each in the order of its offices."""
    rows = Position.objects.held(on).select_related("committee__branch", "member")
    whole_first = F("committee__branch__name").asc(nulls_first=True)
    return rows.order_by(
        "-committee__is_board", whole_first, "committee__name", "committee_id", "office", "title", "pk"
    )


def board(*, on: date) -> PositionQuerySet:
    """The organisation's board on the date, the leader first; branches have boards of their own."""
    return on_a_date(on).of_boards().filter(committee__branch__isnull=True)
