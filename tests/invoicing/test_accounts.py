"""Several bank accounts, each with its own rule for KIDs; and an association with one, who is asked nothing."""

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from config.client import Account as Snippet
from config.client import Kid
from core.errors import Refused
from invoicing import accounts, by_hand, fees, kid, ledger_check
from invoicing.accounts import Account
from invoicing.by_hand import Item
from invoicing.fees import Fee
from invoicing.models import Invoice, InvoiceRun
from invoicing.run import runs
from membership import roles
from payments.models import BankLine
from tests.makers import NOW, TODAY, make_invoice, make_member, make_user, set_up_client
from tests.payments.banks.writers import paid
from tests.payments.from_bank.bank_makers import lines_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]
OWN, COURSES, SHOP = "86011117947", "15031234562", "97102233445"


def change(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    client = settings.CLIENT
    invoicing = dataclasses.replace(client.invoicing, **changes)
    monkeypatch.setattr(settings, "CLIENT", dataclasses.replace(client, invoicing=invoicing))


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dues' account as ever (15 digits, MOD10), one for courses (11, MOD11), one for the shop (8, MOD10)."""
    rows = (
        Snippet(number="1503.12.34562", name="Courses", kid=Kid(length=11, modulus=11)),
        Snippet(number=SHOP, kid=Kid(length=8, modulus=10)),
    )
    change(monkeypatch, accounts=rows)


@pytest.fixture
def treasurer() -> Any:
    set_up_client()
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(make_user(roles.TREASURERS, language="en"))
    with translation.override("en"):
        yield client


def issue(payer: Any, account: str = "") -> Invoice:
    return by_hand.issue(
        payer=payer, items=[Item(text="Course", unit_price=Decimal(500))], on=TODAY, at=NOW, by=None,
        account=accounts.chosen(account),
    )  # fmt: skip


def test_one_account_is_as_simple_as_ever(treasurer: Client) -> None:
    """No form asks, and nothing says which."""
    assert [(one.number, one.name, one.kid_length, one.kid_modulus) for one in accounts.every()] == [(OWN, "", 15, 10)]
    for page in ("/admin/treasury/invoice/", "/admin/treasury/runs/"):
        assert "To be paid to account" not in treasurer.get(page).text


def test_each_account_has_its_number_and_its_kids_on_the_invoice(three: None) -> None:
    payer = make_member()
    invoices = [issue(payer, account) for account in ("", COURSES, SHOP)]
    assert [(one.account_number, len(one.kid)) for one in invoices] == [(OWN, 15), (COURSES, 11), (SHOP, 8)]
    assert [kid.is_valid(one.kid, modulus) for one, modulus in zip(invoices, (10, 11, 10), strict=True)] == [True] * 3
    assert list(ledger_check.problems()) == []


def test_an_account_that_is_not_ours_is_refused(three: None) -> None:
    with pytest.raises(Refused, match="Choose another one") as refused:
        issue(make_member(), "12345678903")
    assert refused.value.code == "unknown_account"
    assert not Invoice.objects.filter(lines__text="Course").exists()


def test_whoever_joins_pays_to_the_first(three: None) -> None:
    assert (make_invoice().account_number, len(Invoice.objects.get().kid)) == (OWN, 15)


def test_chosen_by_hand_in_the_office(three: None, treasurer: Client) -> None:
    page = treasurer.get("/admin/treasury/invoice/").text
    assert "1503.12.34562 Courses" in page and "8601.11.17947" in page
    lines = {
        "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "lines-0-text": "Course", "lines-0-quantity": "1",
        "lines-0-unit_price": "500", "lines-0-vat_percent": "0", "payer": make_member().pk,
        "token": str(uuid4()),
    }  # fmt: skip
    assert "Select a valid choice." in treasurer.post("/admin/treasury/invoice/", {**lines, "account": OWN[::-1]}).text
    treasurer.post("/admin/treasury/invoice/", {**lines, "account": COURSES})
    invoice = Invoice.objects.latest("number")
    assert (invoice.account_number, len(invoice.kid), kid.is_valid(invoice.kid, 11)) == (COURSES, 11, True)


def test_a_run_keeps_the_account_it_began_with(three: None, treasurer: Client) -> None:
    alice = make_member(on=date(2025, 2, 1))
    new_year = date(2026, 1, 1)
    run = runs.start(begins_by=new_year, on=new_year, at=NOW, by=None, account=accounts.chosen(COURSES))
    while runs.go_on(run_id=run.pk, on=new_year, at=NOW):
        pass
    assert "To be paid to account 1503.12.34562 Courses." in treasurer.get(f"/admin/treasury/runs/{run.pk}/").text
    runs.agree(run=run, at=NOW, by=None)
    while runs.go_on(run_id=run.pk, on=new_year, at=NOW):
        pass
    invoice = alice.invoices.latest("number")
    assert (invoice.run, invoice.account_number, len(invoice.kid)) == (run, COURSES, 11)
    assert make_invoice("Bob").account_number == OWN


def test_the_run_asks_for_the_account(three: None, treasurer: Client) -> None:
    on = timezone.localdate().isoformat()
    refused = treasurer.post("/admin/treasury/runs/", {"begins_by": on, "account": "1"})
    assert ("Select a valid choice" in refused.text, InvoiceRun.objects.count()) == (True, 0)
    treasurer.post("/admin/treasury/runs/", {"begins_by": on, "account": SHOP})
    assert InvoiceRun.objects.get().account_number == SHOP


def test_a_fee_follows_its_invoice_s_account(three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    payer = make_member()
    own, course = issue(payer), issue(payer, COURSES)
    rows = [Fee(invoice=one, amount=Decimal(35), due_on=TODAY) for one in (course, own)]
    issued = fees.charge(fees=rows, on=TODAY, at=NOW)
    assert [(one.fee_for, one.account_number, len(one.kid)) for one in issued] == [
        (course, COURSES, 11),
        (own, OWN, 15),
    ]
    change(monkeypatch, accounts=())
    (late,) = fees.charge(fees=[Fee(invoice=course, amount=Decimal(35), due_on=TODAY)], on=TODAY, at=NOW)
    assert (late.account_number, len(late.kid)) == (OWN, 15)


def test_kids_of_every_rule_are_recognised_also_of_one_the_bank_has_changed(
    three: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the KID's own place and in a text; of an account that is closed by now, and of the rule before."""
    payer = make_member()
    made = [issue(payer, account) for account in (COURSES, SHOP, "", COURSES)]
    change(monkeypatch, accounts=(), kid=Kid(length=10, modulus=11))
    lines_of([
        paid("500", made[0].kid), paid("500", made[1].kid), paid("500", made[2].kid),
        paid("500", text=f"Course, KID {made[3].kid}"),
    ])  # fmt: skip
    assert set(BankLine.objects.values_list("state", "why")) == {("booked", "")}
    assert not Invoice.objects.filter(lines__text="Course", open_amount__gt=0).exists()


@given(st.integers(3, 25), st.sampled_from([10, 11]))
def test_every_length_has_room_for_its_parts(length: int, modulus: int) -> None:
    account = Account(number=OWN, name="", kid_length=length, kid_modulus=modulus)
    assert account.serial_digits + account.payer_digits + 1 == length
    assert 2 <= account.serial_digits <= 7 and account.payer_digits >= 0
