"""Does the money add up? Every balance against the sum of its rows, every reversal against what it undoes.

All in the database, with a fixed number of queries, so that a large association can run it every night.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Abs
from django.utils.translation import gettext as _

from core.money import formatted
from invoicing import ledger_check as invoices_check
from invoicing.models import Invoice, InvoiceLine
from payments.books import years
from payments.models import Allocation, Payment, ProviderPayment, WriteOff
from payments.reminders import ledger_check as reminders_check
from payments.sums import MONEY, sum_of

MOST_SENTENCES = 100  # of one kind; then only how many more there are
# SQLite adds decimals as floats: less than half an øre off is not off.
_OFF = Decimal("0.004")


@dataclass
class Report:
    """What was counted, and a sentence for each thing that does not add up."""

    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def last_line(self) -> str:
        """The whole in one line."""
        return _(
            "Ledger check: %(invoices)d invoices, %(credit_notes)d credit notes, %(payments)d payments, "
            "%(reversals)d reversals, %(refunds)d refunds, %(allocations)d allocations, %(write_offs)d write-offs, "
            "%(problems)d problems."
        ) % {**self.counts, "problems": len(self.problems)}


def check() -> Report:
    """Check everything and return the report. Changes nothing."""
    report = Report(
        counts={
            "invoices": Invoice.objects.invoices().count(),
            "credit_notes": Invoice.objects.filter(kind=Invoice.Kind.CREDIT_NOTE).count(),
            "payments": Payment.objects.filter(reverses=None, pays_back=None).count(),
            "reversals": Payment.objects.exclude(reverses=None).count(),
            "refunds": Payment.objects.filter(reverses=None, pays_back__isnull=False).count(),
            "allocations": Allocation.objects.count(),
            "write_offs": WriteOff.objects.count(),
        },
        problems=list(invoices_check.problems()),
    )
    for found in (
        _invoices_off(),
        _payments_off(),
        _reversals_off(),
        _allocations_off(),
        _settled_but_unconfirmed(),
        _confirmed_but_owing(),
        years.changed_after_closing(),
        _online_off(),
        reminders_check.problems(),
    ):
        report.problems += _first_ones(found)
    return report


def _first_ones(sentences: Iterator[str]) -> Iterator[str]:
    more = 0
    for count, sentence in enumerate(sentences, 1):
        if count <= MOST_SENTENCES:
            yield sentence
        else:
            more += 1
    if more:
        yield _("… and %(count)d more of the same kind.") % {"count": more}


def _difference(expression: Any) -> Abs:
    return Abs(ExpressionWrapper(expression, output_field=MONEY))


def _invoices_off() -> Iterator[str]:
    """What an invoice owes is its total less what payments and credit notes cover, and what is given up."""
    rows = (
        Invoice.objects.invoices()
        .annotate(
            paid=sum_of(Allocation.objects.all(), "invoice", "amount"),
            credited=sum_of(Invoice.objects.all(), "credits", "total"),  # credit notes are negative
            given_up=sum_of(WriteOff.objects.all(), "invoice", "amount"),
        )
        .annotate(off=_difference(F("total") - F("paid") + F("credited") - F("given_up") - F("open_amount")))
    )
    for invoice in rows.filter(Q(off__gt=_OFF) | Q(paid__gt=F("total") + _OFF)).order_by("number"):
        yield _("Invoice %(number)s says %(open)s is left to pay, but its rows say %(left)s.") % {
            "number": invoice.number,
            "open": formatted(invoice.open_amount, invoice.currency),
            "left": formatted(invoice.total - invoice.paid + invoice.credited - invoice.given_up, invoice.currency),
        }


def _payments_off() -> Iterator[str]:
    """What a payment has not used is its amount less its allocations and what was paid back; nothing once it is undone,
    and nothing of a refund."""
    rows = Payment.objects.annotate(
        used=sum_of(Allocation.objects.all(), "payment", "amount"),
        paid_back=sum_of(Payment.objects.all(), "pays_back", "amount"),  # refunds are negative
    )
    undone = Q(reverses__isnull=False) | Q(reversed_by__isnull=False) | Q(pays_back__isnull=False)
    left = F("amount") - F("used") + F("paid_back")
    standing = rows.exclude(undone).annotate(off=_difference(left - F("unused_amount")))
    for payment in standing.filter(off__gt=_OFF).order_by("pk"):
        yield _("The payment %(payment)s says %(unused)s is not used, but its rows say %(left)s.") % {
            "payment": _named(payment),
            "unused": formatted(payment.unused_amount, payment.currency),
            "left": formatted(payment.amount - payment.used + payment.paid_back, payment.currency),
        }
    for undone_one in Payment.objects.filter(undone, unused_amount__gt=_OFF).order_by("pk"):
        yield _("The payment %(payment)s is undone, but says %(unused)s is not used.") % {
            "payment": _named(undone_one),
            "unused": formatted(undone_one.unused_amount, undone_one.currency),
        }


def _reversals_off() -> Iterator[str]:
    """A reversal is the opposite of its payment, and no allocation of an undone payment stands."""
    rows = Payment.objects.filter(reverses__isnull=False).annotate(
        off=_difference(F("amount") + F("reverses__amount")),
        kept=sum_of(Allocation.objects.all(), "payment", "amount")
        + sum_of(Allocation.objects.all(), "payment", "amount", outer="reverses"),
    )
    for reversal in rows.filter(Q(off__gt=_OFF) | ~Q(kept__range=(-_OFF, _OFF))).order_by("pk"):
        yield _("The reversal %(reversal)s is not the exact opposite of the payment it undoes.") % {
            "reversal": _named(reversal)
        }


def _allocations_off() -> Iterator[str]:
    """An allocation covers an invoice; one that undoes another has its invoice and the opposite amount."""
    undoing = Allocation.objects.filter(reverses__isnull=False).annotate(
        off=_difference(F("amount") + F("reverses__amount"))
    )
    of_other_money = ~Q(payment=F("reverses__payment")) & ~Q(payment__reverses=F("reverses__payment"))
    wrong = undoing.filter(Q(off__gt=_OFF) | ~Q(invoice=F("reverses__invoice")) | of_other_money)
    for allocation in wrong.order_by("pk"):
        yield _("Row %(row)s does not exactly undo the allocation it reverses.") % {"row": allocation.pk}
    for stray in Allocation.objects.exclude(invoice__kind=Invoice.Kind.INVOICE).select_related("invoice"):
        yield _("Money is booked on credit note %(number)s.") % {"number": stray.invoice.number}


def _settled_but_unconfirmed() -> Iterator[str]:
    """Who has paid is confirmed."""
    for line in _paid_for().filter(invoice__open_amount=0, period__confirmed_on=None):
        yield _("Invoice %(number)s is paid, but the membership of %(name)s is not confirmed.") % _whose(line)


def _confirmed_but_owing() -> Iterator[str]:
    """Who is confirmed has paid."""
    for line in _paid_for().filter(invoice__open_amount__gt=0, period__confirmed_on__isnull=False):
        yield _("Invoice %(number)s is not paid, but the membership of %(name)s is confirmed.") % _whose(line)


def _online_off() -> Iterator[str]:
    """What a provider received stands in the books with the same amount."""
    booked = ProviderPayment.objects.filter(payment__isnull=False).select_related("payment")
    for online in booked.exclude(captured_amount=F("payment__amount")).order_by("pk"):
        yield _("Online payment %(online)s was %(received)s at the provider, but its row in the books is another.") % {
            "online": online.reference,
            "received": formatted(online.captured_amount, online.currency),
        }


def _paid_for() -> QuerySet[InvoiceLine]:
    """Lines that cost something and were not taken back. What is included for nothing may be confirmed by itself."""
    lines = InvoiceLine.objects.filter(invoice__kind=Invoice.Kind.INVOICE, is_credited=False, amount__gt=0)
    return lines.filter(period__isnull=False).select_related("invoice").order_by("invoice__number", "position")


def _whose(line: InvoiceLine) -> dict[str, Any]:
    return {"number": line.invoice.number, "name": line.member_name}


def _named(payment: Payment) -> str:
    """A payment as the office finds it again."""
    day: date = payment.received_on
    return f"{payment.pk} ({day.isoformat()}, {formatted(payment.amount, payment.currency)})"
