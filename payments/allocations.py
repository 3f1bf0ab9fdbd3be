"""So much of a payment for so much of an invoice: laid down, and taken up again by opposite rows."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from invoicing import invoices as owed
from invoicing.models import Invoice
from payments.models import Allocation, Payment


def cover(*, payment: Payment, invoices: Sequence[Invoice], on: date, at: datetime) -> list[Allocation]:
    """Let what is left of a payment cover the invoices in order, as far as it goes. Return the rows made.

    Call it in the transaction that holds the invoices, or that made the payment.
    """
    rows = []
    for invoice in invoices:
        amount = min(payment.unused_amount, invoice.open_amount)
        if amount > 0:
            rows.append(cover_one(payment=payment, invoice=invoice, amount=amount, on=on, at=at))
    return rows


def cover_one(*, payment: Payment, invoice: Invoice, amount: Decimal, on: date, at: datetime) -> Allocation:
    """Let exactly so much of a payment cover an invoice. Refuses more than the invoice owes; see `cover`."""
    row = Allocation.objects.create(payment=payment, invoice=invoice, amount=amount, made_at=at)
    payment.unused_amount -= amount
    payment.save(update_fields=["unused_amount"])
    owed.cover(invoice=invoice, amount=amount, on=on)
    return row


def release(*, payment: Payment, amount: Decimal, on: date, at: datetime) -> None:
    """Free so much of a payment from its invoices, the last one covered first; what it frees is owed again.

    Each allocation is taken up whole, and what it keeps is laid down anew. Call it with the payment under lock, and
    for no more than its invoices have of it.
    """
    standing = payment.allocations.filter(reverses=None, reversed_by=None, amount__gt=0).select_related("invoice")
    for row in standing.order_by("-made_at", "-pk"):
        if amount <= 0:
            break
        freed = min(amount, row.amount)
        Allocation.objects.create(payment=payment, invoice=row.invoice, amount=-row.amount, reverses=row, made_at=at)
        payment.unused_amount += row.amount
        payment.save(update_fields=["unused_amount"])
        owed.uncover(invoice=row.invoice, amount=row.amount, on=on)
        if kept := row.amount - freed:
            cover_one(payment=payment, invoice=row.invoice, amount=kept, on=on, at=at)
        amount -= freed


def uncover(*, payment: Payment, reversal: Payment, at: datetime) -> list[Invoice]:
    """Take a payment from its invoices again, by opposite rows on its reversal. Return those that owe again.

    Each once, as it is after the last row: a payment may have covered the same invoice several times.
    """
    standing = payment.allocations.filter(reverses=None, reversed_by=None).select_related("invoice").order_by("invoice")
    reopened: dict[int, Invoice] = {}
    for row in standing:
        Allocation.objects.create(payment=reversal, invoice=row.invoice, amount=-row.amount, reverses=row, made_at=at)
        owed.uncover(invoice=row.invoice, amount=row.amount, on=reversal.received_on)
        reopened[row.invoice_id] = row.invoice
    return list(reopened.values())
