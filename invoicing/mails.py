"""Every message about invoices: one function each, named after what it says."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_noop, override

from core import money
from invoicing import kid, printing
from invoicing.models import Invoice
from invoicing.paid_terms import paid_terms
from invoicing.parties import printed
from messaging import outbox
from messaging.models import Message
from messaging.rendering import render

NOBODY = gettext_noop("The invoice is nobody's any more: the member has been erased.")
DECEASED = gettext_noop("The member is deceased.")


def send(*, invoice: Invoice, at: datetime) -> Message:
    """The mail that belongs to the document."""
    return globals()[invoice.kind](invoice=invoice, at=at)


def invoice(*, invoice: Invoice, at: datetime) -> Message:
    """What is to be paid, for what, how and by when; with the PDF. Without an address it is kept as not sent.

    Where earlier payments or a credit note cover a part of it already, or all, it says so, and what is left.
    """
    with override(invoice.language):
        covered = printing.covered(invoice)
    return _queue(
        template="invoice",
        invoice=invoice,
        at=at,
        unique_key=f"invoice:{invoice.number}",
        context={
            "total": money.formatted_exactly(invoice.total, invoice.currency, language=invoice.language),
            "covered": covered,
            "nothing_left": invoice.is_settled,
            "paid_terms": paid_terms(invoice) if invoice.is_settled else None,
            "amount": money.formatted_exactly(invoice.open_amount, invoice.currency, language=invoice.language),
            "account": printing.account(invoice.account_number),
            "kid": kid.grouped(invoice.kid),
        },
    )


def credit_note(*, invoice: Invoice, at: datetime) -> Message:
    """That an invoice, or some of it, need not be paid, and what is left to pay; with the credit note as PDF."""
    credited = invoice.credits
    assert credited is not None
    left = money.formatted_exactly(credited.open_amount, credited.currency, language=invoice.language)
    return _queue(
        template="credit_note",
        invoice=invoice,
        at=at,
        unique_key=f"credit-note:{invoice.number}",
        context={
            "amount": money.formatted_exactly(-invoice.total, invoice.currency, language=invoice.language),
            "credited": credited.number,
            "reason": invoice.reason,
            "left": left if credited.open_amount else "",
            "left_due_on": printed(credited.due_on),
            "account": printing.account(credited.account_number),
            "kid": kid.grouped(credited.kid),
        },
    )


def _queue(*, template: str, invoice: Invoice, at: datetime, unique_key: str, context: dict[str, object]) -> Message:
    member = invoice.member
    common = {
        "number": invoice.number,
        "name": invoice.buyer_name,
        "lines": [line.description for line in invoice.lines.all()],
        "due_on": printed(invoice.due_on),
        "my_page": settings.WAGTAILADMIN_BASE_URL.rstrip("/") + reverse("my_invoices"),
    }
    draft = outbox.Draft(
        template=template,
        kind=template,
        recipient_ref=member.recipient_ref if member else f"invoice:{invoice.pk}",
        address=member.email if member else "",
        language=invoice.language,
        unique_key=unique_key,
        words=render(template, context={**common, **context}, language=invoice.language),
        attachments=[f"invoice:{invoice.pk}"],
        suppressed_because=NOBODY if member is None else DECEASED if member.died_on else "",
    )
    return outbox.queue_words(draft=draft, at=at)
