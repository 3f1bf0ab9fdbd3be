"""Paying back through the provider that the money came by."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.errors import Refused
from invoicing.models import Invoice
from payments import intake, ledger_check, refunds
from payments.books import vouchers
from payments.models import Payment, ProviderPayment
from payments.online import online_books, pay_back, pay_now
from payments.providers import memory
from tests.makers import NOW, TODAY, kroner, make_user
from tests.payments.online.makers import LATER, invoice, is_on, paid, start, switched_on, take

__all__ = ["invoice", "is_on"]
pytestmark = pytest.mark.django_db
State = ProviderPayment.State


def test_money_goes_back_and_is_owed_again(invoice: Invoice) -> None:
    user = make_user("Treasurers")
    online = pay_back.refund(online=paid(invoice), at=LATER, by=user, reason="Paid twice")
    assert (online.state, online.refunded_amount) == (State.REFUNDED, kroner("400"))
    reversal = Payment.objects.get(amount__lt=0)
    assert (reversal.reverses, reversal.reason, reversal.recorded_by) == (online.payment, "Paid twice", user)
    invoice.refresh_from_db()
    assert invoice.open_amount == kroner("400")
    assert pay_now.look(online=online, at=LATER).state == State.REFUNDED
    assert Payment.objects.count() == 2


@pytest.mark.parametrize("how", [{"fails": ("refund",)}, {"loses": ("refund",)}])
def test_a_refund_without_an_answer_is_asked_for_until_there_is_one(
    invoice: Invoice, settings: Any, how: dict[str, Any]
) -> None:
    online = paid(invoice)
    switched_on(settings, **how)
    online = pay_back.refund(online=online, at=LATER, by=None, reason="Paid twice")
    assert (online.state, Payment.objects.count()) == (State.REFUNDING, 1)
    with pytest.raises(Refused, match="no money to pay back"):
        pay_back.refund(online=online, at=LATER, by=None, reason="again")
    switched_on(settings)
    online = pay_now.look(online=online, at=LATER)
    assert (online.state, online.refunded_amount, Payment.objects.count()) == (State.REFUNDED, kroner("400"), 2)


def test_a_provider_that_does_not_give_back(invoice: Invoice, settings: Any) -> None:
    online = paid(invoice)
    switched_on(settings, fails=("refund",), permanent=True)
    with pytest.raises(Refused, match="Pay it back from the bank"):
        pay_back.refund(online=online, at=LATER, by=None, reason="Paid twice")
    online.refresh_from_db()
    assert (online.state, Payment.objects.count()) == (State.REVIEW, 1)
    assert online_books.set_aside(online=online, at=LATER, by=None, reason="from the bank").state == State.PAID


def test_paid_back_in_the_providers_own_office(invoice: Invoice) -> None:
    online = take(paid(invoice), refunded=kroner("400"))
    assert online.state == State.REFUNDED
    assert Payment.objects.get(amount__lt=0).reason == "Paid back through Memory."


def test_a_part_paid_back_waits_for_a_person_once(invoice: Invoice) -> None:
    online = take(paid(invoice), refunded=kroner("100"))
    assert (online.state, Payment.objects.count()) == (State.REVIEW, 1)
    assert "a part of it back" in online.problem
    online = online_books.set_aside(online=online, at=LATER, by=None, reason="Registered by hand")
    assert take(online, refunded=kroner("100")).state == State.PAID
    with pytest.raises(Refused, match="no money to pay back"):
        pay_back.refund(online=online, at=LATER, by=None, reason="the rest")


def test_books_that_do_not_follow_wait_for_a_person(invoice: Invoice) -> None:
    """A part of it was paid back from the bank first; now the provider says that all of it went back."""
    intake.record(amount=kroner("100"), received_on=TODAY, source=Payment.Source.HAND, source_reference="hand:1",
                  at=NOW, by=None, invoices=[invoice])  # fmt: skip
    online = start(invoice)
    memory.say_yes(online.reference)
    intake.record(amount=kroner("200"), received_on=TODAY, source=Payment.Source.HAND, source_reference="hand:2",
                  at=NOW, by=None, invoices=[invoice])  # fmt: skip
    online = pay_now.look(online=online, at=LATER)
    assert online.payment and online.payment.unused_amount == kroner("200")
    refunds.pay_back(
        payment=online.payment, amount=kroner("50"), on=TODAY, at=LATER, by=None, source_reference="bank:1"
    )
    online = take(online, captured=kroner("300"), refunded=kroner("300"))
    assert (online.state, online.refunded_amount) == (State.REVIEW, kroner("300"))
    assert "paid back. Undo the refund first" in online.problem
    assert take(online, captured=kroner("300"), refunded=kroner("300")).state == State.REVIEW


def test_a_payment_undone_by_hand_is_not_undone_twice(invoice: Invoice) -> None:
    online = paid(invoice)
    assert online.payment
    intake.reverse(payment=online.payment, at=LATER, by=None, reason="by hand")
    assert take(online, refunded=kroner("400")).state == State.REFUNDED
    assert Payment.objects.count() == 2


def test_what_went_back_from_the_bank_is_not_asked_of_the_provider_too(invoice: Invoice) -> None:
    """The books are asked before the provider is: afterwards the money has left twice."""
    online = paid(invoice)
    assert online.payment
    intake.reverse(payment=online.payment, at=LATER, by=None, reason="Paid back from the bank")
    with pytest.raises(Refused, match="already undone"):
        pay_back.refund(online=online, at=LATER, by=None, reason="Paid twice")
    online.refresh_from_db()
    assert (online.state, online.refunded_amount) == (State.PAID, 0)


def test_only_what_did_not_go_back_from_the_bank_is_asked_of_the_provider(invoice: Invoice) -> None:
    online = start(invoice)
    memory.say_yes(online.reference)
    intake.record(amount=kroner("200"), received_on=TODAY, source=Payment.Source.HAND, source_reference="hand:1",
                  at=NOW, by=None, invoices=[invoice])  # fmt: skip
    online = pay_now.look(online=online, at=LATER)
    assert online.payment and online.payment.unused_amount == kroner("200")
    refunds.pay_back(payment=online.payment, amount=kroner("200"), on=TODAY, at=LATER, by=None, source_reference="b:1")
    with pytest.raises(Refused, match="at most"):
        pay_back.refund(online=online, at=LATER, by=None, reason="Paid twice", amount=kroner("400"))
    online.refresh_from_db()
    assert (online.state, online.refunded_amount) == (State.PAID, 0)
    online = pay_back.refund(online=online, at=LATER, by=None, reason="Paid twice")
    assert (online.state, online.refunded_amount, online_books.left_to_refund(online)) == (State.PAID, 200, 0)
    with pytest.raises(Refused, match="no money to pay back"):
        pay_back.refund(online=online, at=LATER, by=None, reason="Again")


# --- so much of it as somebody says ----------------------------------------------------------------------------------


def in_the_books() -> tuple[list[tuple[Any, str]], Any, Any]:
    """Every row of money, what the first of them has not used, and what the invoice owes."""
    rows = list(Payment.objects.order_by("pk").values_list("amount", "source"))
    return rows, Payment.objects.earliest("pk").unused_amount, Invoice.objects.earliest("pk").open_amount


def test_a_part_goes_back_and_that_much_is_owed_again(invoice: Invoice) -> None:
    user = make_user("Treasurers")
    online = pay_back.refund(online=paid(invoice), at=LATER, by=user, reason="Moved", amount=kroner("150"))
    assert (online.state, online.refunded_amount) == (State.PAID, kroner("150"))
    assert in_the_books() == ([(kroner("400"), "provider"), (kroner("-150"), "provider")], 0, kroner("150"))
    refund = Payment.objects.latest("pk")
    assert (refund.pays_back, refund.recorded_by, refund.reason) == (online.payment, user, "Moved")
    places = [posting.account for posting in vouchers.of_payment(refund).postings]
    assert places == ["provider", "receivables"]
    assert pay_now.look(online=online, at=LATER).state == State.PAID
    with pytest.raises(Refused, match="cannot be undone here"):
        refunds.take_back(refund=refund, at=LATER, by=None, reason="x")


def test_what_no_invoice_has_used_goes_back_first(invoice: Invoice) -> None:
    """The invoice was paid by hand meanwhile: the credit goes back, and nothing is owed again."""
    online = start(invoice)
    memory.say_yes(online.reference)
    intake.record(amount=kroner("300"), received_on=TODAY, source=Payment.Source.HAND, source_reference="hand:1",
                  at=NOW, by=None, invoices=[invoice])  # fmt: skip
    online = pay_now.look(online=online, at=LATER)
    pay_back.refund(online=online, at=LATER, by=None, reason="Paid twice", amount=kroner("300"))
    invoice.refresh_from_db()
    assert invoice.is_settled
    pay_back.refund(online=online, at=LATER, by=None, reason="Left", amount=kroner("40"))
    invoice.refresh_from_db()
    assert invoice.open_amount == kroner("40")


@pytest.mark.parametrize("amount", ["0", "-1", "400.01", "0.001"])
def test_no_more_than_there_is_and_no_part_of_an_oere(invoice: Invoice, amount: str) -> None:
    online = paid(invoice)
    with pytest.raises(Refused, match="Write an amount above zero and at most"):
        pay_back.refund(online=online, at=LATER, by=None, reason="x", amount=Decimal(amount))
    online.refresh_from_db()
    assert (online.state, Payment.objects.count()) == (State.PAID, 1)


@pytest.mark.parametrize("how", [{"fails": ("refund",)}, {"loses": ("refund",)}])
def test_a_second_part_without_an_answer_is_asked_for_with_its_own_key(
    invoice: Invoice, settings: Any, how: dict[str, Any]
) -> None:
    online = pay_back.refund(online=paid(invoice), at=LATER, by=None, reason="One", amount=kroner("100"))
    switched_on(settings, **how)
    online = pay_back.refund(online=online, at=LATER, by=None, reason="Two", amount=kroner("100"))
    assert (online.state, online.refunded_amount) == (State.REFUNDING, kroner("100"))
    switched_on(settings)
    for _times in range(2):
        online = pay_now.look(online=online, at=LATER)
        assert (online.state, online.refunded_amount) == (State.PAID, kroner("200"))
    assert in_the_books()[0] == [(kroner(a), "provider") for a in ("400", "-100", "-100")]


amounts = st.lists(st.integers(1, 45_000).map(lambda ore: Decimal(ore) / 100), min_size=1, max_size=4)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts)
def test_whatever_parts_go_back_the_books_agree(invoice: Invoice, parts: list[Decimal]) -> None:
    with transaction.atomic():
        online = paid(invoice)
        for part in parts:
            try:
                with transaction.atomic():
                    online = pay_back.refund(online=online, at=LATER, by=None, reason="x", amount=part)
            except Refused:
                continue
        back = online.refunded_amount
        assert Invoice.objects.get(pk=invoice.pk).open_amount == back
        assert online.state == (State.REFUNDED if back == 400 else State.PAID)
        assert back <= 400 and -sum(row.amount for row in Payment.objects.filter(amount__lt=0)) == back
        problems = ledger_check.check().problems
        transaction.set_rollback(True)
    assert problems == []
