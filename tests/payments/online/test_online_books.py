"""What a provider says of money, in the books: booked once, and left to a person where it is another amount."""

from typing import Any

import pytest

from core.errors import Refused
from invoicing.models import Invoice
from payments import ledger_check
from payments.models import Payment, ProviderPayment
from payments.online import online_books
from tests.makers import kroner, make_user
from tests.payments.online.makers import LATER, invoice, is_on, paid, start, take

__all__ = ["invoice", "is_on"]
pytestmark = pytest.mark.django_db
State = ProviderPayment.State


@pytest.mark.parametrize("reading", [{"captured": kroner("399")}, {"captured": kroner("4000")}, {"currency": "SEK"}])
def test_another_amount_or_currency_waits_for_a_person(invoice: Invoice, reading: dict[str, Any]) -> None:
    online = take(start(invoice), **reading)
    assert (online.state, online.payment, online.look_at) == (State.REVIEW, None, None)
    assert "400 was asked for" in online.problem
    assert list(ProviderPayment.objects.needing_a_person()) == [online]
    assert not Payment.objects.exists()
    assert take(online, **reading).state == State.REVIEW


def test_a_person_books_what_came(invoice: Invoice) -> None:
    user = make_user("Treasurers")
    online = take(start(invoice), captured=kroner("399"))
    online = online_books.book(online=online, at=LATER, by=user)
    assert (online.state, online.payment and online.payment.amount) == (State.PAID, kroner("399"))
    invoice.refresh_from_db()
    assert invoice.open_amount == kroner("1")
    with pytest.raises(Refused, match="no money to book"):
        online_books.book(online=online, at=LATER, by=user)


def test_a_person_sets_it_aside_with_a_reason(invoice: Invoice) -> None:
    online = take(start(invoice), currency="SEK")
    with pytest.raises(Refused, match="Write why"):
        online_books.set_aside(online=online, at=LATER, by=None, reason="  ")
    online = online_books.set_aside(online=online, at=LATER, by=None, reason="A test by the provider")
    assert online.state == State.SET_ASIDE
    assert take(online, currency="SEK").state == State.SET_ASIDE
    with pytest.raises(Refused, match="already dealt with"):
        online_books.set_aside(online=online, at=LATER, by=None, reason="again")


def test_the_ledger_check_sees_what_does_not_agree(invoice: Invoice) -> None:
    online = paid(invoice)
    ProviderPayment.objects.update(captured_amount=kroner("399"))
    assert ledger_check.check().problems == [
        f"Online payment {online.reference} was kr\u00a0399 at the provider, but its row in the books is another."
    ]
    ProviderPayment.objects.update(captured_amount=kroner("400"))
