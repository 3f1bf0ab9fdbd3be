"""What the children of the nursery do with invoices: each function is called in a process of its own."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from invoicing import pdf
from membership import renewal
from membership.models import Member, Period
from tests.makers import make_type

RENEWAL_DAY = date(2027, 1, 2)


def register(count: int) -> None:
    """So many members whose paid year is over, written straight into the tables."""
    type_ = make_type("E")
    first = Member.objects.count() + 1
    members = Member.objects.bulk_create(
        Member(
            member_number=str(number), last_name=f"Nordmann {number}", first_names="Kari",
            email=f"m{number}@example.org", registered_on=date(2026, 1, 1), member_since=date(2026, 1, 1),
        )
        for number in range(first, first + count)
    )  # fmt: skip
    Period.objects.bulk_create(
        Period(
            member=member, type=type_, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), price=Decimal(400),
            source=Period.Source.IMPORTED, confirmed_on=date(2026, 1, 5), opened_on=date(2026, 1, 1),
        )
        for member in members
    )  # fmt: skip


def renew() -> None:
    """The night of the renewal."""
    renewal.open_due_periods(on=RENEWAL_DAY, at=timezone.now())


def print_what_is_missing() -> None:
    """What the sweeper and the night do for PDFs, until nothing is left."""
    for minute in range(60):
        if not pdf.make_missing(at=timezone.now() + timedelta(minutes=minute)).changed:
            return
