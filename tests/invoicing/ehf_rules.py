"""The business rules of EN 16931 and Peppol BIS Billing 3.0 that our documents can break, checked one by one.

Written from the published list of rules (docs.peppol.eu/poacc/billing/3.0/rules); each sentence starts with the rule it
is about. They do not replace the official Schematron, which no package carries that could be a dependency. Run beside
these tests (EN 16931, and Peppol 3.0.15), it found nothing in the golden files and in 150 random documents but the
warning NO-R-002: the word Foretaksregisteret, which companies must write and associations must not.
"""

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree as ET

from stdnum.no import orgnr

CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"

# The order of the elements we use, as UBL 2.1's schemas have it.
ORDER = {
    "Invoice": "CustomizationID ProfileID ID IssueDate DueDate InvoiceTypeCode Note DocumentCurrencyCode "
    "BuyerReference BillingReference AccountingSupplierParty AccountingCustomerParty PaymentMeans PaymentTerms "
    "TaxTotal LegalMonetaryTotal InvoiceLine",
    "CreditNote": "CustomizationID ProfileID ID IssueDate CreditNoteTypeCode Note DocumentCurrencyCode BuyerReference "
    "BillingReference AccountingSupplierParty AccountingCustomerParty PaymentMeans PaymentTerms TaxTotal "
    "LegalMonetaryTotal CreditNoteLine",
    "Party": "EndpointID PartyName PostalAddress PartyTaxScheme PartyLegalEntity Contact",
    "PostalAddress": "StreetName AdditionalStreetName CityName PostalZone AddressLine Country",
    "PartyTaxScheme": "CompanyID TaxScheme",
    "PartyLegalEntity": "RegistrationName CompanyID",
    "Contact": "Telephone ElectronicMail",
    "PaymentMeans": "PaymentMeansCode PaymentID PayeeFinancialAccount",
    "PayeeFinancialAccount": "ID Name FinancialInstitutionBranch",
    "TaxTotal": "TaxAmount TaxSubtotal",
    "TaxSubtotal": "TaxableAmount TaxAmount TaxCategory",
    "TaxCategory": "ID Percent TaxExemptionReason TaxScheme",
    "ClassifiedTaxCategory": "ID Percent TaxScheme",
    "LegalMonetaryTotal": "LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount PrepaidAmount PayableAmount",
    "InvoiceLine": "ID InvoicedQuantity LineExtensionAmount Item Price",
    "CreditNoteLine": "ID CreditedQuantity LineExtensionAmount Item Price",
    "Item": "Description Name ClassifiedTaxCategory",
    "Price": "PriceAmount BaseQuantity",
}


def problems(content: bytes) -> list[str]:
    """Every rule the document breaks."""
    root = ET.fromstring(content)
    return [
        *_order(root), *_head(root), *_parties(root), *_payment(root), *_amounts(root), *_vat(root), *_lines(root)
    ]  # fmt: skip


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def text(element: ET.Element | None, path: str) -> str:
    """What stands at `cac/cac/cbc`, or an empty text."""
    for step in path.split("/"):
        for namespace in (CAC, CBC):
            found = element.find(namespace + step) if element is not None else None
            if found is not None:
                break
        element = found
    return (element.text or "").strip() if element is not None else ""


def _number(element: ET.Element | None, path: str) -> Decimal:
    return Decimal(text(element, path) or "0")


