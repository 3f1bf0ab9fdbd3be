"""The renewal: next year's terms opened and invoiced, with log, gapless numbers, KIDs and the worker's tasks."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import batched, count
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from core import counters
from invoicing import kid, parties
from invoicing.models import Invoice, InvoiceLine
from membership import renewal
from membership.models import Member, MembershipType, Period
from tests.benchmarks.harness import Row, bench, compare, measure

ON = date(2027, 1, 2)
DUE_ON = date(2027, 1, 16)
_ONE_BY_ONE = 2_000


def register(n: int) -> None:
    """Members whose paid year is over. Bare rows: making them is not measured."""
    type_ = MembershipType.objects.get(code="E")
    for numbers in batched(range(1, n + 1), 2_000):
        members = Member.objects.bulk_create(
            Member(
                member_number=str(number), first_names="Kåre", last_name=f"Ærlig {number}", place="Trondheim",
                address_line_1="Fjordgata 1", postcode="7010", email=f"m{number}@example.no",
                registered_on=date(2026, 1, 1), member_since=date(2026, 1, 1),
            )
            for number in numbers
        )  # fmt: skip
        Period.objects.bulk_create(
            Period(
                member=member, type=type_, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31),
                price=Decimal("400.00"), source=Period.Source.IMPORTED, confirmed_on=date(2026, 1, 5),
                opened_on=date(2026, 1, 1),
            )
            for member in members
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def take_back() -> None:
    """Undo a renewal, so that the same can be done in another way."""
    for model in (InvoiceLine, Invoice, ModelLogEntry):
        model.objects.all()._raw_delete(model.objects.db)
    Period.objects.filter(opened_on=ON)._raw_delete(Period.objects.db)


def due(n: int) -> Iterator[tuple[Member, MembershipType, Period]]:
    rows = Period.objects.select_related("member", "type").order_by("pk")[:n]
    return ((period.member, period.type, period) for period in rows.iterator(chunk_size=2_000))


def next_period(member: Member, type_: MembershipType, before: Period) -> Period:
    return Period(
        member=member, type=type_, starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31), price=Decimal("400.00"),
        source=Period.Source.RENEWED, follows=before, opened_on=ON, pay_by=DUE_ON,
    )  # fmt: skip


def invoice_of(member: Member, number: int, seller: dict[str, Any]) -> Invoice:
    return Invoice(
        number=number, kid=kid.with_check_digit(f"{int(member.member_number):07}{number:07}", 10), member=member,
        issued_on=ON, due_on=DUE_ON, issued_at=timezone.now(), seller=seller, buyer_name=member.full_name,
        buyer_address=parties.address(member, language="nb"), member_number=member.member_number, language="nb",
        total=Decimal("400.00"), open_amount=Decimal("400.00"), account_number="86011117947",
    )  # fmt: skip


def line_of(invoice: Invoice, period: Period) -> InvoiceLine:
    return InvoiceLine(
        invoice=invoice, position=1, text="Enslig 2027", unit_price=Decimal("400.00"), amount=Decimal("400.00"),
        period=period, member_name=invoice.buyer_name,
    )  # fmt: skip


def one_by_one(n: int) -> None:
    """A transaction a member: the term, a number from the locked counter, the invoice, its line and the log."""
    seller = parties.seller()
    for member, type_, before in due(n):
        with transaction.atomic():
            period = next_period(member, type_, before)
            period.save()
            log(instance=member, action="membership.period.opened")
            invoice = invoice_of(member, counters.take("invoice")[0], seller)
            invoice.save()
            line_of(invoice, period).save()
            log(instance=invoice, action="invoicing.issued")


def bare_rows(n: int) -> None:
    """The same rows in bulk: nothing is looked up, checked or locked, nobody is told."""
    seller, numbers, at = parties.seller(), count(1), timezone.now()
    kinds = ContentType.objects.get_for_models(Member, Invoice)
    for portion in batched(due(n), 500):
        with transaction.atomic():
            periods = Period.objects.bulk_create(next_period(*row) for row in portion)
            invoices = Invoice.objects.bulk_create(invoice_of(row[0], next(numbers), seller) for row in portion)
            InvoiceLine.objects.bulk_create(
                line_of(invoice, period) for invoice, period in zip(invoices, periods, strict=True)
            )
            ModelLogEntry.objects.bulk_create(
                _log_row(instance, kinds, at) for instance in [*(row[0] for row in portion), *invoices]
            )


def _log_row(instance: models.Model, kinds: Any, at: Any) -> ModelLogEntry:
    return ModelLogEntry(
        content_type=kinds[type(instance)], object_id=str(instance.pk), label=str(instance), action="x", timestamp=at
    )


@bench("renewal", n=100_000)
def bench_renewal(n: int) -> Iterator[Row]:
    """n members are renewed and invoiced in one night."""
    register(n)
    ours = measure(lambda: renewal.open_due_periods(on=ON, at=timezone.now()))
    numbers = Invoice.objects.aggregate(count=models.Count("pk"), last=models.Max("number"))
    assert numbers == {"count": n, "last": n}, numbers
    take_back()
    small = min(n, _ONE_BY_ONE)
    each = measure(lambda: one_by_one(small))
    yield compare(n=n, ours=ours, baseline="a locked counter and a save an invoice", theirs=each, theirs_n=small)
    take_back()
    bare = measure(lambda: bare_rows(n))
    yield compare(n=n, ours=ours, baseline="bare bulk_create of the same rows", theirs=bare)
