"""My page: Alice sees what she has paid, and Bob does not."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from membership.models import Member
from payments import intake
from payments.models import Payment
from tests.makers import NOW, TODAY, kroner, make_household, make_invoice, make_user

pytestmark = pytest.mark.django_db
PAGE = "/min-side/betalinger/"


def pay(invoice: Any, amount: str, days_ago: int = 0) -> Payment:
    return intake.record(
        amount=kroner(amount), received_on=TODAY - timedelta(days=days_ago), source="ocr", at=NOW, by=None,
        source_reference=f"ocr:{Payment.objects.count()}", invoices=[invoice],
    )  # fmt: skip


def browser_of(member: Member) -> Client:
    client = Client(headers={"accept-language": "en"})
    assert member.user
    client.force_login(member.user)
    return client


def test_payments_with_what_they_were_for_and_credit() -> None:
    invoice = make_invoice()
    first, second = pay(invoice, "150", days_ago=9), pay(invoice, "300")
    mistake = pay(invoice, "77", days_ago=5)
    intake.reverse(payment=mistake, at=NOW, by=None, reason="Bob's money")
    response = browser_of(invoice.member).get(PAGE)
    assert response.context["payments"] == [second, mistake, first]
    assert response.context["credit"] == kroner("50")
    assert "You have kr\u00a050 in credit." in response.text
    assert "taken back" in response.text
    assert "Bob&#x27;s money" not in response.text
    assert "no-store" in response["Cache-Control"]


def test_nobody_sees_the_payments_of_others() -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    pay(alice, "123.45")
    response = browser_of(bob.member).get(PAGE)
    assert response.context["payments"] == []
    assert "123.45" not in response.text
    assert "No payments yet" in response.text


def test_who_lives_with_the_payer_does_not_see_their_payments() -> None:
    household = make_household("Bob", "Berit", paid=False)
    main, other = household.members
    pay(main.invoices.get(), "600")
    assert len(browser_of(main).get(PAGE).context["payments"]) == 1
    assert browser_of(other).get(PAGE).context["payments"] == []


def test_only_members_and_only_looking() -> None:
    invoice = make_invoice()
    assert Client().get(PAGE)["Location"].startswith("/konto/")
    stranger = Client()
    stranger.force_login(make_user())
    assert stranger.get(PAGE).status_code == 302
    assert browser_of(invoice.member).post(PAGE).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow(count: int, django_assert_num_queries: Any) -> None:
    invoice = make_invoice()
    for number in range(count):
        pay(invoice, str(100 + number))
    client = browser_of(invoice.member)
    client.get(PAGE)
    with django_assert_num_queries(10):
        assert len(client.get(PAGE).context["payments"]) == count
