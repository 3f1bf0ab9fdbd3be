"""One payment over several invoices, with so much for each as the treasurer says: by keyboard and from the bank."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Refused
from invoicing.models import Invoice
from membership import roles
from payments import intake, ledger_check
from payments.from_bank import line_queue
from payments.models import Allocation, BankLine, PayerAccount, Payment
from payments.shares import Share, in_order
from tests.makers import NOW, TODAY, kroner, make_invoice, make_user, set_up_client
from tests.payments.banks.writers import paid
from tests.payments.from_bank.bank_makers import lines_of
from tests.payments.test_credit import next_year

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]
REGISTER, QUEUE = "/admin/treasury/register/", "/admin/treasury/unmatched/"


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Kari Kasserer, in English, on the day of the tests."""
    set_up_client()
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    client = Client(headers={"accept-language": "en"})
    client.cookies["django_language"] = "en"
    client.force_login(make_user(roles.TREASURERS, username="kari", first_name="Kari", last_name="Kasserer"))
    with translation.override("en"):
        yield client


def record(amount: str, shares: list[tuple[Invoice, str]], **how: Any) -> Payment:
    return intake.record(
        amount=kroner(amount), received_on=TODAY, source="hand", source_reference=f"hand:{uuid4()}", at=NOW, by=None,
        shares=[Share(invoice=invoice, amount=kroner(part)) for invoice, part in shares], **how,
    )  # fmt: skip


def left() -> list[Decimal]:
    return list(Invoice.objects.order_by("number").values_list("open_amount", flat=True))


def covered() -> list[tuple[int, Decimal]]:
    rows = Allocation.objects.order_by("invoice__number", "pk")
    return list(rows.values_list("invoice__number", "amount"))


# --- the story -------------------------------------------------------------------------------------------------------


def test_each_invoice_gets_what_was_said_and_the_rest_of_them_stay_open() -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    payment = record("500", [(bob, "350"), (alice, "150")])
    assert covered() == [(alice.number, kroner("150")), (bob.number, kroner("350"))]
    assert (left(), payment.payer, payment.unused_amount) == ([kroner("250"), kroner("50")], bob.member, kroner("0"))
    assert ledger_check.check().problems == []


def test_the_rest_is_credit_only_when_somebody_says_so() -> None:
    """And then it covers nothing else, though the payer owes more."""
    first = make_invoice()
    other = next_year(first.member)
    with pytest.raises(Refused, match=r"Say what the last .* is for, or keep it as credit") as refused:
        record("450", [(first, "100")])
    assert (refused.value.code, Payment.objects.count()) == ("rest_left", 0)
    payment = record("450", [(first, "100")], rest_is_credit=True)
    other.refresh_from_db()
    assert (payment.unused_amount, other.open_amount, left()) == (
        kroner("350"), kroner("400"), [kroner("300"), kroner("400")],
    )  # fmt: skip
    assert ledger_check.check().problems == []


@pytest.mark.parametrize(
    ("amount", "parts", "code"),
    [
        ("500", ["400", "101"], "too_much_shared"),
        ("900", ["400", "500"], "more_than_open"),
        ("400", ["400.01", "0"], "too_much_shared"),
        ("500", ["499.99", "0.01"], "more_than_open"),
    ],
)
def test_what_does_not_add_up_writes_nothing(amount: str, parts: list[str], code: str) -> None:
    invoices = [make_invoice(), make_invoice("Bob", "Berg")]
    with pytest.raises(Refused) as refused:
        record(amount, list(zip(invoices, parts, strict=True)))
    assert (refused.value.code, Payment.objects.count(), Allocation.objects.count(), left()) == (
        code, 0, 0, [kroner("400")] * 2,
    )  # fmt: skip


def test_the_same_name_again_is_the_first_payment_though_nothing_is_left_to_pay() -> None:
    invoice = make_invoice()
    how: dict[str, Any] = {
        "amount": kroner("400"), "received_on": TODAY, "source": "hand", "source_reference": "hand:1", "at": NOW,
        "by": None, "shares": [Share(invoice=invoice, amount=kroner("400"))],
    }  # fmt: skip
    assert intake.record(**how) == intake.record(**how)
    assert Payment.objects.count() == 1


def test_undone_it_is_owed_again_as_it_was() -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    payment = record("500", [(bob, "350"), (alice, "150")])
    intake.reverse(payment=payment, at=NOW, by=None, reason="x")
    assert left() == [kroner("400"), kroner("400")]
    assert ledger_check.check().problems == []


def test_a_bank_line_is_divided_and_its_account_remembered() -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    (line,) = lines_of([paid("500", name="Somebody", account="86011117947")])
    shares = [Share(invoice=alice, amount=kroner("100")), Share(invoice=bob, amount=kroner("400"))]
    line_queue.confirm(line=line, shares=shares, at=NOW, by=None)
    line.refresh_from_db()
    assert (line.state, left()) == ("booked", [kroner("300"), kroner("0")])
    assert PayerAccount.objects.get().member == alice.member
    with pytest.raises(Refused, match="has already decided this line"):
        line_queue.confirm(line=line, shares=shares, at=NOW, by=None)


