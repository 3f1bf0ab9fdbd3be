"""The group "Members", which opens the pages for members only: always those who belong today.

What should be is compared with what is, and the difference written. Runs at log-in, when a membership begins or ends,
and every night, because terms also begin and end by the calendar.
"""

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.models import Group
from django.db import transaction

from core.models import User
from core.results import Result
from membership import roles
from membership.models import Member, Seat

_AT_ONCE = 500


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
        belonging, inside = belonging.filter(user__in=ids), inside.filter(user__in=ids)
        sitting = sitting.filter(member__user__in=ids)
    should = {*belonging.values_list("user_id", flat=True), *sitting.values_list("member__user", flat=True)}
    are = set(inside.values_list("user_id", flat=True))
    new, gone = sorted(should - are), sorted(are - should)
    User.groups.through.objects.bulk_create(
        [User.groups.through(user_id=pk, group_id=group.pk) for pk in new], batch_size=_AT_ONCE, ignore_conflicts=True
    )
    for start in range(0, len(gone), _AT_ONCE):
        User.groups.through.objects.filter(group=group, user__in=gone[start : start + _AT_ONCE]).delete()
    result = Result()
    if new:
        result.add("let in", times=len(new))
    if gone:
        result.add("taken out", times=len(gone))
    return result
