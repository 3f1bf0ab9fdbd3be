"""A reminder on paper, for whom none reaches otherwise: in the books as given by letter. papers.py prints it."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Refused
from core.models import User
from invoicing.models import Invoice
from payments.models import Reminder
from payments.reminders import sending


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
