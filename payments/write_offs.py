"""What will never be paid of an invoice: the last kroner of a part payment, given up as a loss.

A loss and not a credit note: the invoice was right, and the income stays in the books with the loss beside it; a credit
note corrects a sales document that was wrong (bokføringsforskriften § 5-2-7), and takes income back. So an invoice of
which nothing has been paid is not written off here: it is credited, with the reason printed, and the membership is not
confirmed. Whoever has paid all but what is written off has paid: their membership is confirmed.
"""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core import dates
from core.errors import Refused
from core.models import User
from invoicing import invoices
from invoicing.closing import refuse_closed
from invoicing.models import Invoice
from payments.models import Allocation, WriteOff


@transaction.atomic
def write_off(*, invoice: Invoice, on: date, at: datetime, by: User | None, reason: str) -> WriteOff:
    """Give up what is left to pay of a partly paid invoice, which is settled then. Return the row."""
    reason = reason.strip()[:250]
    if not reason:
        raise Refused(_("Write why the rest will not be paid."), code="no_reason")
    refuse_closed(on)
    locked = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if locked.is_settled:
        raise Refused(_("Nothing is left to pay on this invoice."), code="nothing_open")
    if not _paid(locked):
        raise Refused(_("Nothing has been paid on invoice %(number)s. Credit it instead: then the income is taken back "
                        "too."), code="nothing_paid", params={"number": locked.number})  # fmt: skip
    row = WriteOff.objects.create(
        invoice=locked, amount=locked.open_amount, written_off_on=on, reason=reason, recorded_by=by, recorded_at=at
    )
    invoices.cover(invoice=locked, amount=row.amount, on=on)
    invoice.open_amount = locked.open_amount
    log(instance=locked, action="payments.written_off", user=by, data={"amount": str(row.amount)})
    return row


@transaction.atomic
def undo(*, write_off: WriteOff, at: datetime, by: User | None, reason: str) -> WriteOff:
    """The rest is owed after all. Return the row that undoes the other."""
    reason = reason.strip()[:250]
    if not reason:
        raise Refused(_("Write why it is owed after all."), code="no_reason")
    on = dates.day_of(at)
    refuse_closed(on)
    Invoice.objects.select_for_update().get(pk=write_off.invoice_id)
    if write_off.reverses_id or WriteOff.objects.filter(reverses=write_off).exists():
        raise Refused(_("This has been undone already."), code="undone_already")
    row = WriteOff.objects.create(
        invoice=write_off.invoice, amount=-write_off.amount, written_off_on=on, reason=reason, reverses=write_off,
        recorded_by=by, recorded_at=at,
    )  # fmt: skip
    invoices.uncover(invoice=write_off.invoice, amount=write_off.amount, on=on)
    log(instance=write_off.invoice, action="payments.write_off_undone", user=by)
    return row


def is_possible(invoice: Invoice) -> bool:
    """Whether there is a rest of a part payment to give up."""
    return bool(invoice.open_amount and _paid(invoice))


def _paid(invoice: Invoice) -> Decimal:
    """What payments that stand have covered."""
    return Allocation.objects.filter(invoice=invoice).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
