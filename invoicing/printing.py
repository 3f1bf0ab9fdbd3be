"""What stands on a printed invoice: every figure as text, in the invoice's language and the organisation's formats."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import override
from stdnum import iban
from stdnum.no import kontonr, orgnr

from core import money
from invoicing import kid, vat
from invoicing.models import Invoice, InvoiceLine, PrintLook
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
    note: str = ""


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
class Sheet:
    """What every document has: who it is from and to, what it is called, the facts beside the address, the foot."""

    language: str
    seller: dict[str, Any]
    name: str
    address: str
    heading: str
    title: str
    facts: list[Fact]
    foot: str
    buyer_number: str = ""


@dataclass(frozen=True, kw_only=True)
class Document(Sheet):
    """An invoice or credit note, ready for `templates/print/invoice.html`.

    `totals` stand above the last line, `total`: the VAT, and what is covered already. `payment` is None where nothing
    is left to pay. `has_dues`: something on it is a membership's, for which the law has a rule of its own about VAT.
    """

    invoice: Invoice
    credits: str
    lines: list[Line]
    has_vat: bool
    has_dues: bool
    totals: list[Fact]
    total_label: str
    total: str
    payment: Payment | None

    @property
    def names_people(self) -> bool:
        """Whether a line says for whom it is, as memberships do and a hire does not."""
        return any(line.whose for line in self.lines)


def document(invoice: Invoice, *, look: PrintLook, lines: Sequence[InvoiceLine] | None = None) -> Document:
    """Return the invoice as text. Its lines, and what it credits, should have been fetched with it, or be given."""
    rows = list(invoice.lines.all() if lines is None else lines)
    pattern = look.pattern(invoice.language)
    with override(invoice.language):
        is_invoice = invoice.kind == Invoice.Kind.INVOICE
        heading = _("Invoice") if is_invoice else _("Credit note")
        return Document(
            invoice=invoice,
            language=invoice.language,
            seller=invoice.seller,
            name=invoice.buyer_name,
            address=invoice.buyer_address,
            heading=heading,
            title=f"{heading} {invoice.number}",
            buyer_number=in_threes(invoice.buyer_number),
            foot=foot(invoice.seller, look.words("foot", invoice.language)),
            credits=str(invoice.credits.number) if invoice.credits else "",
            facts=_facts(invoice, pattern),
            lines=[line_as_text(line, invoice) for line in rows],
            has_vat=bool(invoice.vat),
            has_dues=_has_dues(invoice, rows),
            totals=_totals(invoice, rows),
            total_label=_("To pay") if is_invoice else _("Credited"),
            total=amount_as_text(invoice.open_amount if is_invoice else invoice.total, invoice),
            payment=payment(invoice, day=printed(invoice.due_on, pattern)) if invoice.open_amount else None,
        )


def _has_dues(invoice: Invoice, rows: Sequence[InvoiceLine]) -> bool:
    """Whether a line is a membership's. Of a credit note for a part of an invoice, the invoice's own lines say it."""
    if invoice.credits and not any(row.type_code for row in rows):
        rows = list(invoice.credits.lines.all())
    return any(row.type_code for row in rows)


def covered(invoice: Invoice) -> list[Fact]:
    """What need not be paid of an invoice any more, and why; nothing for most. In the language that is active."""
    if invoice.kind != Invoice.Kind.INVOICE or invoice.open_amount == invoice.total:
        return []
    parts = [(_("Covered by earlier payments"), invoice.paid_amount), (_("Credited"), invoice.credited_amount)]
    return [Fact(label=label, value=amount_as_text(-amount, invoice)) for label, amount in parts if amount]


def organisation_number(seller: dict[str, Any]) -> str:
    """The seller's number in threes, with MVA where the organisation is registered for VAT."""
    number = in_threes(seller["organisation_number"])
    return f"{number} MVA" if number and seller["vat_number"] else number


def account(number: str) -> str:
    """An account number as banks print it: 8601.11.17947."""
    return str(kontonr.format(number)) if number else ""


