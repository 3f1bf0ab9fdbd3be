"""The group "Members", which opens the pages for members only: always those who belong today.

What should be is compared with what is, and the difference written. Runs at log-in, when a membership begins or ends,
and every night, because terms also begin and end by the calendar: for those whose do, and once a month for everybody.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth.models import Group
from django.db import transaction

from core import chores, dates
from core.inserts import insert_pairs
from core.models import User
from core.results import Result
from membership import roles
from membership.models import Member, Period, Seat

MANY = 500  # more than so many are not looked at one by one
NAME = "members' pages"


def keep_up(*, on: date, at: datetime) -> Result:
    """Let in and take out whomever the calendar has moved since the night this was last done for, by the date `on`.
    Twice changes nothing; nights that were missed are caught up, and so is one that comes in the wrong order.

    The first night of a month looks at everybody, should anything have slipped by the other doors.
    """
    with chores.turn(NAME, at=at) as chore:
        if chore is None:
            return Result()  # another night is at it
        since = date.fromisoformat(chore.place["on"]) if chore.place else None
        log_ins = None
        if since is not None and (since.year, since.month) == (on.year, on.month):
            # One day too many, so that there is a night's work also where the same is done again.
            log_ins = _moved(dates.day_before(min(since, on)), max(since, on))
        result = synchronise(on=on, log_ins=log_ins)
        chores.remember(chore, {"on": on.isoformat()})
    return result


def _moved(first: date, last: date) -> list[int] | None:
    """The log-ins of those whose terms begin or end on these days, and of whoever has a seat in an organisation among
    them. None where they are many: everybody is looked at faster."""
    turning = Period.objects.turning(first, last).order_by().values_list("member", flat=True)
    members = list(turning.distinct()[: MANY + 1])
    if len(members) > MANY:
        return None
    own = Member.objects.filter(pk__in=members, user__isnull=False).values_list("user_id", flat=True)
    seats = Seat.objects.filter(organisation__in=members, member__user__isnull=False)
    return [*own.order_by(), *seats.order_by().values_list("member__user", flat=True)]


@transaction.atomic
def synchronise(*, on: date, log_ins: Iterable[int] | None = None) -> Result:
    """Let in the log-ins of those who belong on the date, and take out the others. Twice changes nothing.

    `log_ins` limits it to some log-ins, by their ids. A log-in is in as long as one of its members belongs,
    or has a seat in an organisation that does.
    """
    group, _is_new = Group.objects.get_or_create(name=roles.MEMBERS)
    belonging = Member.objects.alive().belonging(on=on).filter(user__isnull=False)
    sitting = Seat.objects.giving_rights(on=on).filter(member__died_on__isnull=True, member__user__isnull=False)
    inside = User.groups.through.objects.filter(group=group)
    if log_ins is not None:
        ids = [pk for pk in log_ins if pk is not None]
        belonging, inside = belonging.filter(user__pk__among=ids), inside.filter(user__pk__among=ids)
        sitting = sitting.filter(member__user__pk__among=ids)
    should = {*belonging.values_list("user_id", flat=True), *sitting.values_list("member__user", flat=True)}
    are = set(inside.values_list("user_id", flat=True))
    new, gone = sorted(should - are), sorted(are - should)
    insert_pairs(User.groups.through, "user", "group", [(pk, group.pk) for pk in new])
    if gone:
        User.groups.through.objects.filter(group=group, user__pk__among=gone).delete()
    result = Result()
    if new:
        result.add("let in", times=len(new))
    if gone:
        result.add("taken out", times=len(gone))
    return result
