"""Reminder fees: an invoice of their own, because an issued invoice never changes.

A fee has its number in the same series, its own line and its own KID; it stands beside the invoice it is for
(`fee_for`) until money or a credit note settles it. So the books need no other rule for it than for any invoice. It
goes out with the reminder, never by itself, and nobody is reminded of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import counters
from core.audit import log_many
from invoicing.accounts import Account, known_or_first
from invoicing.closing import refuse_closed
from invoicing.credit_notes import credit
from invoicing.invoices import new_kids
from invoicing.models import Invoice, InvoiceLine
from invoicing.signals import invoices_issued


@dataclass(frozen=True, kw_only=True)
class Fee:
    """What a reminder of an invoice costs, and by when it is to be paid. The invoice still has its payer."""

    invoice: Invoice
    amount: Decimal
    due_on: date


@transaction.atomic
def charge(*, fees: Sequence[Fee], on: date, at: datetime) -> list[Invoice]:
    """Issue an invoice for each fee, in the order given. What somebody has paid too much covers it at once.

    Whether a fee is lawful is for the caller to know (payments/reminders/fees.py). No VAT: it is no sale. Refuses a
    day in a closed year.
    """
    if not fees:
        return []
    refuse_closed(on)
    kids = _kids(fees)
    numbers = counters.take("invoice", len(fees))
    issued = [_invoice(fee, number, kid, on, at) for fee, number, kid in zip(fees, numbers, kids, strict=True)]
    Invoice.objects.bulk_create(issued)
    InvoiceLine.objects.bulk_create(_line(invoice) for invoice in issued)
    log_many(instances=issued, action="invoicing.issued")
    invoices_issued.send(sender=Invoice, invoices=issued, at=at)
    return issued


def _kids(fees: Sequence[Fee]) -> list[str]:
    """A KID for each, by the rule of the account its invoice is paid to."""
    places: dict[Account, list[int]] = {}
    for place, fee in enumerate(fees):
        places.setdefault(known_or_first(fee.invoice.account_number), []).append(place)
    kids: dict[int, str] = {}
    for account, theirs in places.items():
        payers = [member for place in theirs if (member := fees[place].invoice.member) is not None]
        kids |= dict(zip(theirs, new_kids(payers, account=account), strict=True))
    return [kids[place] for place in range(len(fees))]


@transaction.atomic
def waive(*, invoice: Invoice, on: date, at: datetime, reason: str) -> list[Invoice]:
    """Credit what is left of an invoice's fees, because the invoice itself is taken back. Returns the credit notes."""
    standing = invoice.fees.open().order_by("number")
    return [credit(invoice=fee, on=on, at=at, by=None, reason=reason) for fee in standing]


def _invoice(fee: Fee, number: int, kid: str, on: date, at: datetime) -> Invoice:
    """The payer and the seller are those of the invoice, as they were printed there."""
    of = fee.invoice
    return Invoice(
        number=number,
        kid=kid,
        fee_for=of,
        issued_on=on,
        issued_at=at,
        due_on=max(fee.due_on, on),
        member=of.member,
        language=of.language,
        seller=of.seller,
        buyer_name=of.buyer_name,
        buyer_address=of.buyer_address,
        buyer_number=of.buyer_number,
        member_number=of.member_number,
        currency=of.currency,
        account_number=known_or_first(of.account_number).number,
        total=fee.amount,
        open_amount=fee.amount,
    )


def _line(invoice: Invoice) -> InvoiceLine:
    assert invoice.fee_for is not None
    with override(invoice.language):
        text = _("Reminder fee, invoice %(number)s") % {"number": invoice.fee_for.number}
    return InvoiceLine(invoice=invoice, position=1, text=text, unit_price=invoice.total, amount=invoice.total)
