"""What somebody has paid too much is theirs: the next invoice uses it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from invoicing.models import Invoice
from payments import allocations
from payments.models import Allocation, Payment


@transaction.atomic
def use(*, invoices: Sequence[Invoice], at: datetime) -> list[Allocation]:
    """Let the payers' credit cover their invoices, the oldest money first. Return the rows made.

    The invoice's own mail and PDF, which are made afterwards, say what was covered and what is left.
    One query when nobody has any, however many invoices. Doing it again finds nothing more to use.
    """
    found: dict[int | None, list[Payment]] = {}
    payers = {invoice.member_id for invoice in invoices if invoice.member_id and invoice.open_amount}
    rows = Payment.objects.filter(payer__in=payers, unused_amount__gt=0, amount__gt=0, is_owed_back=False)
    for payment in rows.select_for_update().order_by("received_on", "pk"):
        found.setdefault(payment.payer_id, []).append(payment)
    made: list[Allocation] = []
    for invoice in invoices:
        if invoice.member_id in found:
            made += _cover(invoice, found[invoice.member_id], at)
    return made


def _cover(invoice: Invoice, payments: Sequence[Payment], at: datetime) -> list[Allocation]:
    today = timezone.localtime(at).date()
    rows = [
        row for payment in payments for row in allocations.cover(payment=payment, invoices=[invoice], on=today, at=at)
    ]
    if rows:
        log(instance=invoice, action="payments.credit_used", data={"payments": [row.payment_id for row in rows]})
    return rows
