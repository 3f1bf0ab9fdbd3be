"""Paying back through the provider that the money came by."""

from typing import Any

import pytest

from core.errors import Refused
from invoicing.models import Invoice
from payments import intake, refunds
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


def test_a_part_went_back_from_the_bank(invoice: Invoice) -> None:
    online = start(invoice)
    memory.say_yes(online.reference)
    intake.record(amount=kroner("200"), received_on=TODAY, source=Payment.Source.HAND, source_reference="hand:1",
                  at=NOW, by=None, invoices=[invoice])  # fmt: skip
    online = pay_now.look(online=online, at=LATER)
    assert online.payment and online.payment.unused_amount == kroner("200")
    refunds.pay_back(payment=online.payment, amount=kroner("200"), on=TODAY, at=LATER, by=None, source_reference="b:1")
    with pytest.raises(Refused, match="Undo the refund first"):
        pay_back.refund(online=online, at=LATER, by=None, reason="Paid twice")
    online.refresh_from_db()
    assert (online.state, online.refunded_amount) == (State.PAID, 0)
