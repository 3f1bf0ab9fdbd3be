"""Do reminders and their fees agree? Each fee's invoice belongs to one reminder, and says what that one charged."""

from collections.abc import Iterator

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from invoicing.models import Invoice
from payments.models import Reminder
from payments.reminders import fees


def problems() -> Iterator[str]:
    """A sentence for each fee that does not add up, or is not lawful. Streamed; nothing is changed."""
    stray = Invoice.objects.of_fees().filter(charged_by=None).order_by("number")
    for number in stray.values_list("number", flat=True).iterator():
        yield _("Invoice %(number)s is for a reminder fee, but no reminder charged it.") % {"number": number}
    wrong = Reminder.objects.filter(fee_invoice__isnull=False).filter(
        ~Q(fee_invoice__total=F("fee")) | ~Q(fee_invoice__fee_for=F("invoice"))
    )
    for number in wrong.order_by("pk").values_list("fee_invoice__number", flat=True).iterator():
        yield _("The reminder fee on invoice %(number)s is not the one that its reminder charged.") % {"number": number}
    for reminder in Reminder.objects.filter(fee__gt=0).select_related("invoice").order_by("pk").iterator():
        if reminder.fee > fees.lawful(on=reminder.sent_on, due_on=reminder.invoice.due_on, charged=0):
            yield _("The reminder fee of invoice %(number)s is higher than the law allows.") % {
                "number": reminder.invoice.number
            }
    third = Reminder.objects.filter(fee__gt=0).values("invoice__number").order_by("invoice__number")
    for row in third.annotate(times=Count("pk")).filter(times__gt=fees.MOST_TIMES).iterator():
        yield _("Invoice %(number)s has had more reminder fees than the law allows.") % {
            "number": row["invoice__number"]
        }
