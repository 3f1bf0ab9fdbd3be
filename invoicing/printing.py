"""What stands on a printed invoice: every figure as text, in the invoice's language and the organisation's formats."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import override
from stdnum import iban
from stdnum.no import kontonr, orgnr

from core import money
from invoicing import kid
from invoicing.models import Invoice, InvoiceLine
from invoicing.parties import printed


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line beside the address: "Invoice date", "10.03.2026"."""

    label: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the table. What costs nothing says that it is included."""

    text: str
    whose: str
    quantity: str
    vat: str
    amount: str
    is_included: bool


@dataclass(frozen=True, kw_only=True)
class Payment:
    """The payment box. `iban` and `bic` only where the organisation gives its bank's code."""

    amount: str
    due_on: str
    account: str
    kid: str
    iban: str
    bic: str


@dataclass(frozen=True, kw_only=True)
class Document:
    """An invoice or credit note, ready for `templates/print/invoice.html`.

    `totals` stand above the last line, `total`: the VAT, and what is covered already. `payment` is None where nothing
    is left to pay.
    """

    invoice: Invoice
    heading: str
    title: str
    buyer_number: str
    foot: str
    credits: str
    facts: list[Fact]
    lines: list[Line]
    has_vat: bool
    totals: list[Fact]
    total_label: str
    total: str
    payment: Payment | None


def document(invoice: Invoice) -> Document:
    """Return the invoice as text. Its lines, and what it credits, should have been fetched with it."""
    with override(invoice.language):
        is_invoice = invoice.kind == Invoice.Kind.INVOICE
        seller = invoice.seller
        heading = _("Invoice") if is_invoice else _("Credit note")
        return Document(
            invoice=invoice,
            heading=heading,
            title=f"{heading} {invoice.number}",
            buyer_number=_in_threes(invoice.buyer_number),
            foot=_foot(seller),
            credits=str(invoice.credits.number) if invoice.credits else "",
            facts=_facts(invoice),
            lines=[_line(line, invoice) for line in invoice.lines.all()],
            has_vat=bool(invoice.vat),
            totals=_totals(invoice),
            total_label=_("To pay") if is_invoice else _("Credited"),
            total=_amount(invoice.open_amount if is_invoice else invoice.total, invoice),
            payment=_payment(invoice) if invoice.open_amount else None,
        )


def covered(invoice: Invoice) -> list[Fact]:
    """What need not be paid of an invoice any more, and why; nothing for most. In the language that is active."""
    if invoice.kind != Invoice.Kind.INVOICE or invoice.open_amount == invoice.total:
        return []
    parts = [(_("Covered by earlier payments"), invoice.paid_amount), (_("Credited"), invoice.credited_amount)]
    return [Fact(label=label, value=_amount(-amount, invoice)) for label, amount in parts if amount]


def organisation_number(seller: dict[str, Any]) -> str:
    """The seller's number in threes, with MVA where the organisation is registered for VAT."""
    number = _in_threes(seller["organisation_number"])
    return f"{number} MVA" if number and seller["vat_number"] else number


def account(number: str) -> str:
    """An account number as banks print it: 8601.11.17947."""
    return str(kontonr.format(number)) if number else ""


def _facts(invoice: Invoice) -> list[Fact]:
    if invoice.kind == Invoice.Kind.INVOICE:
        facts = [
            Fact(label=_("Invoice number"), value=str(invoice.number)),
            Fact(label=_("Invoice date"), value=printed(invoice.issued_on)),
            Fact(label=_("Due date"), value=printed(invoice.due_on)),
        ]
    else:
        facts = [
            Fact(label=_("Credit note number"), value=str(invoice.number)),
            Fact(label=_("Date"), value=printed(invoice.issued_on)),
            Fact(label=_("Credits invoice"), value=str(invoice.credits.number) if invoice.credits else ""),
        ]
    if invoice.member_number:
        facts.append(Fact(label=_("Member number"), value=invoice.member_number))
    return facts


def _line(line: InvoiceLine, invoice: Invoice) -> Line:
    is_included = not line.amount
    many = abs(line.quantity) != 1
    price = _amount(line.unit_price, invoice)
    return Line(
        text=line.text,
        whose=line.member_name,
        quantity=f"{_number(line.quantity)} × {price}" if many else "",
        vat=f"{_number(line.vat_percent)}\u00a0%",
        amount=_("included") if is_included else _amount(line.amount, invoice),
        is_included=is_included,
    )


def _totals(invoice: Invoice) -> list[Fact]:
    vat = [Fact(label=_("Of which VAT"), value=_amount(invoice.vat, invoice))] if invoice.vat else []
    if deductions := covered(invoice):
        return [Fact(label=_("Total"), value=_amount(invoice.total, invoice)), *vat, *deductions]
    return vat


def _payment(invoice: Invoice) -> Payment:
    bic = invoice.seller["bic"]
    return Payment(
        amount=_amount(invoice.open_amount, invoice),
        due_on=printed(invoice.due_on),
        account=account(invoice.account_number),
        kid=kid.grouped(invoice.kid),
        iban=iban.format(kontonr.to_iban(invoice.account_number)) if bic else "",
        bic=bic,
    )


def _foot(seller: dict[str, Any]) -> str:
    """Two lines for the foot of each page: who it is, and where to write or call."""
    number = organisation_number(seller)
    place = f"{seller['postcode']} {seller['place']}".strip()
    web = seller["web"].removeprefix("https://").removeprefix("http://")
    who = [seller["name"], _("Org. no. %(number)s") % {"number": number} if number else ""]
    where = [", ".join(part for part in (seller["address"], place) if part), seller["email"], seller["phone"], web]
    return "\n".join(" · ".join(part for part in line if part) for line in (who, where))


def _in_threes(number: str) -> str:
    return str(orgnr.format(number)).replace(" ", "\u00a0") if number else ""


def _number(value: Decimal) -> str:
    """A quantity or a rate without needless zeros."""
    return str(number_format(value.normalize())).replace("-", money.MINUS)


def _amount(amount: Decimal, invoice: Invoice) -> str:
    return money.formatted_exactly(amount, invoice.currency, language=invoice.language)
