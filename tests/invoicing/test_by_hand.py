"""What the treasurer does by hand: an invoice for something else, a copy, a letter, a payer's way."""

import io
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pypdf
import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from core.errors import Refused
from invoicing import by_hand, documents, ledger_check, pdf, press, ways
from invoicing.by_hand import Item
from invoicing.credit_notes import credit
from invoicing.models import Invoice, InvoiceWay
from membership import roles
from membership.models import Member
from messaging.models import Message
from tests.makers import NOW, TODAY, make_invoice, make_non_member, make_user, set_up_client

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/treasury/invoice/"


@pytest.fixture(autouse=True)
def own_files(tmp_path, monkeypatch):
    monkeypatch.setitem(Invoice._meta.get_field("pdf").storage.__dict__, "location", str(tmp_path))


@pytest.fixture
def treasurer():
    set_up_client()
    client = Client()
    client.force_login(make_user(roles.TREASURERS, language="en"))
    return client


def course(**kwargs) -> Item:
    return Item(text="Kurs i padling", **{"unit_price": Decimal(500), "vat_percent": Decimal(25), **kwargs})


def test_only_what_is_a_membership_says_that_dues_are_outside_vat():
    alice = make_invoice("Alice")
    without = course(vat_percent=Decimal(0))
    by_itself = by_hand.issue(payer=alice.member, items=[without], on=TODAY, at=NOW, by=None)
    words = "Medlemskontingent er utenfor merverdiavgiftsområdet"
    notes = [
        credit(invoice=invoice, on=TODAY, at=NOW, by=None, reason="Avlyst", amount=Decimal(100))
        for invoice in (alice, by_itself)
    ]
    said = []
    for invoice in (alice, by_itself, *notes):
        pages = pypdf.PdfReader(io.BytesIO(pdf.render(invoice))).pages
        said.append(words in " ".join(pages[0].extract_text().split()))
    assert said == [True, False, True, False]


def test_an_invoice_with_vat_in_the_same_series():
    make_invoice("Alice")
    payer = make_non_member("Firma", "AS", organisation_number="988077917")
    items = [course(quantity=Decimal(3)), Item(text="Medlemsblad", unit_price=Decimal("99.90"))]
    invoice = by_hand.issue(payer=payer, items=items, on=TODAY, at=NOW, by=None)
    assert (invoice.number, invoice.total, invoice.vat, invoice.open_amount) == (
        2,
        Decimal("1599.90"),
        300,
        invoice.total,
    )
    assert (invoice.buyer_name, invoice.member, invoice.due_on) == ("Firma AS", payer, date(2026, 3, 24))
    assert list(invoice.lines.values_list("position", "text", "quantity", "amount", "vat_percent")) == [
        (1, "Kurs i padling", 3, 1500, 25), (2, "Medlemsblad", 1, Decimal("99.90"), 0),
    ]  # fmt: skip
    assert list(ledger_check.problems()) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [({"items": []}, "nothing"), ({"items": [course(unit_price=Decimal(0))]}, "nothing"), ({"dead": True}, "dead"),
     ({"due_on": date(2026, 3, 9)}, "due_on"),
     ({"items": [course(unit_price=Decimal("5000000000"), quantity=Decimal(2))]}, "too_much"),
     ({"items": [course(unit_price=Decimal("9999999999")), course(unit_price=Decimal(1))]}, "too_much")],
)  # fmt: skip
def test_what_makes_no_sense_takes_no_number(change, code):
    payer = make_non_member()
    if change.pop("dead", False):
        payer.died_on = TODAY
    with pytest.raises(Refused):
        by_hand.issue(**{"payer": payer, "items": [course()], "on": TODAY, "at": NOW, "by": None, **change})
    assert not Invoice.objects.exists()
    by_hand.issue(payer=make_non_member(), items=[course()], on=TODAY, at=NOW, by=None)
    assert Invoice.objects.get().number == 1


def lines(*rows: dict[str, str]) -> dict[str, str]:
    data = {"lines-TOTAL_FORMS": "5", "lines-INITIAL_FORMS": "0", "token": str(uuid4())}
    for number in range(5):
        row = rows[number] if number < len(rows) else {}
        defaults = {"text": "", "quantity": "1", "unit_price": "", "vat_percent": "0"}
        data |= {f"lines-{number}-{name}": value for name, value in {**defaults, **row}.items()}
    return data


def test_from_the_office(treasurer):
    payer = make_non_member("Firma", "AS")
    assert treasurer.get(f"{ADDRESS}?payer={payer.pk}").status_code == 200
    empty = treasurer.post(ADDRESS, {"payer": payer.pk, **lines()})
    assert (empty.status_code, Invoice.objects.count()) == (200, 0)
    line = {"text": "Utleie av hytte", "unit_price": "1200", "quantity": "2"}
    done = treasurer.post(ADDRESS, {"payer": payer.pk, **lines(line)}, follow=True)
    invoice = Invoice.objects.get()
    assert "is issued, and on its way" in done.content.decode()
    assert (invoice.total, invoice.lines.get().text) == (2400, "Utleie av hytte")


