"""Every message about invoices: one function each, named after what it says."""

from datetime import datetime

from django.utils.translation import gettext_noop, override

from core import money, web_addresses
from invoicing import kid, printing
from invoicing.models import Invoice, Way
from invoicing.paid_terms import paid_terms
from invoicing.parties import printed
from invoicing.ways_to_pay import link_to_pay
from messaging import outbox
from messaging.models import Channel, Message
from messaging.rendering import Words, render
from messaging.sms import segments

NOBODY = gettext_noop("The invoice is nobody's any more: the member has been erased.")
DECEASED = gettext_noop("The member is deceased.")
# The beginnings of the messages' unique keys, by kind of document and by way; the document's number stands after them.
PREFIXES: dict[str, dict[str, str]] = {
    "invoice": {Way.EMAIL: "invoice:", Way.SMS: "invoice-sms:", Way.LETTER: "invoice-letter:"},
    "credit_note": {Way.EMAIL: "credit-note:", Way.LETTER: "credit-note-letter:"},
}


def key(invoice: Invoice, way: str) -> str:
    """The unique key of the message that carries this document that way."""
    return f"{PREFIXES[invoice.kind][way]}{invoice.number}"


def keys(invoice: Invoice) -> list[str]:
    """The keys of every message that may have carried this document."""
    return [key(invoice, way) for way in PREFIXES[invoice.kind]]


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
        unique_key=key(invoice, Way.EMAIL),
        context={
            "total": money.formatted_exactly(invoice.total, invoice.currency, language=invoice.language),
            "covered": covered,
            "nothing_left": invoice.is_settled,
            "paid_terms": paid_terms(invoice) if invoice.is_settled else None,
            "amount": money.formatted_exactly(invoice.open_amount, invoice.currency, language=invoice.language),
            "account": printing.account(invoice.account_number),
            "kid": kid.grouped(invoice.kid),
            "pay_now": link_to_pay(invoice),
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
        unique_key=key(invoice, Way.EMAIL),
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


def invoice_sms(*, invoice: Invoice, at: datetime) -> Message:
    """What is to be paid and how, in as few parts as possible ($$$), with the address where the invoice is read."""
    member = invoice.member
    assert member is not None
    draft = outbox.Draft(
        template="invoice",
        kind="invoice",
        channel=Channel.SMS,
        recipient_ref=member.recipient_ref,
        address=member.mobile,
        language=invoice.language,
        unique_key=key(invoice, Way.SMS),
        words=sms_words(invoice),
    )
    return outbox.queue_words(draft=draft, at=at)


def sms_words(invoice: Invoice) -> Words:
    """The words of an invoice's SMS. Spaces that do not break would double its price, so they are made plain."""
    context = {
        "number": invoice.number,
        "amount": money.formatted_exactly(invoice.open_amount, invoice.currency, language=invoice.language),
        "due_on": printed(invoice.due_on),
        "account": invoice.account_number,
        "kid": invoice.kid,
        "nothing_left": invoice.is_settled,
        "my_page": web_addresses.of("my_invoices"),
    }
    words = render("invoice", context=context, language=invoice.language, channel=Channel.SMS)
    return Words(text=segments.cheaper(words.text))


def letter(*, invoice: Invoice, at: datetime, why: str) -> Message:
    """The document on paper ($$$): it waits in the outbox until it is put into a print file. `why` it is paper.

    To the dead nothing goes: it is kept as not sent.
    """
    member = invoice.member
    assert member is not None
    with override(invoice.language):
        subject = str(invoice)
    draft = outbox.Draft(
        template="letter",
        kind=invoice.kind,
        channel=Channel.LETTER,
        recipient_ref=member.recipient_ref,
        address=", ".join(line for line in invoice.buyer_address.splitlines() if line),
        language=invoice.language,
        unique_key=key(invoice, Way.LETTER),
        words=Words(subject=subject, text=""),
        attachments=[f"invoice:{invoice.pk}"],
        suppressed_because=DECEASED if member.died_on else "",
    )
    message = outbox.queue_words(draft=draft, at=at)
    if not message.reason:
        message.reason = why
        message.save(update_fields=["reason"])
    return message


def _queue(*, template: str, invoice: Invoice, at: datetime, unique_key: str, context: dict[str, object]) -> Message:
    member = invoice.member
    common = {
        "number": invoice.number,
        "name": invoice.buyer_name,
        "lines": [line.description for line in invoice.lines.all()],
        "due_on": printed(invoice.due_on),
        "my_page": web_addresses.of("my_invoices"),
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
