"""What a member takes away of the follow-up with "My data"."""

from datetime import date

from django.utils.translation import gettext as _

from membership.models import Member
from membership.my_data import DataPart, headings
from payments.models import PaymentPlan, Reminder, Snooze


def reminders(member: Member, on: date) -> DataPart:
    """Each reminder of the member's invoices, each time they were given more time, and each payment plan."""
    columns = [*headings(Reminder, "invoice", "step", "sent_on", "pay_by", "channel", "fee"), ("what", _("what"))]
    rows: list[tuple[object, ...]] = [
        (row.invoice.number, row.step, row.sent_on, row.pay_by, row.get_channel_display(), row.fee, _("reminder"))
        for row in Reminder.objects.filter(invoice__member=member).select_related("invoice")
    ]
    rows += [
        (row.invoice.number, "", row.asked_on, row.until, "", "", _("more time"))
        for row in Snooze.objects.filter(invoice__member=member).select_related("invoice")
    ]
    plans = PaymentPlan.objects.filter(invoice__member=member).select_related("invoice").prefetch_related("instalments")
    rows += [
        (plan.invoice.number, "", plan.proposed_on, "", "", "",
         _("payment plan") + f" ({plan.get_state_display()}): "
         + "; ".join(f"{part.due_on.isoformat()} {part.amount}" for part in plan.instalments.all()))
        for plan in plans
    ]  # fmt: skip
    return DataPart(order=320, name="reminders", title=_("Reminders"), columns=columns, rows=rows)
