"""Whether a document has reached its payer: sent by the way that works, printed where no other does, and what bounced.

Every delivery is a row of the outbox: `invoice:1017` by e-mail, `invoice-sms:1017`, `invoice-letter:1017`; credit notes
likewise. Letters wait there until they are put into a print file (print_files.py).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, CharField, Count, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, StrIndex, Substr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.audit import log_many
from core.errors import Refused
from core.models import User
from invoicing import mails, ways
from invoicing.models import Invoice, InvoiceQuerySet, InvoiceRun, Way
from membership.models import Member
from messaging.models import Channel, Message, State

NOT_ARRIVED = (State.BOUNCED, State.FAILED, State.SUPPRESSED)
PRINTED_INSTEAD = gettext_noop("It did not arrive the other way, so it is printed.")
CREDIT_NOTES_SHOWN_FOR = timedelta(days=90)


def send_out(*, invoice: Invoice, at: datetime) -> Message | None:
    """Send a document the payer's way. What nobody can be sent, and what nobody shall be, is kept as not sent.

    The invoice of a reminder fee goes with the reminder, not by itself: none.
    """
    if invoice.fee_for_id is not None:
        return None
    member = invoice.member
    if member is None or member.died_on:
        return mails.send(invoice=invoice, at=at)
    route = ways.route_of(payer=member, at=at)
    if route.way == Way.SMS and invoice.kind == Invoice.Kind.INVOICE:
        return mails.invoice_sms(invoice=invoice, at=at)
    if route.way == Way.LETTER or (route.way == Way.SMS and ways.has_postal_address(member)):
        return mails.letter(invoice=invoice, at=at, why=route.why)
    return mails.send(invoice=invoice, at=at)


# --- what did not arrive ---------------------------------------------------------------------------------------------


def undelivered() -> InvoiceQuerySet:
    """Open invoices that did not reach their payer: bounced, refused or without an address, and not printed either.

    Not those of the dead and the erased: nothing is sent to them on purpose. The treasurer's answer is `print_instead`.
    """
    failed = _of_invoices().filter(state__in=NOT_ARRIVED).exclude(reason__in=[mails.NOBODY, mails.DECEASED])
    arrived = _of_invoices().filter(Q(channel=Channel.LETTER) | Q(state__in=[State.SENT, State.DELIVERED]))
    arrived = arrived.exclude(state__in=NOT_ARRIVED)
    return Invoice.objects.open().filter(number__in=_numbers(failed)).exclude(number__in=_numbers(arrived))


def undelivered_credit_notes(*, on: date) -> InvoiceQuerySet:
    """Credit notes of the last months that did not reach their payer, and were not printed either.

    They change what somebody owes, so they are worth a letter; but nobody waits for an answer to an old one.
    """
    about = Message.objects.filter(kind="credit_note")
    failed = about.filter(state__in=NOT_ARRIVED).exclude(reason__in=[mails.NOBODY, mails.DECEASED])
    arrived = about.filter(Q(channel=Channel.LETTER) | Q(state__in=[State.SENT, State.DELIVERED]))
    arrived = arrived.exclude(state__in=NOT_ARRIVED)
    notes = Invoice.objects.filter(kind=Invoice.Kind.CREDIT_NOTE, issued_on__gt=on - CREDIT_NOTES_SHOWN_FOR)
    return notes.filter(number__in=_numbers(failed)).exclude(number__in=_numbers(arrived))


def why_not(*, invoices: Sequence[Invoice]) -> dict[int, str]:
    """Why each of these did not arrive, in the reader's language, by number."""
    keys = {key: invoice.number for invoice in invoices for key in mails.keys(invoice)}
    rows = Message.objects.filter(unique_key__in=keys, state__in=NOT_ARRIVED).order_by("pk")
    return {keys[row.unique_key]: row.why or row.get_state_display() for row in rows}


@transaction.atomic
def print_instead(*, invoices: Iterable[Invoice], at: datetime, by: User | None) -> int:
    """Put documents that did not arrive among the letters to print. Returns how many were not there before.

    Refuses, with nothing done, when one of them has no postal address, or is for somebody who is dead.
    """
    rows = [invoice for invoice in invoices if not _letter_of(invoice).exists()]
    for invoice in rows:
        if invoice.member is not None and invoice.member.died_on:
            raise Refused(
                _("%(name)s is dead. Open the PDF of invoice %(number)s, and send it to whoever settles the estate."),
                params={"name": invoice.buyer_name, "number": invoice.number},
                code="dead",
            )
        if invoice.member is None or not ways.has_postal_address(invoice.member):
            raise Refused(
                _("%(name)s has no postal address. Write one in the registry first, then print invoice %(number)s."),
                params={"name": invoice.buyer_name, "number": invoice.number},
                code="no_address",
            )
        mails.letter(invoice=invoice, at=at, why=PRINTED_INSTEAD)
    log_many(instances=rows, action="invoicing.printed_instead", user=by)
    return len(rows)


# --- what waits for the printer --------------------------------------------------------------------------------------


def letters_waiting() -> QuerySet[Message]:
    """Everything on paper that is in no print file yet, oldest first: invoices, reminders, welcome letters."""
    return Message.objects.filter(channel=Channel.LETTER, state=State.QUEUED).order_by("pk")


def letters_of(run: InvoiceRun) -> QuerySet[Message]:
    """A run's letters that wait for the printer."""
    return letters_waiting().filter(unique_key__in=_keys(run, mails.PREFIXES["invoice"][Way.LETTER]))


def hold_back_letters(*, member: Member) -> int:
    """Somebody has died: letters to them that wait for the printer are not sent. Returns how many."""
    waiting = Message.objects.filter(channel=Channel.LETTER, state=State.QUEUED, recipient_ref=member.recipient_ref)
    return waiting.update(state=State.SUPPRESSED, reason=mails.DECEASED)


# --- how it went -----------------------------------------------------------------------------------------------------


def of_invoice(invoice: Invoice) -> list[Message]:
    """Every message that carried this document, the oldest first."""
    return list(Message.objects.filter(unique_key__in=mails.keys(invoice)).order_by("pk"))


def counts(run: InvoiceRun) -> list[dict[str, Any]]:
    """How many of a run's messages there are, by channel and state."""
    wanted = Q()
    for prefix in mails.PREFIXES["invoice"].values():
        wanted |= Q(unique_key__in=_keys(run, prefix))
    rows = Message.objects.filter(wanted, kind="invoice").order_by("channel", "state").values("channel", "state")
    return [dict(row) for row in rows.annotate(number=Count("pk"))]


def _letter_of(invoice: Invoice) -> QuerySet[Message]:
    return Message.objects.filter(unique_key=mails.key(invoice, Way.LETTER))


def _of_invoices() -> QuerySet[Message]:
    prefixes = mails.PREFIXES["invoice"].values()
    known = Q()
    for prefix in prefixes:
        known |= Q(unique_key__startswith=prefix)
    return Message.objects.filter(known, kind="invoice")


def _numbers(messages: QuerySet[Message]) -> QuerySet[Message, Any]:
    """The numbers of the documents that messages carry: what stands after the colon of their keys."""
    number = Cast(Substr("unique_key", StrIndex("unique_key", Value(":")) + 1), BigIntegerField())
    return messages.order_by().annotate(document=number).values("document")


def _keys(run: InvoiceRun, prefix: str) -> QuerySet[Invoice, Any]:
    key = Concat(Value(prefix), Cast("number", CharField()), output_field=CharField())
    return run.invoices.order_by().annotate(key=key).values("key")
