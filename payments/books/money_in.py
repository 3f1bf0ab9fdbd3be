"""What came in and went out again, day by day and by where we have it from: what is held against the bank's list."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, Sum

from core import money
from core.money import ZERO
from payments.models import Payment


@dataclass(frozen=True, kw_only=True)
class Day:
    """One source on one day: how many payments came and how much, how much was undone, and what is left of both."""

    on: date
    source: str
    count: int
    came: Decimal
    undone: Decimal

    @property
    def net(self) -> Decimal:
        return self.came - self.undone


def by_day(*, first: date, last: date) -> list[Day]:
    """A row for each day and source with payments. What was undone counts on the day it was, under its own source."""
    rows = (
        Payment.objects.filter(received_on__range=(first, last))
        .order_by()
        .values("received_on", "source", "reverses__source")
        .annotate(
            count=Count("pk", filter=Q(reverses=None, pays_back=None)),
            came=Sum("amount", filter=Q(amount__gt=0)),
            undone=Sum("amount", filter=Q(amount__lt=0)),
        )
    )
    found: dict[tuple[date, str], Day] = {}
    for row in rows:
        key = (row["received_on"], row["reverses__source"] or row["source"])
        old = found.get(key) or Day(on=key[0], source=key[1], count=0, came=ZERO, undone=ZERO)
        found[key] = Day(
            on=key[0],
            source=key[1],
            count=old.count + row["count"],
            came=old.came + money.rounded(row["came"] or ZERO),
            undone=old.undone - money.rounded(row["undone"] or ZERO),
        )
    return [found[key] for key in sorted(found)]


def by_month(days: list[Day]) -> list[Day]:
    """The same, a row for each month and source, dated the first of the month."""
    found: dict[tuple[date, str], Day] = {}
    for day in days:
        key = (day.on.replace(day=1), day.source)
        old = found.get(key) or Day(on=key[0], source=key[1], count=0, came=ZERO, undone=ZERO)
        found[key] = Day(on=key[0], source=key[1], count=old.count + day.count, came=old.came + day.came,
                         undone=old.undone + day.undone)  # fmt: skip
    return [found[key] for key in sorted(found)]
