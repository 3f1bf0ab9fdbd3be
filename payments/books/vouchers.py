"""The journal for the accountant: each invoice, credit note, payment, reversal and loss as a voucher that balances.

A plain list of vouchers, a line a posting, which every Norwegian accounting program reads from CSV or Excel; the
account numbers are the client's ([books] in its snippet). SAF-T is what accounting systems report from, with a whole
ledger of their own; ours is the subsidiary ledger that feeds it. Names of people are left out: the voucher's number
leads to the document.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from heapq import merge

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.money import ZERO
from invoicing import vat
from invoicing.models import Invoice, InvoiceLine
from payments.models import Payment, WriteOff

_AT_ONCE = 1000

ACCOUNT_NAMES: dict[str, str | Promise] = {
    "bank": _("Bank"),
    "provider": _("Held by payment providers"),
    "receivables": _("Receivables"),
    "dues": _("Membership dues"),
    "other_income": _("Other income"),
    "vat": _("VAT on sales"),
    "losses": _("Losses on receivables"),
}


_LOSS = {True: _("Loss"), False: _("Loss undone")}


@dataclass(frozen=True, kw_only=True)
class Posting:
    """So much on one account, which is a key of `ACCOUNT_NAMES`. Debit is positive, credit negative."""

    account: str
    amount: Decimal
    vat_percent: Decimal = ZERO
    type_code: str = ""
    branch_code: str = ""


@dataclass(frozen=True, kw_only=True)
class Voucher:
    """One thing that happened, with its number and its postings, which add up to nothing."""

    on: date
    number: str
    text: str
    postings: list[Posting]


def vouchers(*, first: date, last: date) -> Iterator[Voucher]:
    """Yield all of the days from first to last, both included, by date; a portion of rows in memory at a time."""
    kinds = (_documents(first, last), _money(first, last), _losses(first, last))
    yield from merge(*kinds, key=lambda voucher: voucher.on)


def account_number(account: str) -> str:
    """The number the client's accountant has for an account."""
    return str(getattr(settings.CLIENT.books, account))


def of_invoice(invoice: Invoice) -> Voucher:
    """An invoice or credit note: owed by the customer, earned by line, with the VAT of each rate apart."""
    lines = [line for line in invoice.lines.all() if line.amount]
    owed_to_the_state = [
        Posting(account="vat", amount=-one.vat, vat_percent=one.percent) for one in vat.by_rate(lines) if one.vat
    ]
    postings = [Posting(account="receivables", amount=invoice.total), *map(_earned, lines), *owed_to_the_state]
    letter = "F" if invoice.kind == Invoice.Kind.INVOICE else "K"
    return Voucher(on=invoice.issued_on, number=f"{letter}{invoice.number}", text=str(invoice), postings=postings)


def _earned(line: InvoiceLine) -> Posting:
    net = line.amount - vat.inside(line.amount, line.vat_percent)
    return Posting(
        account="dues" if line.type_code else "other_income", amount=-net, vat_percent=line.vat_percent,
        type_code=line.type_code, branch_code=line.branch_code,
    )  # fmt: skip


def of_payment(payment: Payment) -> Voucher:
    """Money that came, or was undone: on the bank's account, and no longer owed by the customer."""
    original = payment.reverses or payment
    place = "provider" if original.source == Payment.Source.PROVIDER else "bank"
    postings = [
        Posting(account=place, amount=payment.amount),
        Posting(account="receivables", amount=-payment.amount),
    ]
    letter = "B" if payment.reverses is None else "T"
    text = payment.get_source_display()  # a reason is free text, and may name somebody
    return Voucher(on=payment.received_on, number=f"{letter}{payment.pk}", text=text, postings=postings)


def of_write_off(row: WriteOff) -> Voucher:
    """What was given up: a loss, and no longer owed by the customer. A row that undoes another is turned round."""
    postings = [Posting(account="losses", amount=row.amount), Posting(account="receivables", amount=-row.amount)]
    return Voucher(on=row.written_off_on, number=f"L{row.pk}", text=str(_LOSS[row.reverses is None]), postings=postings)


def _documents(first: date, last: date) -> Iterator[Voucher]:
    rows = Invoice.objects.filter(issued_on__range=(first, last)).order_by("issued_on", "number")
    for invoice in rows.prefetch_related("lines").iterator(chunk_size=_AT_ONCE):
        yield of_invoice(invoice)


def _money(first: date, last: date) -> Iterator[Voucher]:
    rows = Payment.objects.filter(received_on__range=(first, last)).order_by("received_on", "pk")
    for payment in rows.select_related("reverses").iterator(chunk_size=_AT_ONCE):
        yield of_payment(payment)


def _losses(first: date, last: date) -> Iterator[Voucher]:
    rows = WriteOff.objects.filter(written_off_on__range=(first, last)).order_by("written_off_on", "pk")
    for row in rows.iterator(chunk_size=_AT_ONCE):
        yield of_write_off(row)