amounts = st.integers(0, 45_000).map(lambda ore: Decimal(ore) / 100)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts, st.lists(amounts, min_size=3, max_size=3), st.booleans(), st.booleans())
def test_whatever_is_written_adds_up_or_is_refused(
    amount: Decimal, parts: list[Decimal], is_exact: bool, rest_is_credit: bool
) -> None:
    with transaction.atomic():
        invoices = [make_invoice(name) for name in ("Alice", "Bob", "Carl")]
        amount = sum(parts, Decimal(0)) if is_exact else amount
        shares = [Share(invoice=one, amount=part) for one, part in zip(invoices, parts, strict=True) if part]
        fits = all(part <= 400 for part in parts) and bool(amount) and bool(shares)
        fits = fits and (sum(parts) == amount or (rest_is_credit and sum(parts) < amount))
        try:
            with transaction.atomic():
                payment = intake.record(
                    amount=amount, received_on=TODAY, source="hand", source_reference="hand:1", at=NOW, by=None,
                    shares=shares, rest_is_credit=rest_is_credit,
                )  # fmt: skip
        except Refused:
            assert (fits or not shares, Payment.objects.count()) == (not shares, 0)
        else:
            assert fits or not shares
            if shares:
                assert left() == [400 - part for part in parts]
                assert payment.unused_amount == amount - sum(parts)
        problems = ledger_check.check().problems
        transaction.set_rollback(True)
    assert problems == []


@given(amounts, st.lists(amounts, max_size=6))
def test_in_order_is_as_much_as_fits(amount: Decimal, owed: list[Decimal]) -> None:
    shares = in_order(amount=amount, invoices=[Invoice(open_amount=one) for one in owed])
    assert sum(share.amount for share in shares) == min(amount, sum(owed))
    assert all(0 <= share.amount <= one for share, one in zip(shares, owed, strict=True))
    is_short = False
    for share, one in zip(shares, owed, strict=True):
        assert not (is_short and share.amount), "somebody got nothing while a later one did"
        is_short = is_short or share.amount < one


# --- by keyboard -----------------------------------------------------------------------------------------------------


def typed(invoice: Invoice, **changes: Any) -> dict[str, Any]:
    return {
        "invoice": invoice.pk, "amount": "500", "received_on": TODAY.isoformat(), "token": str(uuid4()), **changes,
    }  # fmt: skip


def fields(response: Any) -> dict[int, str]:
    """Invoice number, and what stands in its field."""
    with translation.override("en"):
        return {invoice.number: field.value() for invoice, field, _focus in response.context["parts"].rows}


def test_dividing_begins_with_what_would_happen_anyway(office: Client) -> None:
    first = make_invoice(on=TODAY - timedelta(days=40))
    other = next_year(first.member)
    make_invoice("Bob", "Berg")
    page = office.post(REGISTER, typed(first, divide="1", token="kept"))
    assert (page.status_code, fields(page)) == (200, {first.number: "400", other.number: "100"})
    form = page.context["form"]
    assert [form[name].value() for name in ("amount", "received_on", "token")] == ["500", TODAY.isoformat(), "kept"]
    assert Payment.objects.count() == 0


def test_another_payer_s_invoice_is_added_and_nothing_typed_is_lost(office: Client) -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    data = typed(alice, shares="1", **{f"share_{alice.pk}": "12,50"})
    page = office.post(REGISTER, {**data, "another": "Berg"})
    assert fields(page) == {alice.number: "12,50", bob.number: None}
    assert [focus for _invoice, _field, focus in page.context["parts"].rows] == [False, True]
    again = office.post(REGISTER, {**data, f"share_{bob.pk}": "x", "another": "Berg"})
    assert fields(again) == {alice.number: "12,50", bob.number: "x"}
    assert "What was found stands here already, or has nothing left to pay." in again.text
    nobody = office.post(REGISTER, {**data, "another": "Nobody"})
    assert (fields(nobody), "No invoice was found." in nobody.text) == ({alice.number: "12,50"}, True)
    assert Payment.objects.count() == 0


