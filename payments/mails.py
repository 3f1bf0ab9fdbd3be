"""What we tell about payments. Each message is one function, named after what it says."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from stdnum.no import kontonr

from core.money import formatted
from invoicing import kid
from invoicing.mails import DECEASED
from invoicing.models import Invoice
from invoicing.paid_terms import paid_terms
from membership.models import Member
from messaging import outbox
from messaging.models import Message
from messaging.rendering import render
from payments.models import Payment


@dataclass(frozen=True, kw_only=True)
class Covered:
    """What the receipt says of one invoice. Amounts are ready to print; `left` is empty when nothing is owed.

    The membership paid for is confirmed until a date, for life, or (neither) not yet.
    """

    number: int
    amount: str
    left: str
    lines: list[str]
    kid: str
    account: str
    due_on: date
    is_late: bool
    is_for_life: bool
    confirmed_until: date | None


def payment_received(*, payment: Payment, at: datetime) -> Message | None:
    """A receipt: how much came, for what, what is left, until when the membership is confirmed, what became credit.

    Once a payment. Nobody to tell (None) when the money has no payer yet.
    """
    if payment.payer is None:
        return None
    rows = payment.allocations.select_related("invoice").prefetch_related("invoice__lines")
    words = _Words(payer=payment.payer, currency=payment.currency, at=at)
    context = {
        "amount": words.amount(payment.amount),
        "received_on": payment.received_on,
        "invoices": [words.covered(row.invoice, row.amount) for row in rows],
        "credit": words.amount(payment.unused_amount) if payment.unused_amount else "",
    }
    return words.queue("payment_received", unique_key=f"payment:{payment.pk}", context=context)


def payment_undone(*, payment: Payment, reversal: Payment, at: datetime) -> Message | None:
    """That a payment we sent a receipt for does not count any more, and what is left to pay now. Not why: the
    office's reason is its own. Nobody to tell (None) when the money had no payer."""
    if payment.payer is None:
        return None
    rows = reversal.allocations.select_related("invoice").prefetch_related("invoice__lines")
    words = _Words(payer=payment.payer, currency=payment.currency, at=at)
    context = {
        "amount": words.amount(payment.amount),
        "received_on": payment.received_on,
        "invoices": [words.covered(row.invoice, -row.amount) for row in rows],
    }
    return words.queue("payment_undone", unique_key=f"payment:{reversal.pk}", context=context)


def paid_back(*, payment: Payment, refund: Payment, at: datetime) -> Message | None:
    """That money of a payment is on its way back: how much, when, to which account, and what is credit still. Not why:
    the office's reason is its own. Nobody to tell (None) when the money had no payer."""
    if payment.payer is None:
        return None
    words = _Words(payer=payment.payer, currency=payment.currency, at=at)
    is_credit = payment.unused_amount and not payment.is_owed_back
    context = {
        "amount": words.amount(-refund.amount),
        "whole": words.amount(payment.amount),
        "received_on": payment.received_on,
        "paid_on": refund.received_on,
        "account": kontonr.format(refund.payer_account) if kontonr.is_valid(refund.payer_account) else "",
        "credit": words.amount(payment.unused_amount) if is_credit else "",
    }
    return words.queue("paid_back", unique_key=f"payment:{refund.pk}", context=context)


@dataclass(frozen=True, kw_only=True)
class _Words:
    """One payer's language, currency and moment."""

    payer: Member
    currency: str
    at: datetime

    def amount(self, amount: Decimal) -> str:
        return formatted(amount, self.currency, language=self.payer.language)

    def covered(self, invoice: Invoice, amount: Decimal) -> Covered:
        terms = paid_terms(invoice)
        return Covered(
            number=invoice.number,
            amount=self.amount(amount),
            left=self.amount(invoice.open_amount) if invoice.open_amount else "",
            lines=[line.description for line in invoice.lines.all()],
            kid=kid.grouped(invoice.kid),
            account=kontonr.format(invoice.account_number) if invoice.account_number else "",
            due_on=invoice.due_on,
            is_late=invoice.days_overdue(timezone.localtime(self.at).date()) > 0,
            is_for_life=terms.is_for_life,
            confirmed_until=terms.confirmed_until,
        )

    def queue(self, template: str, *, unique_key: str, context: dict[str, Any]) -> Message:
        language = self.payer.language
        about_the_payer = {"name": self.payer.full_name, "path": reverse("my_payments")}
        draft = outbox.Draft(
            template=template,
            kind=template,
            recipient_ref=self.payer.recipient_ref,
            address=self.payer.email,
            language=language,
            unique_key=unique_key,
            words=render(template, context={**about_the_payer, **context}, language=language),
            suppressed_because=DECEASED if self.payer.died_on else "",
        )
        return outbox.queue_words(draft=draft, at=self.at)
