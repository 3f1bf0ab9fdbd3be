"""What we tell about payments. Each message is one function, named after what it says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from stdnum.no import kontonr

from core.money import formatted
from invoicing import kid
from invoicing.models import Invoice
from membership.models import Period
from messaging import outbox
from messaging.models import Message
from payments.models import Payment


@dataclass(frozen=True, kw_only=True)
class Covered:
    """What the receipt says of one invoice. Amounts are ready to print; `left` is empty when nothing is owed.

    The membership paid for is confirmed until a date, for life, or (neither) not yet.
    """

    number: int
    amount: str
    left: str
    lines: list[str]
    kid: str
    account: str
    due_on: date
    is_late: bool
    is_for_life: bool
    confirmed_until: date | None


def payment_received(*, payment: Payment, at: datetime) -> Message | None:
    """A receipt: how much came, for what, what is left, until when the membership is confirmed, what became credit.

    Once a payment. Nobody to tell (None) when the money has no payer yet.
    """
    payer = payment.payer
    if payer is None:
        return None
    allocations = payment.allocations.select_related("invoice").prefetch_related("invoice__lines")

    def in_words(amount: Decimal) -> str:
        return formatted(amount, payment.currency, language=payer.language)

    return outbox.queue(
        template="payment_received",
        kind="payment_received",
        recipient_ref=payer.recipient_ref,
        address=payer.email,
        language=payer.language,
        at=at,
        unique_key=f"payment:{payment.pk}",
        context={
            "name": payer.full_name,
            "amount": in_words(payment.amount),
            "received_on": payment.received_on,
            "invoices": [_covered(row.invoice, row.amount, in_words, at) for row in allocations],
            "credit": in_words(payment.unused_amount) if payment.unused_amount else "",
            "path": reverse("my_payments"),
        },
    )


def _covered(invoice: Invoice, amount: Decimal, in_words: Callable[[Decimal], str], at: datetime) -> Covered:
    last_days = list(
        Period.objects.filter(Q(invoice_lines__invoice=invoice) | Q(follows__invoice_lines__invoice=invoice))
        .filter(confirmed_on__isnull=False, ended_on__isnull=True)
        .values_list("ends_on", flat=True)
    )
    is_for_life = None in last_days
    return Covered(
        number=invoice.number,
        amount=in_words(amount),
        left=in_words(invoice.open_amount) if invoice.open_amount else "",
        lines=[f"{line.text}: {line.member_name}" if line.member_name else line.text for line in invoice.lines.all()],
        kid=kid.grouped(invoice.kid),
        account=kontonr.format(invoice.account_number) if invoice.account_number else "",
        due_on=invoice.due_on,
        is_late=invoice.days_overdue(timezone.localtime(at).date()) > 0,
        is_for_life=is_for_life,
        confirmed_until=max((day for day in last_days if day), default=None) if not is_for_life else None,
    )