def test_registered_as_written(office: Client) -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    data = typed(alice, shares="1", **{f"share_{alice.pk}": "149,50", f"share_{bob.pk}": "350.50"})
    page = office.post(REGISTER, data, follow=True)
    assert [str(message).replace("\u00a0", " ").strip() for message in page.context["messages"]] == [
        f"kr 500 from Alice Ås is registered. Invoice {alice.number} has kr 250.50 left to pay. "
        f"Invoice {bob.number} has kr 49.50 left to pay."
    ]
    office.post(REGISTER, data)
    assert (Payment.objects.count(), left()) == (1, [kroner("250.50"), kroner("49.50")])


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("400", "", "You have divided kr\u00a0400 of kr\u00a0500. Say what the last kr\u00a0100 is for"),
        ("400", "200", "You have divided kr\u00a0600, but kr\u00a0500 came. Take kr\u00a0100 off one of the invoices."),
        ("500", "", "has kr\u00a0400 left to pay, so it cannot take kr\u00a0500."),
        ("four", "100", "This is not an amount. Write it like 600 or 1234,50."),
        ("", "0", "Write how much of it each invoice gets."),
        ("<b>1", "9" * 1000, "This is not an amount."),
        ("-1", "501", "This is not an amount."),
    ],
)
def test_errors_keep_what_was_typed_by_keyboard_and_from_the_bank(
    office: Client, first: str, second: str, expected: str
) -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    (line,) = lines_of([paid("500", name="Somebody Else")])
    parts = {f"share_{alice.pk}": first, f"share_{bob.pk}": second, "shares": "1"}
    for page in (office.post(REGISTER, typed(alice, **parts)), office.post(f"{QUEUE}{line.pk}/", parts)):
        assert (page.status_code, fields(page)) == (422, {alice.number: first, bob.number: second})
        assert expected in page.text
        assert ("Keep the rest as credit" in page.text) == ("the last" in expected)
        assert "<b>1" not in page.text
    assert (Payment.objects.count(), left()) == (0, [kroner("400")] * 2)


def test_the_rest_is_kept_as_credit_by_its_button(office: Client) -> None:
    alice = make_invoice()
    office.post(REGISTER, typed(alice, shares="1", rest="credit", **{f"share_{alice.pk}": "300"}))
    assert (Payment.objects.get().unused_amount, left()) == (kroner("200"), [kroner("100")])


def test_the_second_treasurer_is_told_here_too(office: Client) -> None:
    alice = make_invoice()
    office.post(REGISTER, typed(alice, amount="300"))
    data = typed(alice, amount="300", shares="1", **{f"share_{alice.pk}": "100"}, rest="credit")
    page = office.post(REGISTER, data)
    assert (page.status_code, "It came twice: register this one too" in page.text) == (422, True)


def test_an_invoice_that_is_not_there_has_no_field(office: Client) -> None:
    alice = make_invoice()
    strange = {"share_": "1", "share_x": "1", f"share_{'9' * 30}": "1", "share_999999": "1", "share_²": "1"}
    page = office.post(REGISTER, typed(alice, shares="1", **{f"share_{alice.pk}": ""}, **strange))
    assert (page.status_code, fields(page)) == (422, {alice.number: ""})


# --- from the bank ---------------------------------------------------------------------------------------------------


def test_marked_invoices_are_divided_on_the_queue(office: Client) -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    (line,) = lines_of([paid("500", name="Somebody Else")])
    there = office.post(f"{QUEUE}{line.pk}/", {"verb": "divide", "for": [str(bob.pk), str(alice.pk)]})
    assert there["Location"] == f"{QUEUE}?line={line.pk}&divide={bob.pk}%2C{alice.pk}"
    page = office.get(there["Location"])
    assert fields(page) == {bob.number: "400", alice.number: "100"}
    parts = {f"share_{bob.pk}": "200", f"share_{alice.pk}": "300", "shares": "1", "verb": "share"}
    page = office.post(f"{QUEUE}{line.pk}/", parts, follow=True)
    assert "kr\u00a0500 from Somebody Else is registered." in page.text
    assert (BankLine.objects.get().state, left()) == ("booked", [kroner("100"), kroner("200")])
    assert ledger_check.check().problems == []


def test_another_invoice_on_the_queue(office: Client) -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    (line,) = lines_of([paid("500", name="Alice Ås")])
    there = office.post(f"{QUEUE}{line.pk}/", {"verb": "divide"})
    assert list(fields(office.get(there["Location"]))) == [alice.number]
    page = office.post(f"{QUEUE}{line.pk}/", {"shares": "1", f"share_{alice.pk}": "7", "another": str(bob.number)})
    assert (page.status_code, fields(page)) == (200, {alice.number: "7", bob.number: None})


def test_money_out_is_not_divided(office: Client) -> None:
    alice = make_invoice()
    (line,) = lines_of([paid("-400", alice.kid, is_reversal=True)])
    page = office.get(QUEUE, {"line": line.pk, "divide": alice.pk})
    assert page.context["parts"] is None
    refused = office.post(f"{QUEUE}{line.pk}/", {"shares": "1", f"share_{alice.pk}": "400"})
    assert (refused.status_code, "This money went out." in refused.text) == (422, True)


def test_the_queries_of_dividing_do_not_grow(office: Client, django_assert_num_queries: Any) -> None:
    invoices = [make_invoice(name, on=date(2026, 2, 1)) for name in ("Alice", "Bob", "Carl")]
    office.get(REGISTER)
    for some in (invoices[:1], invoices):
        data = typed(invoices[0], shares="1", **{f"share_{one.pk}": "" for one in some})
        with django_assert_num_queries(15):
            office.post(REGISTER, data)
