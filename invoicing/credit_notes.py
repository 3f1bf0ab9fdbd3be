"""Credit notes: how an invoice is taken back. It keeps its number and its words; a document of its own undoes it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.log_actions import log

from core import counters, money
from core.errors import Refused
from core.models import User
from invoicing import vat
from invoicing.closing import refuse_closed
from invoicing.models import Invoice, InvoiceLine
from invoicing.signals import invoice_credited, invoice_settled


@transaction.atomic
def credit(
    *,
    invoice: Invoice,
    on: date,
    at: datetime,
    by: User | None,
    reason: str,
    lines: Sequence[InvoiceLine] | None = None,
    amount: Decimal | None = None,
) -> Invoice:
    """Take back an invoice, some of its lines, or an amount of it, with a credit note in the same series of numbers.

    At most what is still open is credited: what has been paid stays paid until the payment is reversed, and a partly
    paid invoice is credited for the rest only, in one line that says so. Lines that are taken back may be invoiced
    anew. If what remains has been paid, `invoice_settled` is sent as well. An `amount` takes back less than all that is
    open and leaves the lines standing: a reduction. Returns the credit note.
    """
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    _refuse(invoice, reason)
    refuse_closed(max(on, invoice.issued_on))
    if amount is not None:
        return _reduce(invoice, amount, on, at, by, reason.strip())
    wanted = {line.pk for line in lines} if lines is not None else None
    standing = [line for line in invoice.lines.all() if not line.is_credited]
    chosen = [line for line in standing if wanted is None or line.pk in wanted]
    asked = sum((line.amount for line in chosen), money.ZERO)
    # A payment that was undone after the rest was credited is owed again, without any line that stands for it.
    amount = invoice.open_amount if wanted is None else min(asked, invoice.open_amount)
    if not amount:
        raise Refused(_("There is nothing to credit on these lines."), code="nothing_asked")
    note = _credit_note(invoice, chosen if amount == asked else [], amount, on, at, reason.strip())
    InvoiceLine.objects.filter(pk__in=[line.pk for line in chosen]).update(is_credited=True)
    _take_off(invoice, note, at, by)
    if invoice.is_settled and any(line.amount for line in standing if line not in chosen):
        invoice_settled.send(sender=Invoice, invoice=invoice, on=on)
    return note


def refuse_more_than_open(invoice: Invoice, amount: Decimal) -> None:
    """A reduction takes less than what is open: who takes back all of it takes back the lines too."""
    if not 0 < amount < invoice.open_amount:
        raise Refused(
            _("Less than %(open)s can be taken off invoice %(number)s. To take back all of it, write no amount."),
            params={"open": money.formatted(invoice.open_amount, invoice.currency), "number": invoice.number},
            code="amount",
        )


def _reduce(invoice: Invoice, amount: Decimal, on: date, at: datetime, by: User | None, reason: str) -> Invoice:
    refuse_more_than_open(invoice, amount)
    with override(invoice.language):
        text = _("Reduction of invoice %(number)s") % {"number": invoice.number}
    note = _credit_note(invoice, [], money.rounded(amount), on, at, reason, text)
    _take_off(invoice, note, at, by)
    return note


def _take_off(invoice: Invoice, note: Invoice, at: datetime, by: User | None) -> None:
    invoice.open_amount += note.total
    invoice.save(update_fields=["open_amount"])
    log(instance=note, action="invoicing.issued", user=by)
    log(instance=invoice, action="invoicing.credited", user=by, data={"credit_note": note.number})
    invoice_credited.send(sender=Invoice, invoice=invoice, credit_note=note, at=at)


def _refuse(invoice: Invoice, reason: str) -> None:
    if invoice.kind != Invoice.Kind.INVOICE:
        raise Refused(_("A credit note cannot be credited. Issue a new invoice instead."), code="credit_note")
    if not reason.strip():
        raise Refused(_("Write why the invoice is credited: it is printed on the credit note."), code="no_reason")
    if invoice.is_settled:
        raise Refused(
            _("Invoice %(number)s has nothing left to pay. If it is to be credited, reverse its payment first."),
            params={"number": invoice.number},
            code="nothing_open",
        )


def _credit_note(
    invoice: Invoice, lines: Sequence[InvoiceLine], amount: Decimal, on: date, at: datetime, reason: str, text: str = ""
) -> Invoice:
    """Write the credit note; without lines, one with the text, or for what was left. Its amounts are negative."""
    with override(invoice.language):
        rest = text or _("What was left to pay of invoice %(number)s") % {"number": invoice.number}
    taken = [_taken_back(position, line) for position, line in enumerate(lines, 1)] or _parts(invoice, amount, rest)
    note = Invoice.objects.create(
        number=counters.take("invoice")[0],
        kind=Invoice.Kind.CREDIT_NOTE,
        credits=invoice,
        issued_on=max(on, invoice.issued_on),
        due_on=max(on, invoice.issued_on),
        issued_at=at,
        member=invoice.member,
        language=invoice.language,
        seller=invoice.seller,
        buyer_name=invoice.buyer_name,
        buyer_address=invoice.buyer_address,
        buyer_number=invoice.buyer_number,
        member_number=invoice.member_number,
        currency=invoice.currency,
        total=-amount,
        vat=sum((one.vat for one in vat.by_rate(taken)), money.ZERO),
        open_amount=money.ZERO,
        reason=reason[:250],
    )
    for line in taken:
        line.invoice = note
    InvoiceLine.objects.bulk_create(taken)
    return note


def _parts(invoice: Invoice, amount: Decimal, text: str) -> list[InvoiceLine]:
    """The amount as a line for each rate of VAT, by what the invoice has left of it: the books count rate by rate."""
    lines = [line for line in invoice.lines.all() if line.amount]
    left = {one.percent: one.gross for one in vat.by_rate(lines)}
    for one in vat.by_rate(InvoiceLine.objects.filter(invoice__credits=invoice)):
        left[one.percent] = max(left.get(one.percent, money.ZERO) + one.gross, money.ZERO)
    parts = vat.split(amount, left)
    return [
        InvoiceLine(
            position=position,
            text=text,
            quantity=-1,
            unit_price=part,
            amount=-part,
            vat_percent=percent,
            **_in_common([line for line in lines if line.vat_percent == percent]),
        )
        for position, (percent, part) in enumerate(sorted(parts.items(), reverse=True), 1)
    ]


def _in_common(lines: Sequence[InvoiceLine]) -> dict[str, Any]:
    """What all the lines agree on, for the line that stands for a part of them all."""
    values = {name: {getattr(line, name) for line in lines} for name in ("type_code", "branch_code")}
    return {name: found.pop() for name, found in values.items() if len(found) == 1}


def _taken_back(position: int, line: InvoiceLine) -> InvoiceLine:
    return InvoiceLine(
        position=position,
        text=line.text,
        quantity=-line.quantity,
        unit_price=line.unit_price,
        vat_percent=line.vat_percent,
        amount=-line.amount,
        member_name=line.member_name,
        type_code=line.type_code,
        branch_code=line.branch_code,
        credits=line,
    )
