"""More time to pay: a member takes it once, within what the client allows; the office gives what it likes."""

from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core import dates
from core.errors import Refused
from core.models import User
from invoicing.models import Invoice
from payments.models import PaymentPlan, Snooze


def latest(*, invoice: Invoice, on: date) -> date | None:
    """The last day a member may put the invoice off to; None where they may not, or not again.

    More time that the office gave, and that is over, does not use up the member's own. Counted from the due date, or
    from today when that is past.
    """
    days = settings.CLIENT.reminders.snooze_days
    if not days or invoice.is_settled or invoice.fee_for_id is not None:
        return None
    snooze = Snooze.objects.filter(invoice=invoice).first()
    if snooze is not None and snooze.leaves_nothing_to_ask(on=on):
        return None
    if PaymentPlan.objects.standing().filter(invoice=invoice).exists():
        return None
    return dates.days_after(max(on, invoice.due_on), days)


@transaction.atomic
def ask(*, invoice: Invoice, until: date, on: date, by: User | None) -> Snooze:
    """A member takes more time. Refuses a second time, and a day that is too late or not in the future."""
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    last = latest(invoice=invoice, on=on)
    if last is None:
        raise Refused(_("This invoice cannot be put off again. Write to us if you cannot pay it."), code="not_again")
    if not on < until <= last:
        raise Refused(_("Choose a day from tomorrow until %(date)s."), code="too_late",
                      params={"date": date_format(last)})  # fmt: skip
    mine = {"until": until, "asked_on": on, "by_member": True, "member_has_asked": True}
    snooze, _is_new = Snooze.objects.update_or_create(invoice=invoice, defaults=mine)
    log(instance=invoice, action="payments.snoozed", user=by, data={"until": until.isoformat()})
    return snooze


@transaction.atomic
def grant(*, invoice: Invoice, until: date, on: date, by: User | None) -> Snooze:
    """The office gives more time, or less than before: until today ends it. Refuses a day that is past."""
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if invoice.is_settled:
        raise Refused(_("The invoice has nothing left to pay."), code="settled")
    if until < on:
        raise Refused(_("That day is past. Choose today or a later day."), code="past")
    ours = {"until": until, "asked_on": on, "by_member": False}
    snooze, _is_new = Snooze.objects.update_or_create(invoice=invoice, defaults=ours)
    log(instance=invoice, action="payments.snoozed", user=by, data={"until": until.isoformat()})
    return snooze
