"""What the office's page of one invoice tells of reminders: what was sent, what comes next, and why not."""

from datetime import date

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from invoicing.invoice_panels import InvoicePanel
from invoicing.models import Invoice
from payments.models import Reminder, Snooze
from payments.reminders import arrival, due, schedule


def of_invoice(request: HttpRequest, invoice: Invoice, on: date) -> InvoicePanel | None:
    """The follow-up of one invoice. Nothing for credit notes and fees, which nobody is reminded of."""
    if invoice.kind != Invoice.Kind.INVOICE or invoice.fee_for_id is not None:
        return None
    answer = due.answer(invoice=invoice, on=on)
    is_open = not invoice.is_settled
    sent = list(Reminder.objects.filter(invoice=invoice).select_related("fee_invoice", "made_by", "invoice"))
    messages = arrival.messages_of(sent)
    is_due = answer.falls_due_on is not None and answer.falls_due_on <= on
    return InvoicePanel(
        order=200,
        heading=_("Reminders"),
        template="payments/office/reminders/panel.html",
        context={
            "reminders": [(row, messages.get(row.pk)) for row in sent],
            "answer": answer,
            "is_due": is_due,
            "may_tell": is_due or arrival.unreached().filter(invoice=invoice).exists(),
            "is_last_sent": is_open and answer.number is None and bool(schedule.last()),
            "snooze": Snooze.objects.filter(invoice=invoice).first(),
            "plans": invoice.plans.prefetch_related("instalments"),
            "may_act": is_open and request.user.has_perm("payments.send_reminder"),
        },
        permission="payments.view_reminder",
    )
