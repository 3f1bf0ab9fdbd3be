"""A reminder on paper, for whom none reaches otherwise: printed one by one, and in the books as given by letter."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.errors import Refused
from core.models import User
from core.money import ZERO
from invoicing import documents
from invoicing.models import Invoice
from payments.models import Reminder
from payments.reminders import schedule, sending


@transaction.atomic
def print_instead(*, invoice: Invoice, on: date, at: datetime, by: User | None) -> Reminder:
    """The reminder that did not arrive counts as given today, by a letter that somebody prints and posts.

    Refuses without a postal address on the invoice, and when none is due nor lost.
    """
    if not invoice.buyer_address:
        raise Refused(
            _("Invoice %(number)s has no postal address on it. Call %(name)s, and say so on the invoice."),
            params={"number": invoice.number, "name": invoice.buyer_name}, code="no_address",
        )  # fmt: skip
    made = sending.record_by_hand(invoice=invoice, channel="letter", on=on, at=at, by=by)
    if made is None:
        raise Refused(_("No reminder is due for this invoice now."), code="not_due")
    return made


def pdf(*, reminder: Reminder) -> bytes:
    """The letter: what is left to pay with the fees so far, and until when. Raises press.PrintError if it cannot be."""
    invoice = reminder.invoice
    fees = sum((fee.open_amount for fee in invoice.fees.open()), ZERO)
    with override(invoice.language):
        parts = [_("We cannot see that this invoice has been paid.")]
        if reminder.step == schedule.last():
            parts.append(
                _("This is the last reminder. If the invoice is not paid in time, the membership ends. You do not owe "
                  "anything then.")
            )  # fmt: skip
        parts.append(_("Have you paid in the last few days? Then you need not do anything."))
        heading = _("Reminder")
    return documents.reminder_pdf(
        invoice=invoice, heading=heading, text="\n\n".join(parts), on=reminder.sent_on, pay_by=reminder.pay_by,
        left=invoice.open_amount, fee=fees,
    )  # fmt: skip
