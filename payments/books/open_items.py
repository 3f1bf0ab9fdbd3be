"""What was owed, and what had been paid too much, at the end of any day: from the dates of the rows, not from today's.

Money counts from the day it came. It covers an invoice from that day, or from the invoice's if that is later.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Round

from core import money
from core.money import ZERO
from invoicing.models import Invoice
from payments.models import Allocation, Payment, WriteOff

_MONEY: Any = DecimalField(max_digits=14, decimal_places=2)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How many invoices were open at the end of a day, what was left to pay on them, and what was paid too much."""

    count: int
    open: Decimal
    credit: Decimal


def open_on(on: date) -> QuerySet[Any]:
    """The invoices that were open at the end of the day, each with `left`: what was left to pay on it then."""
    rows = Invoice.objects.invoices().filter(issued_on__lte=on)
    covered = Allocation.objects.filter(payment__received_on__lte=on)
    notes = Invoice.objects.filter(issued_on__lte=on)
    given_up = WriteOff.objects.filter(written_off_on__lte=on)
    left = F("total") - _sum_of(covered, "invoice", "amount") + _sum_of(notes, "credits", "total")
    left -= _sum_of(given_up, "invoice", "amount")
    exactly = Round(ExpressionWrapper(left, output_field=_MONEY), precision=2)  # SQLite adds decimals as floats
    return rows.annotate(left=exactly).filter(left__gt=0)


def credit_on(on: date) -> Decimal:
    """What customers together had paid and no invoice had used at the end of the day."""
    came = Payment.objects.filter(received_on__lte=on).aggregate(sum=Sum("amount"))["sum"] or ZERO
    used = Allocation.objects.filter(payment__received_on__lte=on, invoice__issued_on__lte=on)
    return money.rounded(came - (used.aggregate(sum=Sum("amount"))["sum"] or ZERO))


def standing_on(on: date) -> Standing:
    """The sums of the day."""
    rows = open_on(on).order_by()
    total = rows.aggregate(sum=Sum("left"))["sum"] or ZERO
    return Standing(count=rows.count(), open=money.rounded(total), credit=credit_on(on))


def _sum_of(rows: QuerySet[Any], by: str, amount: str) -> Coalesce:
    of_this = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(sum=Sum(amount))
    return Coalesce(Subquery(of_this.values("sum")), ZERO, output_field=_MONEY)
