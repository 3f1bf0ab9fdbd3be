"""Whatever is paid, overpaid, credited and undone, the money adds up; and what is tampered with is named."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Refused
from invoicing.credit_notes import credit
from invoicing.models import Invoice, InvoiceLine
from membership.models import Period
from payments import intake, ledger_check
from payments.models import Allocation, Payment
from tests.makers import NOW, TODAY, invoice_of, kroner, make_household, make_invoice, make_type
from tests.payments.test_credit import next_year

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def pay(invoice: Invoice, amount: str | Decimal, **changes: Any) -> Payment:
    how = {
        "amount": kroner(str(amount)),
        "received_on": TODAY,
        "source": "ocr",
        "source_reference": f"ocr:{Payment.objects.count()}",
        "at": NOW,
        "by": None,
        "invoices": [invoice],
        **changes,
    }
    return intake.record(**how)


def test_an_empty_database() -> None:
    report = ledger_check.check()
    assert (report.problems, report.last_line) == (
        [],
        "Ledger check: 0 invoices, 0 credit notes, 0 payments, 0 reversals, 0 refunds, 0 allocations, 0 write-offs, "
        "0 problems.",
    )


def a_year() -> tuple[Invoice, Invoice, Invoice]:
    """Alice pays too much and gets her next invoice, Bob's family pays and is undone, Charlie's rest is credited."""
    alice = make_invoice(trial=True)
    bob = invoice_of(make_household("Bob", "Berit", paid=False).main_member)
    charlie = make_invoice("Charlie", "Clausen")
    pay(alice, "450")
    next_year(alice.member)
    intake.reverse(payment=pay(bob, "600"), at=NOW, by=None, reason="Wrong family")
    pay(charlie, "100")
    credit(invoice=charlie, on=TODAY, at=NOW, by=None, reason="Moved abroad")
    return alice, bob, charlie


def test_a_year_adds_up() -> None:
    a_year()
    report = ledger_check.check()
    assert report.problems == []
    assert report.counts == {
        "invoices": 4, "credit_notes": 1, "payments": 3, "reversals": 1, "refunds": 0, "allocations": 5,
        "write_offs": 0,
    }  # fmt: skip


@contextmanager
def constraints_off() -> Iterator[None]:
    """What only somebody with the database in hand can do."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else they wait for the end, and so does ALTER TABLE
            cursor.execute("ALTER TABLE invoicing_invoice DROP CONSTRAINT invoice_owes_at_most_its_total")
            cursor.execute("ALTER TABLE payments_payment DROP CONSTRAINT payment_is_never_used_twice")
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


def tampered(deed: str) -> list[str]:
    """Do one wrong thing to the year's books and return what the check says, without the numbers of rows."""
    alice, bob, charlie = a_year()
    payment = Payment.objects.get(payer=alice.member)
    reversal = Payment.objects.get(reverses__isnull=False)
    with constraints_off():
        match deed:
            case "an invoice that says another balance":
                Invoice.objects.filter(pk=bob.pk).update(open_amount=kroner("599.99"))
            case "a payment that says more is unused":
                Payment.objects.filter(pk=payment.pk).update(unused_amount=kroner("0.01"))
            case "an undone payment that can be used":
                Payment.objects.filter(reversed_by=reversal).update(unused_amount=kroner("600"))
            case "a lost allocation":
                Allocation.objects.filter(payment=payment, invoice=alice).delete()
            case "money booked twice":
                Allocation.objects.create(payment=payment, invoice=alice, amount=kroner("400"), made_at=NOW)
            case "a reversal of another amount":
                Payment.objects.filter(pk=reversal.pk).update(amount=kroner("-599"))
            case "a reversal of half the money":
                Allocation.objects.filter(payment=reversal).update(amount=kroner("-300"))
            case "a reversal on another invoice":
                Allocation.objects.filter(payment=reversal).update(invoice=charlie)
            case "paid, not confirmed":
                Period.objects.filter(member=alice.member, starts_on__year=2026).update(confirmed_on=None)
            case "confirmed, not paid":
                Period.objects.filter(member=bob.member).update(confirmed_on=TODAY)
            case "money on a credit note":
                note = Invoice.objects.get(kind="credit_note")
                Allocation.objects.create(payment=payment, invoice=note, amount=kroner("1"), made_at=NOW)
                Payment.objects.filter(pk=payment.pk).update(amount=kroner("451"))
        return [sentence.replace("\u00a0", " ") for sentence in ledger_check.check().problems]


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        ("an invoice that says another balance", ["Invoice 2 says kr 599.99 is left to pay, but its rows say kr 600."]),
        ("a payment that says more is unused",
         ["The payment {payment} (2026-03-10, kr 450) says kr 0.01 is not used, but its rows say kr 0."]),
        ("an undone payment that can be used",
         ["The payment {undone} (2026-03-10, kr 600) is undone, but says kr 600 is not used."]),
        ("a lost allocation",
         ["Invoice 1 says kr 0 is left to pay, but its rows say kr 400.",
          "The payment {payment} (2026-03-10, kr 450) says kr 0 is not used, but its rows say kr 400."]),
        ("money booked twice",
         ["Invoice 1 says kr 0 is left to pay, but its rows say kr −400.",
          "The payment {payment} (2026-03-10, kr 450) says kr 0 is not used, but its rows say kr −400."]),
        ("a reversal of another amount",
         ["The reversal {reversal} (2026-03-10, kr −599) is not the exact opposite of the payment it undoes."]),
        ("a reversal of half the money",
         ["Invoice 2 says kr 600 is left to pay, but its rows say kr 300.",
          "The reversal {reversal} (2026-03-10, kr −600) is not the exact opposite of the payment it undoes.",
          "Row {row} does not exactly undo the allocation it reverses."]),
        ("a reversal on another invoice",
         ["Invoice 2 says kr 600 is left to pay, but its rows say kr 0.",
          "Invoice 3 says kr 0 is left to pay, but its rows say kr 600.",
          "Row {row} does not exactly undo the allocation it reverses."]),
        ("paid, not confirmed", ["Invoice 1 is paid, but the membership of Alice Ås is not confirmed."]),
        ("confirmed, not paid", ["Invoice 2 is not paid, but the membership of Bob Berg is confirmed."]),
        ("money on a credit note", ["Money is booked on credit note 5."]),
    ],
)  # fmt: skip
def test_what_is_tampered_with_is_named(deed: str, expected: list[str]) -> None:
    with transaction.atomic():
        found = tampered(deed)
    reversal = Payment.objects.get(reverses__isnull=False)
    names = {
        "payment": Payment.objects.get(payer_name="Alice Ås").pk,
        "undone": reversal.reverses_id,
        "reversal": reversal.pk,
        "row": Allocation.objects.get(payment=reversal).pk,
    }
    assert found == [sentence.format(**names) for sentence in expected]


