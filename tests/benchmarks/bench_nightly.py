"""The night on which nothing is due, with 100,000 members against 1,000: what is not due is not even read."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import batched

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config import nightly
from core.models import User
from invoicing.models import Invoice, InvoiceLine
from membership.models import Member, MembershipType, Period
from tests.benchmarks.harness import Measurement, Row, bench, best_of, grow

SMALL = 1_000
TIMES = 5
ON = date(2027, 6, 15)
YEARS = (2025, 2026, 2027)


def fill_up_to(n: int) -> None:
    """Members with log-ins and three paid years, each with its invoice. Bare rows: making them is not measured."""
    type_, at = MembershipType.objects.get(code="E"), timezone.now()
    for numbers in batched(range(Member.objects.count() + 1, n + 1), 2_000):
        users = User.objects.bulk_create(
            User(username=f"b{number}", email=f"b{number}@example.org", password="!") for number in numbers
        )
        members = Member.objects.bulk_create(
            Member(
                member_number=f"B{number}", first_names="Kåre", last_name=f"Ærlig {number}", user=user,
                email=user.email, registered_on=date(2025, 1, 1), member_since=date(2025, 1, 1),
                search_text=f"kåre ærlig {number} b{number}",
            )
            for number, user in zip(numbers, users, strict=True)
        )  # fmt: skip
        for year in YEARS:
            periods = Period.objects.bulk_create(
                Period(
                    member=member, type=type_, starts_on=date(year, 1, 1), ends_on=date(year, 12, 31),
                    price=Decimal("400"), source=Period.Source.RENEWED, confirmed_on=date(year, 1, 9),
                    pay_by=date(year, 1, 16), opened_on=date(year, 1, 2), has_next=year != YEARS[-1],
                    notice_sent_on=date(year, 12, 21) if year != YEARS[-1] else None,
                )
                for member in members
            )  # fmt: skip
            _invoice(periods, year, at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _invoice(periods: list[Period], year: int, at: datetime) -> None:
    invoices = Invoice.objects.bulk_create(
        Invoice(
            number=year * 1_000_000 + int(period.member.member_number[1:]), kid=f"{year}{period.pk:011}",
            member=period.member, member_number=period.member.member_number, seller={}, pdf="made.pdf",
            buyer_name=period.member.full_name, total=Decimal("400"), open_amount=Decimal("0"), issued_at=at,
            issued_on=date(year, 1, 2), due_on=date(year, 1, 16),
        )
        for period in periods
    )  # fmt: skip
    InvoiceLine.objects.bulk_create(
        InvoiceLine(invoice=invoice, position=1, text=f"Enslig {year}", unit_price=400, amount=400, period=period)
        for invoice, period in zip(invoices, periods, strict=True)
    )


def idle(n: int) -> tuple[Measurement, int]:
    """What the whole night takes with n members, and how many queries it asks."""
    fill_up_to(n)
    at = timezone.now()

    def night() -> None:
        done = {title: str(result) for title, result in nightly.run(on=ON, at=at) if result.changed}
        assert not done, done

    for _title, _result in nightly.run(on=ON, at=at):  # the first lets the log-ins in to the members' pages
        pass
    with CaptureQueriesContext(connection) as queries:
        night()
    asked = len(queries)
    return best_of(TIMES, night), asked


@bench("nightly_idle", n=100_000)
def nightly_idle(n: int) -> Iterator[Row]:
    small, small_queries = idle(SMALL)
    large, queries = idle(n)
    assert queries == small_queries, f"{small_queries} queries at {SMALL}, {queries} at {n}"
    yield grow(n=n, large=large, small_n=SMALL, small=small, queries=queries)
