"""What invoices put into the treasurer's inbox: those that did not arrive, messages nobody knows about, PDFs and runs
that stopped."""

from collections.abc import Callable
from datetime import date

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import money
from invoicing import deliveries, ways
from invoicing.inbox import SHOWN, InboxPart, InboxRow
from invoicing.models import Invoice
from invoicing.office_menu import may_issue
from messaging import policies
from messaging.models import Message, State

ABOUT_MONEY = (
    "invoice", "credit_note", "reminder", "plan_agreed", "plan_refused", "plan_broken", "payment_received",
    "payment_undone", "paid_back",
)  # fmt: skip


def not_arrived(request: HttpRequest, on: date) -> InboxPart | None:
    """Open invoices that bounced, were refused, or had no way to go."""
    if not request.user.has_perm("invoicing.view_invoice"):
        return None
    rows = deliveries.undelivered().order_by("due_on", "number")
    return InboxPart(
        order=500, title=_("Invoices that did not arrive"), count=rows.count(), rows=_lost(request, rows), tone="warn",
        why=_("Nobody is reminded of an invoice they never got. Correct the address, or print it and post it."),
    )  # fmt: skip


def credit_notes_not_arrived(request: HttpRequest, on: date) -> InboxPart | None:
    """Credit notes that bounced, were refused, or had no way to go."""
    if not request.user.has_perm("invoicing.view_invoice"):
        return None
    rows = deliveries.undelivered_credit_notes(on=on).order_by("issued_on", "number")
    return InboxPart(
        order=510, title=_("Credit notes that did not arrive"), count=rows.count(), rows=_lost(request, rows),
        tone="warn",
        why=_("They do not know that they need not pay. Correct the address, or print it and post it. Those older than "
              "three months are not shown."),
    )  # fmt: skip


def _lost(request: HttpRequest, rows: QuerySet[Invoice]) -> Callable[[], list[InboxRow]]:
    """The first of these documents, why each did not arrive, and for those who may the button that prints it."""

    def shown() -> list[InboxRow]:
        found = list(rows.select_related("member")[:SHOWN])
        why = deliveries.why_not(invoices=found)
        return [
            InboxRow(
                text=_named(row), detail=why.get(row.number, ""), action=_("Open"),
                url=reverse("invoices:inspect", args=[row.pk]), deed=_("Print instead ($$$)"),
                deed_url=_print_url(row) if may_issue(request) and _is_postable(row) else "",
            )
            for row in found
        ]  # fmt: skip

    return shown


def _is_postable(invoice: Invoice) -> bool:
    return invoice.member is not None and ways.has_postal_address(invoice.member)


def _print_url(invoice: Invoice) -> str:
    return f"{reverse('invoice_print_instead', args=[invoice.pk])}?next={reverse('treasury_inbox')}"


def unknown(request: HttpRequest, on: date) -> InboxPart | None:
    """Messages about money that may or may not have arrived. What surely did not has its own part: invoices here,
    reminders and answers about plans with the reminders."""
    if not request.user.has_perm("messaging.view_message"):
        return None
    rows = Message.objects.filter(kind__in=ABOUT_MONEY, state=State.UNKNOWN).order_by("pk")
    return InboxPart(
        order=210, title=_("Messages nobody knows about"), count=rows.count(), tone="warn",
        rows=lambda: [
            InboxRow(text=row.subject or policies.name(row.kind), detail=f"{policies.name(row.kind)} · {row.address}",
                     action=_("Decide"), url=reverse("messaging_message", args=[row.pk]))
            for row in rows[:SHOWN]
        ],
        why=_("The connection broke while these were sent, so they may have arrived or not. They are not sent again "
              "until somebody decides."),
    )  # fmt: skip


def without_pdf(request: HttpRequest, on: date) -> InboxPart | None:
    """Invoices that could not be printed."""
    if not request.user.has_perm("invoicing.view_invoice"):
        return None
    rows = Invoice.objects.without_pdf().exclude(pdf_error="").order_by("number")
    return InboxPart(
        order=220, title=_("Invoices without PDF"), count=rows.count(), tone="bad",
        rows=lambda: [
            InboxRow(text=_named(row), detail=row.pdf_error, action=_("Open"),
                     url=reverse("invoices:inspect", args=[row.pk]))
            for row in rows[:SHOWN]
        ],
        why=_("They have not been sent, because the PDF could not be made. It is tried again by itself; if it goes on, "
              "show the message to whoever runs the program."),
        url=f"{reverse('invoices:index')}?without_pdf=true", url_label=_("See all"),
    )  # fmt: skip


def _named(invoice: Invoice) -> str:
    is_invoice = invoice.kind == Invoice.Kind.INVOICE
    amount = money.formatted(invoice.open_amount if is_invoice else invoice.total, invoice.currency)
    return f"{invoice.buyer_name}, {invoice}, {amount}"