def _facts(invoice: Invoice, pattern: str) -> list[Fact]:
    if invoice.kind == Invoice.Kind.INVOICE:
        facts = [
            Fact(label=_("Invoice number"), value=str(invoice.number)),
            Fact(label=_("Invoice date"), value=printed(invoice.issued_on, pattern)),
            Fact(label=_("Due date"), value=printed(invoice.due_on, pattern)),
        ]
    else:
        facts = [
            Fact(label=_("Credit note number"), value=str(invoice.number)),
            Fact(label=_("Date"), value=printed(invoice.issued_on, pattern)),
            Fact(label=_("Credits invoice"), value=str(invoice.credits.number) if invoice.credits else ""),
        ]
    if invoice.member_number:
        facts.append(Fact(label=_("Member number"), value=invoice.member_number))
    return facts


def line_as_text(line: InvoiceLine, invoice: Invoice) -> Line:
    """A line, its figures in the invoice's language."""
    is_included = not line.amount
    many = abs(line.quantity) != 1
    price = amount_as_text(line.unit_price, invoice)
    return Line(
        text=line.text,
        whose=line.member_name,
        quantity=f"{_number(line.quantity)} × {price}" if many else "",
        vat=f"{_number(line.vat_percent)}\u00a0%",
        amount=_("included") if is_included else amount_as_text(line.amount, invoice),
        is_included=is_included,
        note=line.note,
    )


def _totals(invoice: Invoice, lines: Sequence[InvoiceLine]) -> list[Fact]:
    """What stands above the last line: the VAT, rate by rate where there are several, and what is covered."""
    facts = []
    if invoice.vat:
        rates = vat.by_rate(lines)
        facts = [_at_rate(rate, invoice) for rate in rates] if len(rates) > 1 else []
        facts.append(Fact(label=_("Of which VAT"), value=amount_as_text(invoice.vat, invoice)))
    if deductions := covered(invoice):
        return [Fact(label=_("Total"), value=amount_as_text(invoice.total, invoice)), *facts, *deductions]
    return facts


def _at_rate(rate: vat.AtRate, invoice: Invoice) -> Fact:
    """The VAT of one rate, and of how much it is; nothing of what is free of VAT."""
    words = {"percent": _number(rate.percent), "net": amount_as_text(rate.net, invoice)}
    return Fact(label=_("VAT %(percent)s %% of %(net)s") % words, value=amount_as_text(rate.vat, invoice))


def payment(invoice: Invoice, *, day: str, amount: Decimal | None = None) -> Payment:
    """How to pay what is open on an invoice, or another amount, by a day that is text already."""
    bic = invoice.seller["bic"]
    return Payment(
        amount=amount_as_text(invoice.open_amount if amount is None else amount, invoice),
        due_on=day,
        account=account(invoice.account_number),
        kid=kid.grouped(invoice.kid),
        iban=iban.format(kontonr.to_iban(invoice.account_number)) if bic else "",
        bic=bic,
    )


def foot(seller: dict[str, Any], words: str = "") -> str:
    """The lines at the foot of each page: who it is, where to write or call, and the office's own words."""
    number = organisation_number(seller)
    place = f"{seller['postcode']} {seller['place']}".strip()
    web = seller["web"].removeprefix("https://").removeprefix("http://")
    who = [seller["name"], _("Org. no. %(number)s") % {"number": number} if number else ""]
    where = [", ".join(part for part in (seller["address"], place) if part), seller["email"], seller["phone"], web]
    return "\n".join(" · ".join(part for part in line if part) for line in (who, where, [words]) if any(line))


def in_threes(number: str) -> str:
    """An organisation number as it is printed: 988 077 917."""
    return str(orgnr.format(number)).replace(" ", "\u00a0") if number else ""


def _number(value: Decimal) -> str:
    """A quantity or a rate without needless zeros."""
    return str(number_format(value.normalize())).replace("-", money.MINUS)


def amount_as_text(amount: Decimal, invoice: Invoice) -> str:
    """An amount with two decimals, in the invoice's language."""
    return money.formatted_exactly(amount, invoice.currency, language=invoice.language)
