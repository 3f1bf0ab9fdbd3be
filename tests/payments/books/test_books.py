"""The books: whatever is invoiced, paid, undone and credited, the journal balances and agrees with what is open."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.errors import Refused
from core.money import ZERO
from invoicing import by_hand
from invoicing.credit_notes import credit
from invoicing.models import Invoice
from membership.models import Branch, MembershipType
from payments import intake, refunds, write_offs
from payments.books import income, money_in, open_items, vouchers, years
from payments.models import Payment
from tests.makers import at_noon, invoice_of, kroner, make_household, make_invoice, set_up_client
from tests.payments.books.makers import pay

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _client() -> None:
    set_up_client()


JANUARY = date(2027, 1, 10)
MARCH = date(2027, 3, 15)
DECEMBER = date(2027, 12, 31)


def a_year() -> None:
    """Alice pays 400 in January, Bob's family pays 700 of 600 in March, Cara's 400 is credited in June."""
    pay(make_invoice("Alice", "Ås", on=JANUARY), "400", on=JANUARY + timedelta(days=3))
    pay(invoice_of(make_household("Bob", "Berit", on=JANUARY, paid=False).main_member), "700", on=MARCH)
    cara = make_invoice("Cara", "Dahl", on=JANUARY)
    credit(invoice=cara, on=date(2027, 6, 1), at=at_noon(date(2027, 6, 1)), by=None, reason="Left")


def test_what_was_open_on_each_day() -> None:
    a_year()
    days = [date(2026, 12, 31), JANUARY, JANUARY + timedelta(days=3), MARCH, date(2027, 6, 1)]
    found = [open_items.standing_on(day) for day in days]
    assert [(row.count, row.open, row.credit) for row in found] == [
        (0, kroner("0"), kroner("0")),
        (3, kroner("1400"), kroner("0")),
        (2, kroner("1000"), kroner("0")),
        (1, kroner("400"), kroner("100")),
        (0, kroner("0"), kroner("100")),
    ]


def test_money_registered_late_counts_from_the_day_it_came() -> None:
    invoice = make_invoice(on=JANUARY)
    pay(invoice, "400", on=JANUARY + timedelta(days=5), recorded_on=JANUARY + timedelta(days=40))
    assert open_items.standing_on(JANUARY + timedelta(days=4)).open == kroner("400")
    assert open_items.standing_on(JANUARY + timedelta(days=5)).open == ZERO


def test_an_undone_payment_is_owed_again_from_the_day_it_was_undone() -> None:
    payment = pay(make_invoice(on=JANUARY), "400", on=JANUARY)
    intake.reverse(payment=payment, at=at_noon(MARCH), by=None, reason="Wrong person")
    before, after = open_items.standing_on(MARCH - timedelta(days=1)), open_items.standing_on(MARCH)
    assert (before.open, before.credit, after.open, after.credit) == (ZERO, ZERO, kroner("400"), ZERO)


def test_credit_that_steps_in_for_an_undone_payment_covers_from_the_day_it_was_used() -> None:
    invoice = make_invoice(on=JANUARY)
    first = pay(invoice, "100", on=JANUARY)
    pay(invoice, "500", on=JANUARY)
    intake.reverse(payment=first, at=at_noon(MARCH), by=None, reason="Bounced")
    before, after = open_items.standing_on(MARCH - timedelta(days=1)), open_items.standing_on(MARCH)
    assert (before.open, before.credit) == (ZERO, kroner("200"))
    assert (after.open, after.credit) == (ZERO, kroner("100"))


def test_the_journal_of_a_year() -> None:
    a_year()
    found = [
        (v.on.isoformat()[5:], v.number[0], [(p.account, str(p.amount), p.type_code) for p in v.postings])
        for v in vouchers.vouchers(first=date(2027, 1, 1), last=DECEMBER)
    ]
    assert found == [
        ("01-10", "F", [("receivables", "400.00", ""), ("dues", "-400.00", "E")]),
        ("01-10", "F", [("receivables", "600.00", ""), ("dues", "-600.00", "FM")]),
        ("01-10", "F", [("receivables", "400.00", ""), ("dues", "-400.00", "E")]),
        ("01-13", "B", [("bank", "400.00", ""), ("receivables", "-400.00", "")]),
        ("03-15", "B", [("bank", "700.00", ""), ("receivables", "-700.00", "")]),
        ("06-01", "K", [("receivables", "-400.00", ""), ("dues", "400.00", "E")]),
    ]


def test_vat_stands_on_its_own_account() -> None:
    MembershipType.objects.filter(code="E").update(vat_percent=25)
    make_invoice(on=JANUARY)
    (voucher,) = vouchers.vouchers(first=JANUARY, last=JANUARY)
    assert [(p.account, str(p.amount), str(p.vat_percent)) for p in voucher.postings] == [
        ("receivables", "400.00", "0.00"),
        ("dues", "-320.00", "25.00"),
        ("vat", "-80.00", "25.00"),
    ]


def test_a_part_of_an_invoice_with_several_rates_balances_all_the_same() -> None:
    MembershipType.objects.filter(code="FM").update(vat_percent=25)
    MembershipType.objects.filter(code="FM2").update(price=100)
    invoice = invoice_of(make_household("Bob", "Berit", on=JANUARY, paid=False).main_member)
    pay(invoice, "333.33", on=JANUARY)
    note = credit(invoice=invoice, on=MARCH, at=at_noon(MARCH), by=None, reason="Left")
    voucher = vouchers.of_invoice(note)
    assert sum(p.amount for p in voucher.postings) == 0
    assert [(p.amount, p.vat_percent) for p in voucher.postings if p.account == "vat"] == [(-note.vat, 25)]


def test_money_from_a_provider_stands_on_an_account_of_its_own_until_it_is_paid_out() -> None:
    payment = pay(make_invoice(on=JANUARY), "400", on=JANUARY, source="provider")
    reversal = intake.reverse(payment=payment, at=at_noon(MARCH), by=None, reason="Refunded")
    accounts = [[p.account for p in vouchers.of_payment(row).postings] for row in (payment, reversal)]
    assert accounts == [["provider", "receivables"]] * 2


def test_income_by_type_and_branch() -> None:
    oslo = Branch.objects.create(name="Oslo", code="OSL")
    MembershipType.objects.filter(code="E").update(branch_percent=25)
    first = make_invoice("Alice", "Ås", on=JANUARY)
    first.member.branch = oslo
    first.member.save()
    second = make_invoice("Cara", "Dahl", on=JANUARY)
    pay(second, "400", on=JANUARY)
    first.lines.update(branch_code="OSL")
    make_household("Bob", "Berit", on=JANUARY, paid=False)
    credit(invoice=first, on=MARCH, at=at_noon(MARCH), by=None, reason="Left")
    second.lines.update(branch_code="OSL")
    rows = income.income_by("type", first=date(2027, 1, 1), last=DECEMBER)
    assert [(r.code, r.lines, r.invoiced, r.credited, r.earned, r.paid) for r in rows] == [
        ("E", 1, kroner("800"), kroner("400"), kroner("400"), kroner("400")),
        ("FM", 1, kroner("600"), kroner("0"), kroner("600"), kroner("0")),
    ]
    by_branch = income.income_by("branch", first=date(2027, 1, 1), last=DECEMBER)
    assert [(r.code, r.earned) for r in by_branch] == [("OSL", kroner("400")), ("", kroner("600"))]
    assert income.branch_shares(first=date(2027, 1, 1), last=DECEMBER) == {"OSL": kroner("100")}


@pytest.mark.parametrize("given_up", ["written off", "reduced"])
def test_a_branch_gets_its_share_of_what_came_and_not_of_what_was_given_up(given_up: str) -> None:
    Branch.objects.create(name="Oslo", code="OSL")
    MembershipType.objects.filter(code="E").update(branch_percent=50)
    invoice = make_invoice(on=JANUARY)
    invoice.lines.update(branch_code="OSL")
    pay(invoice, "100", on=JANUARY)
    if given_up == "written off":
        write_offs.write_off(invoice=invoice, on=MARCH, at=at_noon(MARCH), by=None, reason="Gone")
    else:
        invoice.refresh_from_db()
        credit(invoice=invoice, amount=kroner("200"), on=MARCH, at=at_noon(MARCH), by=None, reason="Hard times")
        pay(invoice, "100", on=MARCH)
    came = kroner("100") if given_up == "written off" else kroner("200")
    assert Invoice.objects.invoices().get().is_settled
    [row] = income.income_by("branch", first=JANUARY, last=DECEMBER)
    assert (row.code, row.paid) == ("OSL", came)
    assert income.branch_shares(first=JANUARY, last=DECEMBER) == {"OSL": came / 2}


def test_what_was_given_up_is_looked_for_once_and_not_for_each_invoice() -> None:
    """With eight thousand invoices the report took seven seconds."""
    if connection.vendor == "sqlite":
        assert "CORRELATED" not in income._given_up_on().explain()
    with CaptureQueriesContext(connection) as asked:
        income.income_by("type", first=JANUARY, last=DECEMBER)
    assert [query["sql"].count("EXISTS") for query in asked] == [0, 0]


def test_a_reversal_that_the_bank_dates_before_the_credit_was_used() -> None:
    """What was never covered on a day is not owed twice on it."""
    first = make_invoice("Alice", "Ås", on=JANUARY)
    payment = pay(first, "800", on=JANUARY)
    later = date(2027, 2, 20)
    second = by_hand.issue(payer=first.member, items=[by_hand.Item(text="Mug", unit_price=kroner("400"))], on=later,
                           at=at_noon(later), by=None)  # fmt: skip
    assert Invoice.objects.get(pk=second.pk).is_settled
    intake.reverse(payment=payment, at=at_noon(MARCH), by=None, reason="Bank", on=later - timedelta(days=5))
    for day in (later - timedelta(days=5), later, MARCH):
        left = {row.pk: row.left for row in open_items.open_on(day)}
        assert all(amount <= kroner("400") for amount in left.values()), day
    assert open_items.standing_on(MARCH).open == kroner("800")


def test_vouchers_name_nobody_and_refunds_are_no_payments_that_came() -> None:
    payment = pay(make_invoice(on=JANUARY), "500", on=JANUARY)
    refund = refunds.pay_back(payment=payment, amount=kroner("100"), on=MARCH, at=at_noon(MARCH), by=None,
                              source_reference="x")  # fmt: skip
    refunds.take_back(refund=refund, at=at_noon(MARCH), by=None, reason="Alice Ås ringte")
    found = [voucher.text for voucher in vouchers.vouchers(first=JANUARY, last=DECEMBER)]
    assert not [text for text in found if "Alice" in text]
    assert sum(day.count for day in money_in.by_day(first=JANUARY, last=DECEMBER)) == 1


def test_an_invoice_remembers_the_branch_and_type_of_the_day_it_was_issued() -> None:
    oslo = Branch.objects.create(name="Oslo", code="OSL")
    member = make_invoice(on=JANUARY).member
    invoice = Invoice.objects.get()
    assert list(invoice.lines.values_list("type_code", "branch_code")) == [("E", "")]
    member.branch = oslo
    member.save()
    note = credit(invoice=invoice, on=MARCH, at=at_noon(MARCH), by=None, reason="Left")
    assert list(note.lines.values_list("type_code", "branch_code")) == [("E", "")]


def test_money_in_by_day_and_month() -> None:
    first = pay(make_invoice("Alice", "Ås", on=JANUARY), "400", on=JANUARY)
    pay(make_invoice("Cara", "Dahl", on=JANUARY), "150.50", on=JANUARY)
    intake.reverse(payment=first, at=at_noon(JANUARY + timedelta(days=2)), by=None, reason="Bounced")
    days = money_in.by_day(first=JANUARY, last=DECEMBER)
    assert [(d.on, d.source, d.count, d.came, d.undone, d.net) for d in days] == [
        (JANUARY, "ocr", 2, kroner("550.50"), ZERO, kroner("550.50")),
        (JANUARY + timedelta(days=2), "ocr", 0, ZERO, kroner("400"), kroner("-400")),
    ]
    (month,) = money_in.by_month(days)
    assert (month.on, month.count, month.net) == (date(2027, 1, 1), 2, kroner("150.50"))


def test_the_figures_of_a_year() -> None:
    a_year()
    assert years.figures(2027) == years.Figures(
        invoices=3, invoiced=kroner("1400"), credited=kroner("400"), received=kroner("1100"), open=kroner("0"),
        credit=kroner("100"),
    )  # fmt: skip
    assert years.known_years(today=date(2028, 2, 1)) == [2028, 2027]


steps = st.lists(
    st.tuples(
        st.sampled_from(["invoice", "pay", "undo", "credit"]), st.integers(0, 40), st.integers(0, 5),
        st.integers(1, 90000),
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
@example(  # one payment covers an invoice twice, is undone, and other credit takes its place
    steps=[
        ("invoice", 0, 0, 1), ("credit", 0, 0, 1), ("invoice", 37, 0, 1), ("undo", 14, 0, 1), ("pay", 14, 1, 75178),
        ("invoice", 16, 0, 1), ("pay", 12, 5, 1), ("invoice", 40, 0, 1), ("pay", 13, 1, 90000), ("undo", 28, 4, 1),
        ("invoice", 37, 0, 1), ("invoice", 0, 0, 1),
    ]
)  # fmt: skip
def test_the_journal_always_balances_and_says_what_is_open(steps: list[tuple[str, int, int, int]], db: None) -> None:
    """On every day: what the journal has on receivables is what is open less what was paid too much."""
    with transaction.atomic():
        for verb, wait, which, ore in sorted(steps, key=lambda step: step[1]):
            _do(verb, JANUARY + timedelta(days=wait), which, Decimal(ore) / 100)
        for later in range(0, 45, 5):
            on = JANUARY + timedelta(days=later)
            postings = [p for v in vouchers.vouchers(first=date(2000, 1, 1), last=on) for p in v.postings]
            standing = open_items.standing_on(on)
            assert sum((p.amount for p in postings), ZERO) == 0
            owed = sum((p.amount for p in postings if p.account == "receivables"), ZERO)
            assert owed == standing.open - standing.credit
        last = open_items.standing_on(DECEMBER)
        assert last.open == sum(Invoice.objects.values_list("open_amount", flat=True), ZERO)
        assert last.credit == sum(Payment.objects.values_list("unused_amount", flat=True), ZERO)
        transaction.set_rollback(True)


def _do(verb: str, on: date, which: int, amount: Decimal) -> None:
    """One thing that happens in the books; what cannot be is refused, and nothing happens."""
    invoices = list(Invoice.objects.invoices().order_by("pk"))
    payments = list(Payment.objects.filter(reverses=None).order_by("pk"))
    try:
        if verb == "invoice":
            make_invoice(f"Person {len(invoices)}", "Ås", on=on, email=f"p{len(invoices)}@example.no")
        elif verb == "pay" and invoices:
            pay(invoices[which % len(invoices)], str(amount), on=on)
        elif verb == "undo" and payments:
            intake.reverse(payment=payments[which % len(payments)], at=at_noon(on), by=None, reason="Wrong")
        elif verb == "credit" and invoices:
            credit(invoice=invoices[which % len(invoices)], on=on, at=at_noon(on), by=None, reason="Left")
    except Refused as refusal:
        assert refusal.code in {"nothing_open", "reversed_already", "already_reversed", "nothing_asked"}, refusal
