"""An invoice or credit note as EHF: UBL 2.1 by the rules of Peppol BIS Billing 3.0. Pure: a document in, bytes out.

It says what was printed and nothing else. The amounts of our invoices include VAT, those of an EHF line do not: each
line's own VAT is taken out of it, so that net and VAT add up to the printed total and VAT to the øre. A sale outside
the scope of VAT, such as dues (mval. § 3-13), is category O; then the rules allow no VAT number. Beside lines with VAT
they do not allow O at all, so there the same lines are category E. https://docs.peppol.eu/poacc/billing/3.0/ Tests run
the official rules over every kind of document.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.etree import ElementTree as ET

from babel import Locale
from django.utils.translation import gettext as _
from django.utils.translation import override
from stdnum.no import orgnr

from core.errors import Refused
from core.money import ZERO, rounded
from invoicing.models import Invoice, InvoiceLine

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
# Written with their prefixes: ElementTree would keep prefixes in a table that all threads share.
_NAMESPACES = {
    "xmlns:cac": f"{_UBL}CommonAggregateComponents-2",
    "xmlns:cbc": f"{_UBL}CommonBasicComponents-2",
}
_NORWEGIAN_ORGANISATION = "0192"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True)
class _Line:
    """A line with its amounts as the document counts them, always as if it were an invoice. What is taken off is below
    zero, and so is its quantity: the rules allow no price below zero."""

    position: int
    text: str
    whose: str
    quantity: Decimal
    net: Decimal
    vat: Decimal
    percent: Decimal


@dataclass(frozen=True, kw_only=True)
class _Address:
    lines: Sequence[str]
    postcode: str
    place: str
    country: str


def refusal(invoice: Invoice) -> Refused | None:
    """Why no EHF can be made of it; None when one can. An organisation number is the address of either party."""
    if not orgnr.is_valid(invoice.buyer_number):
        return Refused(
            _("Only a payer with a valid organisation number can get an EHF invoice. Send this one as PDF."),
            code="buyer_without_number",
        )
    if not orgnr.is_valid(invoice.seller.get("organisation_number", "")):
        return Refused(
            _("The organisation's own number is missing on the invoice, so no EHF can be made of it."),
            code="seller_without_number",
        )
    return None


def file_name(invoice: Invoice) -> str:
    """What the file is called: `ehf-10001.xml`."""
    return f"ehf-{invoice.number}.xml"


def document(invoice: Invoice, *, lines: Sequence[InvoiceLine], prepaid: Decimal = ZERO) -> bytes:
    """The whole document as UTF-8. `prepaid` is what payments have covered of an invoice already.

    Refuses what `refusal` says, and a credit note whose VAT cannot be told apart on its lines.
    """
    if refused := refusal(invoice):
        raise refused
    with override(invoice.language):
        counted = _counted(invoice, lines)
        root = _Writer(invoice, counted, prepaid).written()
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _counted(invoice: Invoice, lines: Sequence[InvoiceLine]) -> list[_Line]:
    """The lines without their VAT. The sum of the VAT is the printed one, whatever was rounded on the way."""
    sign = -1 if invoice.kind == Invoice.Kind.CREDIT_NOTE else 1
    shares = [rounded(sign * line.amount * line.vat_percent / (100 + line.vat_percent)) for line in lines]
    if missing := sign * invoice.vat - sum(shares, ZERO):
        taxed = [place for place, line in enumerate(lines) if line.vat_percent]
        if not taxed:
            raise Refused(
                _("The VAT of this document is not told apart on its lines, so no EHF can be made of it."),
                code="vat_not_on_lines",
            )
        shares[max(taxed, key=lambda place: abs(lines[place].amount))] += missing
    return [
        _Line(
            position=line.position,
            text=line.text,
            whose=line.member_name,
            quantity=abs(line.quantity) * (-1 if sign * line.amount < 0 else 1),
            net=sign * line.amount - share,
            vat=share,
            percent=line.vat_percent,
        )
        for line, share in zip(lines, shares, strict=True)
    ]


class _Writer:
    """Puts one document together, in the order that UBL prescribes. Elements without content are left out."""

    def __init__(self, invoice: Invoice, lines: Sequence[_Line], prepaid: Decimal) -> None:
        self._invoice = invoice
        self._lines = lines
        self._prepaid = prepaid
        self._is_credit = invoice.kind == Invoice.Kind.CREDIT_NOTE
        self._has_vat = any(line.percent for line in lines)
        self._net = sum((line.net for line in lines), ZERO)
        self._vat = sum((line.vat for line in lines), ZERO)

    def written(self) -> ET.Element:
        name = "CreditNote" if self._is_credit else "Invoice"
        root = ET.Element(name, {"xmlns": f"{_UBL}{name}-2", **_NAMESPACES})
        self._head(root)
        self._parties(root)
        self._payment(root)
        self._totals(root)
        for line in self._lines:
            self._line(root, line)
        return root

    def _head(self, root: ET.Element) -> None:
        invoice = self._invoice
        _put(root, "CustomizationID", CUSTOMIZATION)
        _put(root, "ProfileID", PROFILE)
        _put(root, "ID", invoice.number)
        _put(root, "IssueDate", invoice.issued_on.isoformat())
        if self._is_credit:
            _put(root, "CreditNoteTypeCode", 381)
            _put(root, "Note", invoice.reason)
        else:
            _put(root, "DueDate", invoice.due_on.isoformat())
            _put(root, "InvoiceTypeCode", 380)
        _put(root, "DocumentCurrencyCode", invoice.currency)
        _put(root, "BuyerReference", invoice.member_number or invoice.number)
        if invoice.credits:
            reference = _sub(_sub(root, "BillingReference"), "InvoiceDocumentReference")
            _put(reference, "ID", invoice.credits.number)
            _put(reference, "IssueDate", invoice.credits.issued_on.isoformat())

    def _parties(self, root: ET.Element) -> None:
        seller = self._invoice.seller
        party = _sub(_sub(root, "AccountingSupplierParty"), "Party")
        _put(party, "EndpointID", seller["organisation_number"], schemeID=_NORWEGIAN_ORGANISATION)
        _put(_sub(party, "PartyName"), "Name", seller.get("short_name") or seller["name"])
        address = _Address(
            lines=[seller.get("address", "")], postcode=seller.get("postcode", ""), place=seller.get("place", ""),
            country="NO",
        )  # fmt: skip
        _address(party, address)
        if self._has_vat:
            self._vat_number(party, seller["organisation_number"])
        self._legal(party, seller["name"], seller["organisation_number"])
        if seller.get("phone") or seller.get("email"):
            contact = _sub(party, "Contact")
            _put(contact, "Telephone", seller.get("phone"))
            _put(contact, "ElectronicMail", seller.get("email"))
        buyer = _sub(_sub(root, "AccountingCustomerParty"), "Party")
        number = orgnr.compact(self._invoice.buyer_number)
        _put(buyer, "EndpointID", number, schemeID=_NORWEGIAN_ORGANISATION)
        _put(_sub(buyer, "PartyName"), "Name", self._invoice.buyer_name)
        _address(buyer, _printed_address(self._invoice))
        self._legal(buyer, self._invoice.buyer_name, number)

    def _vat_number(self, party: ET.Element, number: str) -> None:
        scheme = _sub(party, "PartyTaxScheme")
        _put(scheme, "CompanyID", f"NO{number}MVA")
        _put(_sub(scheme, "TaxScheme"), "ID", "VAT")

    def _legal(self, party: ET.Element, name: str, number: str) -> None:
        legal = _sub(party, "PartyLegalEntity")
        _put(legal, "RegistrationName", name)
        _put(legal, "CompanyID", number, schemeID=_NORWEGIAN_ORGANISATION)

    def _payment(self, root: ET.Element) -> None:
        invoice = self._invoice
        if self._is_credit:
            assert invoice.credits is not None
            terms = _("Credit of invoice %(number)s") % {"number": invoice.credits.number}
            _put(_sub(root, "PaymentTerms"), "Note", terms)
            return
        means = _sub(root, "PaymentMeans")
        _put(means, "PaymentMeansCode", 30)
        _put(means, "PaymentID", invoice.kid)
        account = _sub(means, "PayeeFinancialAccount")
        _put(account, "ID", invoice.account_number)
        _put(account, "Name", invoice.seller["name"])
        if bic := invoice.seller.get("bic"):
            _put(_sub(account, "FinancialInstitutionBranch"), "ID", bic)

    def _totals(self, root: ET.Element) -> None:
        tax = _sub(root, "TaxTotal")
        self._amount(tax, "TaxAmount", self._vat)
        for percent in sorted({line.percent for line in self._lines}, reverse=True):
            lines = [line for line in self._lines if line.percent == percent]
            subtotal = _sub(tax, "TaxSubtotal")
            self._amount(subtotal, "TaxableAmount", sum((line.net for line in lines), ZERO))
            self._amount(subtotal, "TaxAmount", sum((line.vat for line in lines), ZERO))
            self._category(subtotal, "TaxCategory", percent, has_reason=True)
        totals = _sub(root, "LegalMonetaryTotal")
        self._amount(totals, "LineExtensionAmount", self._net)
        self._amount(totals, "TaxExclusiveAmount", self._net)
        self._amount(totals, "TaxInclusiveAmount", self._net + self._vat)
        if self._prepaid:
            self._amount(totals, "PrepaidAmount", self._prepaid)
        self._amount(totals, "PayableAmount", self._net + self._vat - self._prepaid)

    def _line(self, root: ET.Element, line: _Line) -> None:
        element = _sub(root, "CreditNoteLine" if self._is_credit else "InvoiceLine")
        _put(element, "ID", line.position)
        quantity = "CreditedQuantity" if self._is_credit else "InvoicedQuantity"
        _put(element, quantity, f"{line.quantity.normalize():f}", unitCode="EA")
        self._amount(element, "LineExtensionAmount", line.net)
        item = _sub(element, "Item")
        _put(item, "Description", line.whose)
        _put(item, "Name", line.text)
        self._category(item, "ClassifiedTaxCategory", line.percent)
        price = _sub(element, "Price")
        # Of all of them together, so that quantity and price always give the line's amount to the øre.
        self._amount(price, "PriceAmount", abs(line.net))
        if abs(line.quantity) != 1:
            _put(price, "BaseQuantity", f"{abs(line.quantity).normalize():f}", unitCode="EA")

    def _category(self, parent: ET.Element, name: str, percent: Decimal, *, has_reason: bool = False) -> None:
        category = _sub(parent, name)
        code = "S" if percent else "E" if self._has_vat else "O"
        _put(category, "ID", code)
        if code != "O":
            _put(category, "Percent", f"{percent.normalize():f}")
        if has_reason and code != "S":
            _put(category, "TaxExemptionReason", _("Outside the scope of VAT"))
        _put(_sub(category, "TaxScheme"), "ID", "VAT")

    def _amount(self, parent: ET.Element, name: str, amount: Decimal) -> None:
        _put(parent, name, f"{amount:.2f}", currencyID=self._invoice.currency)


def _sub(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"cac:{name}")


def _put(parent: ET.Element, name: str, value: object, **attributes: str) -> None:
    """A leaf. Nothing is written for an empty text: Peppol forbids empty elements."""
    if text := _clean(str(value or "")):
        ET.SubElement(parent, f"cbc:{name}", attributes).text = text


def _clean(text: str) -> str:
    """On one line, without the characters that XML cannot hold."""
    return " ".join(_NOT_XML.sub("", text).split())


def _address(party: ET.Element, address: _Address) -> None:
    element = _sub(party, "PostalAddress")
    for name, text in zip(("StreetName", "AdditionalStreetName"), address.lines, strict=False):
        _put(element, name, text)
    _put(element, "CityName", address.place)
    _put(element, "PostalZone", address.postcode)
    if len(address.lines) > 2:
        _put(_sub(element, "AddressLine"), "Line", ", ".join(address.lines[2:]))
    _put(_sub(element, "Country"), "IdentificationCode", address.country)


def _printed_address(invoice: Invoice) -> _Address:
    """The buyer's address, taken apart again: what was printed is all that the books keep."""
    lines = [line for printed in invoice.buyer_address.splitlines() if (line := _clean(printed))]
    country = "NO"
    if lines and (code := dict(_countries(invoice.language)).get(lines[-1])):
        country = code
        lines.pop()
    postcode = place = ""
    if lines and (found := re.fullmatch(r"(\d{4})(?:\s+(.*))?", lines[-1])):
        postcode, place = found[1], found[2] or ""
        lines.pop()
    elif lines and country != "NO":
        place = lines.pop()
    return _Address(lines=lines, postcode=postcode, place=place, country=country)


def _countries(language: str) -> Iterator[tuple[str, str]]:
    territories = Locale.parse("en" if language == "en" else "nb").territories
    return ((str(name), code) for code, name in territories.items() if len(code) == 2 and code.isalpha())