def test_only_so_many_sentences_of_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_check, "MOST_SENTENCES", 2)
    for name in ("Alice", "Bob", "Charlie", "Dora"):
        make_invoice(name)
    Invoice.objects.update(open_amount=kroner("1"))
    assert len(ledger_check.check().problems) == 3
    assert ledger_check.check().problems[-1] == "… and 2 more of the same kind."


def test_what_is_free_may_be_confirmed_on_an_open_invoice() -> None:
    """A household member who costs nothing is confirmed by themselves or with the main member."""
    make_household("Bob", "Berit", paid=False)
    assert ledger_check.check().problems == []
    line = InvoiceLine.objects.get(amount=0)
    Period.objects.filter(invoice_lines=line).update(confirmed_on=TODAY)
    assert ledger_check.check().problems == []


def test_the_command_says_it_and_exits() -> None:
    out = StringIO()
    invoice = make_invoice()
    call_command("ledger_check", stdout=out)
    assert out.getvalue() == (
        "Ledger check: 1 invoices, 0 credit notes, 0 payments, 0 reversals, 0 refunds, 0 allocations, 0 write-offs, "
        "0 problems.\n"
    )
    Invoice.objects.filter(pk=invoice.pk).update(open_amount=kroner("1"))
    out = StringIO()
    with pytest.raises(SystemExit) as exit:
        call_command("ledger_check", stdout=out)
    assert exit.value.code == 1
    assert out.getvalue().splitlines()[-1].endswith("0 allocations, 0 write-offs, 1 problems.")
    assert len(out.getvalue().splitlines()) == 2


def test_the_queries_do_not_grow() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ledger_check.check().problems == []
        return len(captured)

    pay(make_invoice(), "400")
    few = queries()
    for name in ("Bob", "Charlie", "Dora"):
        intake.reverse(payment=pay(make_invoice(name), "450"), at=NOW, by=None, reason="Undone")
    assert (few, queries()) == (few, few)


# --- any sequence ----------------------------------------------------------------------------------------------------

AMOUNTS = st.decimals(min_value="0.01", max_value="900", places=2)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.lists(st.integers(0, 2), min_size=1, max_size=3), AMOUNTS),
        st.tuples(st.just("undo"), st.integers(0, 9), st.none()),
        st.tuples(st.just("credit"), st.integers(0, 2), st.none()),
        st.tuples(st.just("next year"), st.integers(0, 2), st.none()),
        st.tuples(st.just("again"), st.integers(0, 9), AMOUNTS),
    ),
    max_size=8,
)


def do(deed: str, which: Any, amount: Any, invoices: list[Invoice]) -> None:
    """One thing that may happen to three invoices. What is refused must leave the books as they were."""
    payments = list(Payment.objects.order_by("pk"))
    if deed == "pay":
        pay(invoices[which[0]], amount, invoices=[invoices[number] for number in which])
    elif deed == "undo" and payments:
        intake.reverse(payment=payments[which % len(payments)], at=NOW, by=None, reason="Undone")
    elif deed == "credit":
        credit(invoice=invoices[which], on=TODAY, at=NOW, by=None, reason="Credited")
    elif deed == "next year" and not Period.objects.filter(member=invoices[which].member, starts_on__year=2027):
        next_year(invoices[which].member)
    elif deed == "again" and payments:
        reference = payments[which % len(payments)].source_reference
        pay(invoices[0], amount, source_reference=reference)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_any_sequence_adds_up(deeds: list[tuple[str, Any, Any]]) -> None:
    make_type("E")
    with transaction.atomic():
        invoices = [make_invoice(trial=True), make_invoice("Bob", "Berg"), make_invoice("Charlie", "Clausen")]
        for deed, which, amount in deeds:
            try:
                do(deed, which, amount, invoices)
            except Refused as refused:
                assert refused.code in {"reversed_already", "is_reversal", "nothing_open", "overlap"}, refused
            assert ledger_check.check().problems == [], deed
        transaction.set_rollback(True)
