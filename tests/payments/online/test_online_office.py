"""Online payments in the office: the list, one payment with what happened to it, and what the treasurer can do."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from membership import roles
from payments.models import Payment, ProviderPayment
from payments.online import online_books, pay_now
from payments.providers import memory
from payments.providers.provider import Reading, Standing
from tests.makers import NOW, TODAY, make_invoice, make_user, set_up_client

pytestmark = pytest.mark.django_db
ON = {"memory": {"BACKEND": "payments.providers.memory.MemoryProvider", "OPTIONS": {}}}
LIST = "/admin/online-payments/"


@pytest.fixture(autouse=True)
def is_on(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    settings.PAYMENT_PROVIDERS = ON
    set_up_client()


def browser_of(role: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(role))
    return client


def paid(name: str = "Alice") -> ProviderPayment:
    online = started(name)
    memory.say_yes(online.reference)
    return pay_now.look(online=online, at=NOW)


def started(name: str = "Alice") -> ProviderPayment:
    invoice = make_invoice(name, on=TODAY)
    return pay_now.start(invoice=invoice, alias="memory", at=NOW, language="nb")


def in_review(captured: str = "399.00") -> ProviderPayment:
    reading = Reading(standing=Standing.CAPTURED, captured=Decimal(captured), currency="NOK")
    return online_books.note(online=started(), reading=reading, at=NOW)


def act(browser: Client, online: ProviderPayment, verb: str, **data: str) -> str:
    answer = browser.post(reverse("payments_online_act", args=[online.pk, verb]), data, follow=True)
    online.refresh_from_db()
    return answer.text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_number_of_questions(count: int, django_assert_num_queries: Any) -> None:
    for name in ("Alice", "Bob", "Carl")[:count]:
        started(name)
    browser = browser_of(roles.TREASURERS)
    browser.get(LIST)
    with django_assert_num_queries(13):
        page = browser.get(LIST)
    assert page.text.count("waits for the payer") == count


def test_the_menu_has_it_only_where_a_provider_is_on(settings: Any) -> None:
    browser = browser_of(roles.TREASURERS)
    assert LIST in browser.get("/admin/").text
    settings.PAYMENT_PROVIDERS = {}
    assert LIST not in browser.get("/admin/").text


def test_the_inbox_has_what_somebody_has_to_look_at() -> None:
    paid("Bob")
    browser = browser_of(roles.TREASURERS)
    assert "Online payments to look at" not in browser.get("/admin/treasury/inbox/").text
    online = in_review()
    page = browser.get("/admin/treasury/inbox/").text
    assert "Online payments to look at" in page and online.problem in page
    assert reverse("payments_online", args=[online.pk]) in page


def test_a_payment_says_what_happened_and_what_can_be_done() -> None:
    online = paid()
    page = browser_of(roles.TREASURERS).get(reverse("payments_online", args=[online.pk])).text
    for words in ("asked for by the payer", "created at the provider", "paid", "Pay it back", online.reference):
        assert words in page
    assert "Set it aside" not in page
    page = browser_of(roles.AUDITORS).get(reverse("payments_online", args=[online.pk])).text
    assert "asked for by the payer" in page
    assert '<form method="post" action="/admin/treasury' not in page


def test_the_treasurer_pays_back() -> None:
    online = paid()
    browser = browser_of(roles.TREASURERS)
    assert "The money is paid back, and the invoice is open again." in act(
        browser, online, "refund", amount="400", reason="Twice"
    )
    assert (online.state, online.invoice.open_amount) == ("refunded", 400)
    assert Payment.objects.get(amount__lt=0).reason == "Twice"
    assert ModelLogEntry.objects.filter(action="payments.online_refund").count() == 1
    assert "There is no money to pay back here." in act(browser, online, "refund", amount="400", reason="Again")


@pytest.mark.parametrize(
    ("amount", "reason", "sentence"),
    [
        ("400", " ", "Write why the money is paid back."),
        ("", "Twice", "Write how much is to be paid back."),
        ("four hundred", "Twice", "This is not an amount. Write it like 600 or 1234,50."),
        ("401", "Twice", "Write an amount above zero and at most kr\u00a0400"),
        ("0", "Twice", "Write an amount above zero and at most kr\u00a0400"),
    ],
)
def test_a_mistake_pays_nothing_back_and_keeps_what_was_typed(amount: str, reason: str, sentence: str) -> None:
    online = paid()
    page = act(browser_of(roles.TREASURERS), online, "refund", amount=amount, reason=reason)
    assert sentence in page and (f'value="{amount}"' in page or not amount) and 'aria-invalid="true"' in page
    assert (reason.strip() == "") or f'value="{reason}"' in page
    assert online.state == "paid" and Payment.objects.count() == 1


def test_money_that_is_not_in_the_books_goes_back_whole_and_setting_aside_asks_why() -> None:
    online = in_review()
    browser = browser_of(roles.TREASURERS)
    page = browser.get(reverse("payments_online", args=[online.pk])).text
    assert 'name="amount"' not in page and (page.count('id="id_reason"'), page.count('id="aside_reason"')) == (1, 1)
    assert "Write why nothing is to be done about it." in act(browser, online, "set-aside", reason=" ")
    assert online.state == "review"
    assert "Write how much" not in act(browser, online, "refund", reason="Not what was asked for")
    assert online.events.filter(kind="refund_asked_for", note="Not what was asked for").count() == 1


def test_the_treasurer_books_what_came() -> None:
    online = in_review()
    browser = browser_of(roles.TREASURERS)
    page = browser.get(reverse("payments_online", args=[online.pk])).text
    assert "The provider received kr\u00a0399, but kr\u00a0400 was asked for." in page
    assert "The money is booked on the invoice." in act(browser, online, "book")
    online.invoice.refresh_from_db()
    assert (online.state, online.invoice.open_amount) == ("paid", 1)


def test_the_treasurer_asks_again_and_sets_aside(settings: Any) -> None:
    online = started()
    browser = browser_of(roles.TREASURERS)
    assert "The provider was asked. It now says: waits for the payer." in act(browser, online, "ask")
    settings.PAYMENT_PROVIDERS = {"memory": {**ON["memory"], "OPTIONS": {"fails": ("read",)}}}
    assert "could not be asked: Memory was told to fail at read." in act(browser, online, "ask")
    other = in_review("1.00")
    assert "is set aside" in act(browser, other, "set-aside", reason="A test of theirs")
    assert other.state == "set_aside"
    assert other.events.last().note == "A test of theirs"  # type: ignore[union-attr]


@pytest.mark.parametrize("role", [roles.AUDITORS, roles.MEMBER_ADMINS, roles.EDITORS, roles.BRANCH_OFFICERS])
@pytest.mark.parametrize("verb", ["ask", "book", "refund", "set-aside"])
def test_nobody_else_does_anything(role: str, verb: str) -> None:
    online = paid()
    before = ProviderPayment.objects.values().get()
    act(browser_of(role), online, verb, reason="x")
    assert ProviderPayment.objects.values().get() == before
    assert Payment.objects.count() == 1


def test_a_hostile_note_is_text() -> None:
    online = in_review()
    online_books.set_aside(online=online, at=NOW + timedelta(1), by=None, reason='"><img src=x onerror=1>')
    page = browser_of(roles.TREASURERS).get(reverse("payments_online", args=[online.pk])).text
    assert "<img src=x" not in page and "&lt;img src=x" in page