def _order(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        children = [_name(child) for child in element]
        allowed = ORDER.get(_name(element), " ".join(children)).split()
        if set(children) - set(allowed):
            yield f"UBL: {_name(element)} has {set(children) - set(allowed)}"
        elif children != sorted(children, key=allowed.index):
            yield f"UBL: the order in {_name(element)} is {children}"
        if not children and not (element.text or "").strip():
            yield f"PEPPOL-EN16931-R008: {_name(element)} is empty"


def _head(root: ET.Element) -> Iterator[str]:
    is_credit = _name(root) == "CreditNote"
    wanted = {
        "BR-01": text(root, "CustomizationID"), "PEPPOL-EN16931-R001": text(root, "ProfileID"),
        "BR-02": text(root, "ID"), "BR-03": text(root, "IssueDate"), "BR-05": text(root, "DocumentCurrencyCode"),
        "PEPPOL-EN16931-R003": text(root, "BuyerReference"),
    }  # fmt: skip
    yield from (f"{rule}: is missing" for rule, value in wanted.items() if not value)
    if text(root, "CreditNoteTypeCode" if is_credit else "InvoiceTypeCode") != ("381" if is_credit else "380"):
        yield "BR-04, PEPPOL-EN16931-P0100: the type is wrong"
    if not text(root, "ProfileID").startswith("urn:fdc:peppol.eu:2017:poacc:billing:01"):
        yield "PEPPOL-EN16931-R007: the profile is unknown"
    if not text(root, "CustomizationID").endswith("#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"):
        yield "PEPPOL-EN16931-R004: the specification is unknown"
    if len(root.findall(f"{CBC}Note")) > 1:
        yield "PEPPOL-EN16931-R002: more than one note"
    if is_credit and not text(root, "BillingReference/InvoiceDocumentReference/ID"):
        yield "BR-55: what is credited is missing"


def _parties(root: ET.Element) -> Iterator[str]:
    for side, rules in (("AccountingSupplierParty", "BR-06 R020"), ("AccountingCustomerParty", "BR-07 R010")):
        party = root.find(f"{CAC}{side}/{CAC}Party")
        if not text(party, "PartyLegalEntity/RegistrationName") or not text(party, "EndpointID"):
            yield f"{rules}: name or address of {side} is missing"
        if not re.fullmatch("[A-Z]{2}", text(party, "PostalAddress/Country/IdentificationCode")):
            yield f"BR-09, BR-11: the country of {side} is missing"
        for number in ("EndpointID", "PartyLegalEntity/CompanyID"):
            if not orgnr.is_valid(text(party, number)):
                yield f"PEPPOL-COMMON-R041: {number} of {side} is no Norwegian organisation number"
        vat_number = text(party, "PartyTaxScheme/CompanyID")
        if vat_number and not re.fullmatch("NO[0-9]{9}MVA", vat_number):
            yield "NO-R-001: a VAT number is NO, nine digits, MVA"


def _payment(root: ET.Element) -> Iterator[str]:
    has_terms = text(root, "DueDate") or text(root, "PaymentTerms/Note")
    if _number(root, "LegalMonetaryTotal/PayableAmount") > 0 and not has_terms:
        yield "BR-CO-25: neither due date nor terms"
    if text(root, "PaymentMeans/PaymentMeansCode") == "30" and not text(root, "PaymentMeans/PayeeFinancialAccount/ID"):
        yield "BR-50, BR-61: no account to pay to"


def _amounts(root: ET.Element) -> Iterator[str]:
    currency = text(root, "DocumentCurrencyCode")
    for element in root.iter():
        if "currencyID" in element.attrib:
            if element.attrib["currencyID"] != currency:
                yield "PEPPOL-EN16931-R051: two currencies"
            if not re.fullmatch(r"-?\d+\.\d\d", element.text or ""):
                yield f"BR-DEC: {_name(element)} has other than two decimals"
    totals = root.find(f"{CAC}LegalMonetaryTotal")
    net, gross = _number(totals, "LineExtensionAmount"), _number(totals, "TaxInclusiveAmount")
    if net != sum(_number(line, "LineExtensionAmount") for line in lines(root)):
        yield "BR-CO-10: the lines do not add up"
    if _number(totals, "TaxExclusiveAmount") != net:
        yield "BR-CO-13: the total without VAT is another"
    if gross != net + _number(root, "TaxTotal/TaxAmount"):
        yield "BR-CO-15: the total with VAT is another"
    if _number(totals, "PayableAmount") != gross - _number(totals, "PrepaidAmount"):
        yield "BR-CO-16: what is to be paid is another"


def _vat(root: ET.Element) -> Iterator[str]:
    subtotals = root.findall(f"{CAC}TaxTotal/{CAC}TaxSubtotal")
    keys = [(text(row, "TaxCategory/ID"), text(row, "TaxCategory/Percent")) for row in subtotals]
    codes = {code for code, _percent in keys}
    used = {(text(line, "Item/ClassifiedTaxCategory/ID"), text(line, "Item/ClassifiedTaxCategory/Percent"))
            for line in lines(root)}  # fmt: skip
    if not subtotals or len(set(keys)) != len(keys) or set(keys) != used:
        yield "BR-CO-18, BR-S-01, BR-O-01, BR-E-01: not one breakdown for each category of the lines"
    if _number(root, "TaxTotal/TaxAmount") != sum(_number(row, "TaxAmount") for row in subtotals):
        yield "BR-CO-14: the VAT does not add up"
    for row, (code, percent) in zip(subtotals, keys, strict=True):
        net, vat = _number(row, "TaxableAmount"), _number(row, "TaxAmount")
        of_lines = sum(
            _number(line, "LineExtensionAmount") for line in lines(root)
            if (text(line, "Item/ClassifiedTaxCategory/ID"), text(line, "Item/ClassifiedTaxCategory/Percent"))
            == (code, percent)
        )  # fmt: skip
        if net != of_lines:
            yield f"BR-{code}-08: the lines of the category are another sum"
        wanted = (net * Decimal(percent or 0) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if abs(vat - wanted) >= 1:  # the official rule lets what was rounded line by line differ so much
            yield f"BR-CO-17, BR-{code}-09: VAT of {net} at {percent} % is not {vat}"
        if (code == "S") == bool(text(row, "TaxCategory/TaxExemptionReason")):
            yield f"BR-{code}-10: the reason for no VAT is missing, or stands where there is VAT"
    has_number = bool(text(root, "AccountingSupplierParty/Party/PartyTaxScheme/CompanyID"))
    if codes & {"S", "E"} and not has_number:
        yield "BR-S-02, BR-E-02: the seller's VAT number is missing"
    if "O" in codes and (has_number or codes != {"O"}):
        yield "BR-O-02, BR-O-11: outside VAT there is no VAT number, and no other category"


def lines(root: ET.Element) -> list[ET.Element]:
    """The lines of an invoice or a credit note."""
    return root.findall(f"{CAC}InvoiceLine") + root.findall(f"{CAC}CreditNoteLine")


def _lines(root: ET.Element) -> Iterator[str]:
    if not lines(root):
        yield "BR-16: no lines"
    numbers = [text(line, "ID") for line in lines(root)]
    if len(set(numbers)) != len(numbers):
        yield "BR-21: two lines of one number"
    for line in lines(root):
        quantity = _number(line, "InvoicedQuantity") + _number(line, "CreditedQuantity")
        code, percent = text(line, "Item/ClassifiedTaxCategory/ID"), text(line, "Item/ClassifiedTaxCategory/Percent")
        price, base = _number(line, "Price/PriceAmount"), _number(line, "Price/BaseQuantity") or Decimal(1)
        if not text(line, "Item/Name"):
            yield "BR-25: a line without name"
        if price < 0:
            yield "BR-27: a price below zero"
        if abs(quantity * price / base - _number(line, "LineExtensionAmount")) > Decimal("0.02"):
            yield "PEPPOL-EN16931-R120: quantity and price do not give the line's amount"
        if (code == "O") == bool(percent):
            yield f"BR-O-05, BR-S-05, BR-E-05: category {code} with {percent!r} per cent"
