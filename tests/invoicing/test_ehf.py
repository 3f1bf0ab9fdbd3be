"""Invoices and credit notes as EHF: the whole files, the official rules that they must keep, and who gets one."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.money import rounded
from invoicing import credit_notes, ehf, fees
from invoicing.models import Invoice, InvoiceLine
from membership import roles
from membership.models import Member
from tests.invoicing.ehf_rules import lines, problems, text
from tests.makers import NOW, TODAY, make_invoice, make_user
from tests.membership.household_makers import make_company

GOLDEN = Path(__file__).parents[1] / "golden" / "ehf"
SELLER = {
    "name": "Vennene av vannet Norge Fiktiv forening", "short_name": "Vennene av vannet", "address": "Fjordgata 12",
    "postcode": "7010", "place": "Trondheim", "organisation_number": "988077917", "vat_number": "988077917",
    "phone": "+47 73 50 00 00", "email": "post@vvnf.example", "web": "", "bic": "",
}  # fmt: skip


def line(position: int, amount: str, *, percent: int = 0, **data: Any) -> InvoiceLine:
    values = {"text": "Bedriftsmedlemskap 2026", "member_name": "", "quantity": Decimal(1)} | data
    money = Decimal(amount)
    return InvoiceLine(position=position, amount=money, unit_price=money, vat_percent=Decimal(percent), **values)


def invoice(*rows: InvoiceLine, **data: Any) -> Invoice:
    total = sum((row.amount for row in rows), Decimal("0.00"))
    vat = sum((rounded(row.amount * row.vat_percent / (100 + row.vat_percent)) for row in rows), Decimal("0.00"))
    values: dict[str, Any] = {
        "number": 10001, "kind": "invoice", "issued_on": date(2026, 3, 10), "due_on": date(2026, 3, 24),
        "language": "en", "seller": SELLER, "buyer_name": "Bø & Sønn AS",
        "buyer_address": "v/ Kari Nordmann\nPostboks 5\n0155 Oslo", "buyer_number": "974760673",
        "member_number": "1234", "currency": "NOK", "total": total, "vat": vat, "open_amount": total,
        "kid": "000123400005674", "account_number": "86011117947",
    }  # fmt: skip
    return Invoice(**(values | data))


def assert_golden(name: str, content: bytes) -> None:
    assert content.decode() == (GOLDEN / name).read_text(encoding="utf-8")


def of(*rows: InvoiceLine, prepaid: str = "0.00", **data: Any) -> bytes:
    return ehf.document(invoice(*rows, **data), lines=rows, prepaid=Decimal(prepaid))


# --- whole files ---


def test_dues_are_outside_vat() -> None:
    content = of(line(1, "2000.00"), line(2, "0.00", text="Plass", member_name="Ole Nordmann"))
    assert_golden("dues.xml", content)
    assert problems(content) == []


def test_a_sale_with_vat_and_a_part_that_is_paid() -> None:
    content = of(line(1, "1250.00", percent=25), line(2, "333.33", percent=25, quantity=Decimal(3)), prepaid="500.00")
    assert_golden("vat.xml", content)
    assert problems(content) == []


def test_dues_beside_a_sale_with_vat() -> None:
    content = of(line(1, "2000.00"), line(2, "99.00", percent=25, text="Blad"))
    assert_golden("mixed.xml", content)
    assert problems(content) == []


def test_what_is_taken_off_is_a_quantity_below_zero() -> None:
    content = of(line(1, "400.00"), line(2, "-100.00", text="Rabatt"), line(3, "0.00", text="Gave"))
    counted = [
        (text(row, "InvoicedQuantity"), text(row, "Price/PriceAmount"), text(row, "LineExtensionAmount"))
        for row in lines(ET.fromstring(content))
    ]
    assert counted == [("1", "400.00", "400.00"), ("-1", "100.00", "-100.00"), ("1", "0.00", "0.00")]


def test_a_credit_note_counts_the_other_way() -> None:
    credited = invoice(line(1, "1250.00", percent=25))
    rows = [line(1, "-1250.00", percent=25, quantity=Decimal(-1))]
    note = invoice(
        *rows, number=10002, kind="credit_note", credits=credited, reason="Feil type", issued_on=date(2026, 3, 12),
        due_on=date(2026, 3, 12), open_amount=Decimal(0), kid="", account_number="",
    )  # fmt: skip
    content = ehf.document(note, lines=rows)
    assert_golden("credit_note.xml", content)
    assert problems(content) == []


# --- every rule, whatever the kind and the amounts ---

KINDS: dict[str, tuple[list[InvoiceLine], dict[str, Any]]] = {
    "dues": ([line(1, "2000.00")], {}),
    "nothing to pay": ([line(1, "0.00", text="Æresmedlemskap")], {"total": Decimal(0)}),
    "many seats": ([line(1, "400.00"), line(2, "0.00", text="Plass", quantity=Decimal(40))], {}),
    "25 %": ([line(1, "1250.00", percent=25)], {}),
    "three rates": ([line(1, "1250.00", percent=25), line(2, "115.00", percent=15), line(3, "112.00", percent=12)], {}),
    "dues and a sale": ([line(1, "2000.00"), line(2, "99.00", percent=25, text="Blad")], {}),
    "reduced": ([line(1, "400.00"), line(2, "-100.00", text="Rabatt", quantity=Decimal(-1))], {}),
    "a fee": ([line(1, "37.00", text="Purregebyr, faktura 10001")], {"member_number": ""}),
    "a MOD11 KID": ([line(1, "400.00")], {"kid": "12345678-"}),
    "æøå": ([line(1, "400.00", text="Blåbærsyltetøy & «čáhci» <1 kg>", member_name="Øyvind Ærø-Ås")],
            {"buyer_name": "Sámi Æ/Ø & Å AS"}),
    "a payer abroad": ([line(1, "400.00")], {"buyer_address": "Kungsgatan 5\n111 43 Stockholm\nSweden"}),
    "no address": ([line(1, "400.00")], {"buyer_address": ""}),
    "bare seller": ([line(1, "400.00")], {"seller": {"name": "Laget", "organisation_number": "988077917"}}),
}  # fmt: skip


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_keeps_the_official_rules(kind: str, language: str) -> None:
    rows, data = KINDS[kind]
    assert problems(of(*rows, **data, language=language)) == []
    against = [line(row.position, str(-row.amount), percent=int(row.vat_percent), text=row.text) for row in rows]
    note = {**data, "kind": "credit_note", "kid": "", "account_number": "", "number": 10002, "credits": invoice(*rows)}
    assert problems(of(*against, **note, language=language, reason="Feil: «æøå» & <mer>")) == []


ROWS = st.lists(
    st.tuples(st.integers(0, 10_000_000), st.sampled_from([0, 12, 15, 25]), st.integers(1, 60)), min_size=1, max_size=40
)


@given(rows=ROWS)
def test_any_invoice_keeps_every_rule_and_says_the_printed_sums(rows: list[tuple[int, int, int]]) -> None:
    made = [
        line(place, str(Decimal(ore) / 100), percent=percent, quantity=Decimal(count))
        for place, (ore, percent, count) in enumerate(rows, 1)
    ]
    printed = invoice(*made)
    content = ehf.document(printed, lines=made)
    assert problems(content) == []
    root = ET.fromstring(content)
    assert Decimal(text(root, "LegalMonetaryTotal/PayableAmount")) == printed.total
    assert Decimal(text(root, "TaxTotal/TaxAmount")) == printed.vat
    assert len(lines(root)) == len(made)


@given(name=st.text(min_size=1), address=st.text(max_size=200))
def test_any_name_makes_a_file_that_can_be_read(name: str, address: str) -> None:
    content = of(line(1, "1.00"), buyer_name=f"A{name}", buyer_address=address, member_number="")
    assert problems(content) == []


def test_what_the_rules_would_find() -> None:
    """The rules themselves can fail: each change breaks the one that is meant."""
    good = of(line(1, "1250.00", percent=25), line(2, "99.00", percent=25)).decode()
    for old, new, rule in (
        ('<cbc:PayableAmount currencyID="NOK">1349.00', '<cbc:PayableAmount currencyID="NOK">1349.01', "BR-CO-16"),
        ("NO988077917MVA", "NO988077917", "NO-R-001"),
        ("NO988077917MVA", "988077917", "BR-CO-09"),
        ("<cbc:BuyerReference>1234</cbc:BuyerReference>", "", "PEPPOL-EN16931-R003"),
        ('schemeID="0192">974760673', 'schemeID="0192">974760674', "PEPPOL-COMMON-R041"),
        ("<cbc:ID>S</cbc:ID>", "<cbc:ID>O</cbc:ID>", "BR-O-02"),
        ("<cbc:DueDate>2026-03-24</cbc:DueDate>", "", "BR-CO-25"),
        ("<cbc:InvoiceTypeCode>380", "<cbc:InvoiceTypeCode>381", "PEPPOL-EN16931-P0100"),
        ("<cbc:Percent>25<", "<cbc:Percent>24<", "BR-CO-17"),
        ('currencyID="NOK">79.20', 'currencyID="NOK">79.201', "BR-DEC-23"),
        ('currencyID="NOK">79.20', 'currencyID="SEK">79.20', "PEPPOL-EN16931-R051"),
        ('<cbc:InvoicedQuantity unitCode="EA">1', '<cbc:InvoicedQuantity unitCode="EA">2', "PEPPOL-EN16931-R120"),
        ("<cbc:BuyerReference>1234", "<cbc:BuyerReference>", "PEPPOL-EN16931-R008"),
    ):
        assert old in good, old
        assert rule in [found.partition(":")[0] for found in problems(good.replace(old, new).encode())], rule


# --- who gets one ---


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"buyer_number": ""}, "buyer_without_number"),
        ({"buyer_number": "974760674"}, "buyer_without_number"),
        ({"seller": {**SELLER, "organisation_number": ""}}, "seller_without_number"),
    ],
)
def test_both_parties_need_a_number(data: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as caught:
        of(line(1, "2000.00"), **data)
    assert caught.value.code == code


def test_vat_that_no_line_tells_of_is_refused() -> None:
    with pytest.raises(Refused, match="not told apart"):
        of(line(1, "100.00"), vat=Decimal("20.00"))


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("Storgata 1\n0155 Oslo", ("Storgata 1", "", "Oslo", "0155", "NO")),
        ("Attn. Kari\nStorgata 1\nOppgang B\n0155 Oslo", ("Attn. Kari", "Storgata 1", "Oslo", "0155", "NO")),
        ("Kungsgatan 5\n111 43 Stockholm\nSweden", ("Kungsgatan 5", "", "111 43 Stockholm", "", "SE")),
        ("0155", ("", "", "", "0155", "NO")),
        ("", ("", "", "", "", "NO")),
    ],
)
def test_the_printed_address_is_taken_apart(printed: str, expected: tuple[str, ...]) -> None:
    root = ET.fromstring(of(line(1, "1.00"), buyer_address=printed))
    address = "AccountingCustomerParty/Party/PostalAddress/"
    parts = ("StreetName", "AdditionalStreetName", "CityName", "PostalZone", "Country/IdentificationCode")
    assert tuple(text(root, address + part) for part in parts) == expected


# --- in the office ---


def browser_of(role: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(role))
    return client


def company_invoice() -> Invoice:
    company = make_company(paid=False)
    Member.objects.filter(pk=company.pk).update(organisation_number="974760673")
    Invoice.objects.update(buyer_number="974760673")
    return Invoice.objects.get(member=company)


@pytest.mark.django_db
def test_the_treasurer_downloads_it_from_the_invoice() -> None:
    issued = company_invoice()
    [fee] = fees.charge(fees=[fees.Fee(invoice=issued, amount=Decimal(37), due_on=TODAY)], on=TODAY, at=NOW)
    note = credit_notes.credit(invoice=issued, on=TODAY, at=NOW, by=None, reason="Wrong type")
    browser = browser_of(roles.TREASURERS)
    for document in (issued, fee, note):
        page = browser.get(f"/admin/invoices/{document.pk}/").text
        assert f'href="/admin/treasury/ehf/{document.pk}/"' in page
        answer = browser.get(f"/admin/treasury/ehf/{document.pk}/")
        assert answer["Content-Disposition"] == f'attachment; filename="ehf-{document.number}.xml"'
        assert answer["Content-Type"] == "application/xml" and "no-store" in answer["Cache-Control"]
        assert problems(answer.content) == []


@pytest.mark.django_db
def test_a_person_gets_no_ehf_and_is_told_why() -> None:
    issued = make_invoice(on=TODAY)
    browser = browser_of(roles.TREASURERS)
    assert "treasury/ehf" not in browser.get(f"/admin/invoices/{issued.pk}/").text
    page = browser.get(f"/admin/treasury/ehf/{issued.pk}/", follow=True).text
    assert "Only a payer with a valid organisation number can get an EHF invoice." in page


@pytest.mark.django_db
@pytest.mark.parametrize("role", [roles.MEMBER_ADMINS, roles.EDITORS, roles.BRANCH_OFFICERS])
def test_others_do_not_get_it(role: str) -> None:
    issued = company_invoice()
    assert browser_of(role).get(f"/admin/treasury/ehf/{issued.pk}/").status_code == 302
