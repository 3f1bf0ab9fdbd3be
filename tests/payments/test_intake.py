"""Alice pays, Bob pays a part, Charlie pays too much; one payment is undone, and one is told twice."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from core.errors import Refused
from invoicing.models import Invoice
from membership.models import Period
from payments import intake, ledger_check
from payments.models import Allocation, Payment
from payments.signals import payment_recorded, payment_reversed
from tests.makers import NOW, TODAY, kroner, make_household, make_invoice, make_non_member, make_user
from tests.payments.test_credit import next_year

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def pay(invoice: Invoice | None = None, amount: str | Decimal = "400", **changes: Any) -> Payment:
    """Register a payment by hand today, at half past ten."""
    how = {
        "amount": kroner(amount) if isinstance(amount, str) else amount,
        "received_on": TODAY,
        "source": "hand",
        "source_reference": f"hand:{Payment.objects.count()}",
        "at": NOW,
        "by": None,
        "invoices": [invoice] if invoice else [],
        **changes,
    }
    return intake.record(**how)


def books() -> dict[str, list[tuple[Any, ...]]]:
    """Every row about money, to compare whole."""
    return {
        "invoices": list(Invoice.objects.order_by("number").values_list("number", "total", "open_amount")),
        "payments": list(Payment.objects.order_by("pk").values_list("amount", "unused_amount", "reverses")),
        "allocations": list(Allocation.objects.order_by("pk").values_list("payment", "amount", "reverses")),
    }


def test_full_payment_settles_the_invoice_and_confirms_the_period() -> None:
    invoice = make_invoice()
    payment = pay(invoice)
    assert books() == {
        "invoices": [(invoice.number, kroner("400"), kroner("0"))],
        "payments": [(kroner("400"), kroner("0"), None)],
        "allocations": [(payment.pk, kroner("400"), None)],
    }
    assert [p.confirmed_on for p in Period.objects.all()] == [TODAY]
    assert (payment.payer, payment.payer_name, payment.kid) == (invoice.member, "Alice Ås", invoice.kid)


def test_part_payment_leaves_the_rest_open_and_the_second_settles() -> None:
    invoice = make_invoice()
    pay(invoice, "150")
    assert Invoice.objects.get().open_amount == kroner("250")
    assert [p.confirmed_on for p in Period.objects.all()] == [None]
    pay(invoice, "250")
    assert Invoice.objects.get().open_amount == 0
    assert [p.confirmed_on for p in Period.objects.all()] == [TODAY]


def test_surplus_is_credit_on_the_payer() -> None:
    invoice = make_invoice()
    payment = pay(invoice, "450")
    assert payment.unused_amount == kroner("50")
    assert Invoice.objects.get().open_amount == 0
    assert [row.amount for row in payment.allocations.all()] == [kroner("400")]


def test_surplus_covers_what_else_the_payer_owes_the_oldest_first() -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    later, sooner = next_year(alice.member), next_year(alice.member, 2028)
    Invoice.objects.filter(pk=later.pk).update(due_on=date(2028, 2, 1))
    payment = pay(alice, "950")
    assert [(row.invoice, row.amount) for row in payment.allocations.order_by("pk")] == [
        (alice, kroner("400")),
        (sooner, kroner("400")),
        (later, kroner("150")),
    ]
    bob.refresh_from_db()
    assert (payment.unused_amount, bob.open_amount) == (0, kroner("400"))


def test_credit_pays_what_a_reversal_has_opened() -> None:
    """The money was registered twice, and the first of the two is undone: the second one pays the invoice."""
    invoice = make_invoice()
    first = pay(invoice)
    second = pay(invoice, anyway=True)
    intake.reverse(payment=first, at=NOW, by=None, reason="Registered twice")
    invoice.refresh_from_db()
    second.refresh_from_db()
    assert (invoice.open_amount, second.unused_amount) == (0, 0)
    assert [period.confirmed_on for period in Period.objects.all()] == [TODAY]
    assert ledger_check.check().problems == []


def test_one_payment_covers_several_invoices_in_order() -> None:
    first, second = make_invoice("Alice"), make_invoice("Bob", "Berg")
    payment = pay(amount="500", invoices=[second, first])
    assert [(row.invoice, row.amount) for row in payment.allocations.all()] == [
        (second, kroner("400")),
        (first, kroner("100")),
    ]
    assert payment.payer == second.member


def test_the_kid_finds_the_invoice() -> None:
    make_invoice("Bob", "Berg")
    invoice = make_invoice()
    payment = pay(kid=invoice.kid, source="ocr")
    assert [row.invoice for row in payment.allocations.all()] == [invoice]


def test_money_without_an_invoice_stays_unused() -> None:
    make_invoice()
    payment = pay(amount="400", kid="123456782", source="ocr", payer_name="Somebody")
    assert (payment.payer, payment.unused_amount, payment.allocations.count()) == (None, kroner("400"), 0)
    assert Invoice.objects.get().open_amount == kroner("400")


def test_a_trial_becomes_the_wanted_type() -> None:
    invoice = make_invoice(trial=True)
    pay(invoice)
    assert [(p.type.code, p.confirmed_on, p.end_reason) for p in Period.objects.order_by("pk")] == [
        ("PR", TODAY, "converted"),
        ("E", TODAY, ""),
    ]


def test_a_household_is_confirmed_by_one_payment() -> None:
    make_household("Bob", "Berit", "Bo", paid=False)
    pay(Invoice.objects.get(), "600")
    assert {p.member.first_names: p.confirmed_on for p in Period.objects.all()} == {
        "Bob": TODAY,
        "Berit": TODAY,
        "Bo": TODAY,
    }


def test_the_same_reference_twice_changes_nothing() -> None:
    invoice = make_invoice()
    first = pay(invoice, "150", source_reference="ocr:1")
    before = books()
    second = pay(invoice, "150", source_reference="ocr:1")
    third = pay(invoice, "999", source_reference="ocr:1")  # whoever knows the reference means the first
    assert second == third == first
    assert books() == before


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": kroner("0")}, "not_positive"),
        ({"amount": kroner("-400")}, "not_positive"),
        ({"amount": Decimal("NaN")}, "not_positive"),
        ({"amount": Decimal("400.005")}, "too_many_decimals"),
        ({"amount": Decimal("1E3")}, None),
        ({"amount": kroner("10000000.01")}, "too_much"),
        ({"received_on": TODAY + timedelta(days=1)}, "in_the_future"),
        ({"received_on": date(26, 3, 10)}, "too_long_ago"),
    ],
)
def test_what_cannot_be_a_payment_is_refused(changes: dict[str, Any], code: str | None) -> None:
    invoice = make_invoice()
    before = books()
    if code is None:
        assert pay(invoice, **changes).amount == kroner("1000")
        return
    with pytest.raises(Refused) as refusal:
        pay(invoice, **changes)
    assert refusal.value.code == code
    assert books() == before


def test_today_is_the_local_day() -> None:
    """At half past eleven in the evening UTC it is tomorrow already in Oslo."""
    invoice = make_invoice()
    late = NOW.replace(hour=23, minute=30)
    assert pay(invoice, received_on=TODAY + timedelta(days=1), at=late).received_on == TODAY + timedelta(days=1)


def test_the_second_treasurer_sees_who_was_first() -> None:
    kari = make_user("Treasurers", username="kari", first_name="Kari", last_name="Kasserer")
    invoice = make_invoice()
    pay(invoice, by=kari)
    before = books()
    with pytest.raises(Refused) as refusal:
        pay(invoice, at=NOW + timedelta(minutes=5))
    assert refusal.value.code == "registered_already"
    assert refusal.value.sentence == (
        "Kari Kasserer has already registered kr\u00a0400 for this invoice (10.03.2026 10:30). "
        "Nothing more was registered."
    )
    assert books() == before
    assert pay(invoice, at=NOW + timedelta(minutes=5), anyway=True).unused_amount == kroner("400")


@pytest.mark.parametrize(
    ("second", "is_refused"),
    [
        ({"amount": "100"}, True),
        ({"amount": "100", "at": NOW + timedelta(days=3), "received_on": TODAY + timedelta(days=3)}, False),
        ({"amount": "100", "at": NOW + timedelta(days=3)}, True),  # the same day's money, typed in again later
        ({"amount": "100", "received_on": TODAY - timedelta(days=1)}, True),  # minutes ago
        ({"amount": "101"}, False),
        ({"amount": "100", "source": "ocr"}, False),  # machines have references
    ],
)
def test_what_looks_like_the_same_money(second: dict[str, Any], is_refused: bool) -> None:
    invoice = make_invoice()
    pay(invoice, "100")
    if is_refused:
        with pytest.raises(Refused, match="already registered"):
            pay(invoice, **second)
    else:
        pay(invoice, **second)
    assert Payment.objects.count() == (1 if is_refused else 2)


def test_money_for_another_invoice_does_not_look_the_same() -> None:
    pay(make_invoice())
    pay(make_invoice("Bob", "Berg"))
    assert Payment.objects.count() == 2


def test_reversal_takes_everything_back() -> None:
    invoice = make_invoice()
    payment = pay(invoice, "450")
    reversal = intake.reverse(payment=payment, at=NOW, by=None, reason="Wrong person")
    allocation = payment.allocations.get()
    assert books() == {
        "invoices": [(invoice.number, kroner("400"), kroner("400"))],
        "payments": [(kroner("450"), kroner("0"), None), (kroner("-450"), kroner("0"), payment.pk)],
        "allocations": [
            (payment.pk, kroner("400"), None),
            (reversal.pk, kroner("-400"), allocation.pk),
        ],
    }
    assert [p.confirmed_on for p in Period.objects.all()] == [None]
    assert (reversal.reason, reversal.source, reversal.received_on) == ("Wrong person", "reversal", TODAY)


def test_paying_again_after_a_reversal_confirms_again() -> None:
    invoice = make_invoice()
    intake.reverse(payment=pay(invoice), at=NOW, by=None, reason="Wrong day")
    pay(invoice, received_on=TODAY - timedelta(days=1))  # the same amount again: the first one is undone
    assert [p.confirmed_on for p in Period.objects.all()] == [TODAY - timedelta(days=1)]


def test_paying_a_trial_again_after_a_reversal() -> None:
    invoice = make_invoice(trial=True)
    intake.reverse(payment=pay(invoice), at=NOW, by=None, reason="Wrong person")
    pay(invoice)
    assert [(p.type.code, p.confirmed_on, p.end_reason) for p in Period.objects.order_by("pk")] == [
        ("PR", TODAY, "converted"),
        ("E", TODAY, ""),
    ]


def test_a_reversal_happens_once() -> None:
    kari = make_user(username="kari", first_name="Kari", last_name="Kasserer")
    payment = pay(make_invoice())
    reversal = intake.reverse(payment=payment, at=NOW, by=kari, reason="Wrong person")
    before = books()
    for undone, code in ((payment, "reversed_already"), (reversal, "is_reversal")):
        with pytest.raises(Refused) as refusal:
            intake.reverse(payment=undone, at=NOW, by=None, reason="Once more")
        assert refusal.value.code == code
    with pytest.raises(Refused, match="Kari Kasserer has already undone this payment"):
        intake.reverse(payment=payment, at=NOW, by=None, reason="Once more")
    assert books() == before


def test_a_reversal_needs_a_reason() -> None:
    payment = pay(make_invoice())
    with pytest.raises(Refused, match="Write why"):
        intake.reverse(payment=payment, at=NOW, by=None, reason=" ")
    assert Payment.objects.count() == 1


def test_signals_and_log() -> None:
    heard: list[tuple[Any, ...]] = []

    def listen(signal: Any = None, **kwargs: Any) -> None:
        heard.append((kwargs["payment"].amount, [i.number for i in kwargs["invoices"]], kwargs["at"]))

    payment_recorded.connect(listen)
    payment_reversed.connect(listen)
    kari = make_user(username="kari")
    invoice = make_invoice()
    payment = pay(invoice, by=kari)
    intake.reverse(payment=payment, at=NOW, by=kari, reason="Wrong person")
    payment_recorded.disconnect(listen)
    payment_reversed.disconnect(listen)
    assert heard == [(kroner("400"), [invoice.number], NOW), (kroner("-400"), [invoice.number], NOW)]
    from wagtail.models import ModelLogEntry

    entries = ModelLogEntry.objects.filter(action__startswith="payments.").order_by("pk")
    assert [(e.action, e.object_id, e.user, e.data) for e in entries] == [
        ("payments.record", str(payment.pk), kari, {"invoices": [invoice.number]}),
        ("payments.reverse", str(payment.pk), kari, {"invoices": [invoice.number]}),
    ]


def test_a_receiver_that_fails_takes_the_payment_with_it() -> None:
    def fail(**kwargs: Any) -> None:
        raise RuntimeError("the disk is full")

    invoice = make_invoice()
    make_non_member()
    before = books()
    payment_recorded.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            pay(invoice)
    finally:
        payment_recorded.disconnect(fail)
    assert books() == before
