"""What was owed, and what had been paid too much, at the end of any day: from the dates of the rows, not from today's.

Money counts from the day it came, and covers an invoice from that day, or from the invoice's if that is later. Credit
that is used afterwards, for a later invoice or one whose payment was undone, covers it from the day it was used.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Round
from django.utils import timezone

from core import dates, money
from core.money import ZERO
from invoicing.models import Invoice
from payments.models import Allocation, Payment, WriteOff
from payments.sums import MONEY, sum_of


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How many invoices were open at the end of a day, what was left to pay on them, and what was paid too much."""

    count: int
    open: Decimal
    credit: Decimal


def open_on(on: date) -> QuerySet[Any]:
    """The invoices that were open at the end of the day, each with `left`: what was left to pay on it then."""
    rows = Invoice.objects.invoices().filter(issued_on__lte=on)
    covered = _covering(on)
    notes = Invoice.objects.filter(issued_on__lte=on)
    given_up = WriteOff.objects.filter(written_off_on__lte=on)
    left = F("total") - sum_of(covered, "invoice", "amount") + sum_of(notes, "credits", "total")
    left -= sum_of(given_up, "invoice", "amount")
    exactly = Round(ExpressionWrapper(left, output_field=MONEY), precision=2)  # SQLite adds decimals as floats
    return rows.annotate(left=exactly).filter(left__gt=0)


def credit_on(on: date) -> Decimal:
    """What customers together had paid and no invoice had used at the end of the day."""
    came = Payment.objects.filter(received_on__lte=on).aggregate(sum=Sum("amount"))["sum"] or ZERO
    used = _covering(on).filter(invoice__issued_on__lte=on)
    return money.rounded(came - (used.aggregate(sum=Sum("amount"))["sum"] or ZERO))


def standing_on(on: date) -> Standing:
    """The sums of the day."""
    rows = open_on(on).order_by()
    total = rows.aggregate(sum=Sum("left"))["sum"] or ZERO
    return Standing(count=rows.count(), open=money.rounded(total), credit=credit_on(on))


def _covering(on: date) -> QuerySet[Allocation]:
    """What covered invoices at the end of the day: laid down with the money itself, or later, by that day.

    What is undone counts no earlier than what it undoes: the bank may date a reversal before the credit was used.
    """
    day_is_over = timezone.make_aware(datetime.combine(dates.day_after(on), time.min))
    with_the_money = Q(made_at=F("payment__recorded_at"))
    by_then = with_the_money & Q(payment__received_on__lte=on) | ~with_the_money & Q(made_at__lt=day_is_over)
    used_later = Allocation.objects.filter(
        ~with_the_money, payment=OuterRef("payment__reverses"), invoice=OuterRef("invoice"), made_at__gte=day_is_over
    )
    return Allocation.objects.filter(by_then).exclude(Exists(used_later))
