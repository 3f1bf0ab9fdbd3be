""" "Member since": the first day of the unbroken membership, with the organisation's setting for gaps."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.conf import settings

from core import dates
from membership.models import Member, Period


def chain_start(rows: Iterable[Period], *, gap_days: int = 0) -> date | None:
    """Return the first day of the latest unbroken chain of terms. Void terms do not count.

    Two terms belong to one chain when at most `gap_days` days lie between them.
    """
    start = previous_end = None
    for row in sorted(rows, key=lambda period: period.starts_on):
        if row.is_void:
            continue
        if start is None or previous_end is None or _is_broken(previous_end, row.starts_on, gap_days):
            start = row.starts_on
        if row.last_day is None:
            break
        previous_end = row.last_day
    return start


def _is_broken(last_on: date, next_on: date, gap_days: int) -> bool:
    return (next_on - dates.day_after(last_on)).days > gap_days


def remember(*, opened: Sequence[Period], earlier: Mapping[int, Sequence[Period]]) -> None:
    """Set "member since" of those whose membership begins, or begins anew after a gap that is too long.

    `earlier` has the terms each member had before, by the member's primary key. What an import said about the years
    before the register stays while the chain is unbroken.
    """
    changed = []
    for period in opened:
        since = _since(period, earlier.get(period.member_id, []))
        if since != period.member.member_since:
            period.member.member_since = since
            changed.append(period.member)
    Member.objects.bulk_update(changed, ["member_since"], batch_size=500)


def _since(period: Period, earlier: Sequence[Period]) -> date:
    known = period.member.member_since
    if known is None:
        return period.starts_on
    ran = [row for row in earlier if not row.is_void]
    if not ran:
        is_from_void_terms = bool(earlier) and known >= min(row.starts_on for row in earlier)
        return period.starts_on if is_from_void_terms else known
    last_days = [row.last_day for row in ran if row.last_day is not None]
    if len(last_days) < len(ran) or not _is_broken(max(last_days), period.starts_on, _gap_days()):
        return known
    return period.starts_on


def _gap_days() -> int:
    return settings.CLIENT.membership.gap_days