def test_a_double_click_issues_one_invoice(treasurer):
    payer, other = make_non_member("Firma", "AS"), make_non_member("Annet", "AS")
    form = {"payer": payer.pk, **lines({"text": "Utleie av hytte", "unit_price": "1200"})}
    assert 'type="hidden" name="token"' in treasurer.get(ADDRESS).content.decode()
    answers = [treasurer.post(ADDRESS, form) for _time in range(2)]
    invoice = Invoice.objects.get()
    assert [answer["Location"] for answer in answers] == [f"/admin/invoices/{invoice.pk}/"] * 2
    for change in ({"payer": other.pk}, {"lines-0-text": "Leie"}, {"lines-0-unit_price": "1300"},
                   {"due_on": "2040-01-01"}):  # fmt: skip
        changed = treasurer.post(ADDRESS, {**form, **change})
        assert f"This form has become invoice {invoice.number} already" in changed.content.decode()
    assert list(Invoice.objects.values_list("number", "form_token")) == [(1, UUID(form["token"]))]
    treasurer.post(ADDRESS, {**form, "token": str(uuid4())})
    assert list(Invoice.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_the_database_keeps_two_invoices_of_one_form_apart():
    payer, token = make_non_member(), uuid4()
    first = by_hand.issue(payer=payer, items=[course()], on=TODAY, at=NOW, by=None, token=token)
    other = by_hand.issue(payer=payer, items=[course()], on=TODAY, at=NOW, by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.filter(pk=other.pk).update(form_token=first.form_token)


def test_a_slip_with_the_keyboard_is_refused_and_the_list_still_opens(treasurer):
    payer = make_non_member("Firma", "AS")
    slip = {"text": "Utleie av hytte", "unit_price": "1200000", "quantity": "12000"}
    refused = treasurer.post(ADDRESS, {"payer": payer.pk, **lines(slip)})
    assert (refused.status_code, Invoice.objects.count()) == (200, 0)
    assert "Check how many there are, and the price of one" in refused.content.decode()
    by_hand.issue(payer=payer, items=[course(unit_price=by_hand.MOST)], on=TODAY, at=NOW, by=None)
    assert Invoice.objects.get().total == by_hand.MOST
    assert treasurer.get("/admin/invoices/").status_code == 200


def test_a_copy_says_so_and_is_the_same_document(treasurer):
    invoice = make_invoice("Alice")
    assert treasurer.get(f"/admin/treasury/copy/{invoice.pk}/").status_code == 404
    Invoice.objects.update(language="en")
    pdf.make(invoice=Invoice.objects.get(), at=NOW)
    answer = treasurer.get(f"/admin/treasury/copy/{invoice.pk}/")
    text = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert ("DUPLICATE" in text.upper().replace(" ", ""), "Invoice number" in text, invoice.buyer_name in text) == (
        True,
        True,
        True,
    )
    assert pdf.is_unchanged(Invoice.objects.get())


def test_a_copy_that_cannot_be_printed_is_said(treasurer, monkeypatch):
    invoice = make_invoice("Alice")
    pdf.make(invoice=invoice, at=NOW)
    monkeypatch.setattr(press.Press, "print", no_logo)
    documents._copy_mark.cache_clear()
    answer = treasurer.get(f"/admin/treasury/copy/{invoice.pk}/", follow=True)
    assert answer.redirect_chain == [(f"/admin/invoices/{invoice.pk}/", 302)]
    assert "The copy cannot be printed. The logo cannot be drawn." in answer.content.decode()
    Invoice.objects.update(pdf="")
    assert treasurer.get(f"/admin/treasury/copy/{invoice.pk}/").status_code == 404


def no_logo(self, html):
    raise press.PrintError("The logo cannot be drawn.")


def test_on_paper_instead(treasurer):
    invoice = make_invoice("Alice")
    for _time in range(2):
        treasurer.post(f"{ADDRESS}{invoice.pk}/print/")
    assert list(Message.objects.filter(channel="letter").values_list("unique_key", flat=True)) == ["invoice-letter:1"]
    nowhere = make_invoice("Bob", address_line_1="")
    answer = treasurer.post(f"{ADDRESS}{nowhere.pk}/print/", follow=True)
    assert "has no postal address" in answer.content.decode()


def test_the_dead_are_offered_no_letter(treasurer):
    invoice = make_invoice("Alice")
    show, offer = f"/admin/invoices/{invoice.pk}/", "Send on paper"
    assert offer in treasurer.get(show).content.decode()
    Member.objects.update(died_on=TODAY)
    assert offer not in treasurer.get(show).content.decode()
    answer = treasurer.post(f"{ADDRESS}{invoice.pk}/print/", follow=True)
    assert "is dead. Open the PDF of invoice" in answer.content.decode()
    assert not Message.objects.filter(channel="letter").exists()


def test_the_way_of_a_payer(treasurer):
    member = make_non_member("Alice")
    address = f"/admin/treasury/way/{member.pk}/"
    assert "on paper" in treasurer.get(address).content.decode()
    treasurer.post(address, {"way": "letter"})
    assert ways.chosen_by(member) == "letter"
    assert "on paper" in treasurer.get(f"/admin/members/{member.pk}/").content.decode()
    Member.objects.update(address_line_1="")
    treasurer.post(address, {"way": ""})
    refused = treasurer.post(address, {"way": "letter"})
    assert "no postal address" in refused.content.decode() and not InvoiceWay.objects.exists()


@pytest.mark.parametrize("role", [roles.AUDITORS, roles.MEMBER_ADMINS, roles.BRANCH_OFFICERS, roles.EDITORS])
def test_for_the_treasurer_only(role):
    invoice = make_invoice("Alice")
    client = Client()
    client.force_login(make_user(role))
    for address in (ADDRESS, f"{ADDRESS}{invoice.pk}/print/", f"/admin/treasury/way/{invoice.member_id}/"):
        assert client.post(address, {"way": "letter"}).status_code == 302
    assert (Invoice.objects.count(), Message.objects.filter(channel="letter").count(), InvoiceWay.objects.count()) == (
        1, 0, 0,
    )  # fmt: skip
