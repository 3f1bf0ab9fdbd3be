"""The whole way with each provider, over real sockets both ways: the button, the provider, its webhooks, the books.

Webhooks come in the wrong order and three times each, also from two senders at once.
"""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from django.db import connection
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from membership.models import Period
from messaging.models import Message
from payments import ledger_check
from payments.models import Payment, ProviderPayment
from payments.online import pay_back, pay_links, pay_now
from tests.makers import TODAY, kroner, make_invoice
from tests.payments.providers.makers import ALIASES, Pair, pair

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[alias for alias in ALIASES if alias != "memory"])
def at(request: pytest.FixtureRequest, settings: Any) -> Iterator[Pair]:
    with pair(request.param) as made:
        settings.PAYMENT_PROVIDERS = made.settings
        yield made


def tell(at: Pair, live_server: LiveServer, told: list[dict[str, Any]], **changes: Any) -> list[int]:
    """Post these webhooks to our own server, as the provider would."""
    host, path = live_server.url.removeprefix("http://"), f"/betal/varsel/{at.alias}/"
    statuses = []
    for one in told:
        sent = at.standin.webhook(one, host=host, path=path, at=changes.get("sent_at") or datetime.now(UTC))
        answer = requests.post(f"{live_server.url}{path}", data=sent.body, headers=sent.headers, timeout=20)
        statuses.append(answer.status_code)
    return statuses


def press(at: Pair) -> ProviderPayment:
    invoice = make_invoice(on=TODAY)
    sent = Client().post(pay_links.path_to_pay(invoice), {"provider": at.alias})
    online = ProviderPayment.objects.get()
    assert (sent.status_code, sent["Location"]) == (303, online.redirect_url)
    return online


def test_paid_told_in_the_wrong_order_and_three_times_and_paid_back(at: Pair, live_server: LiveServer) -> None:
    online = press(at)
    at.standin.approve(online.reference)
    pay_now.look(online=online, at=datetime.now(UTC))
    told = list(at.standin.told)
    assert set(tell(at, live_server, [*reversed(told), *told, *reversed(told)])) == {200}
    payment = Payment.objects.get()
    online.refresh_from_db()
    assert (online.state, online.payment, payment.amount) == ("paid", payment, kroner("400"))
    assert online.events.exclude(event_id="").count() == len(told)
    assert Period.objects.get().confirmed_on is not None
    assert Message.objects.filter(kind="payment_received").count() == 1

    before = len(at.standin.told)
    pay_back.refund(online=online, at=datetime.now(UTC), by=None, reason="Paid twice")
    news = at.standin.told[before:]
    assert set(tell(at, live_server, [*news, *told, *reversed(news), *news])) == {200}
    online.refresh_from_db()
    assert (online.state, Payment.objects.count()) == ("refunded", 2)
    assert ledger_check.check().problems == []


def test_a_part_is_paid_back_and_told_in_the_wrong_order(at: Pair, live_server: LiveServer) -> None:
    """What the provider tells of a refund we asked for changes nothing that is booked; the rest can go back later."""
    online = press(at)
    at.standin.approve(online.reference)
    online = pay_now.look(online=online, at=datetime.now(UTC))
    for amount, state in (("150", "paid"), ("100", "paid"), ("150", "refunded")):
        done = pay_back.refund(online=online, at=datetime.now(UTC), by=None, reason="Moved", amount=kroner(amount))
        assert done.state == state
        told = list(at.standin.told)
        assert set(tell(at, live_server, [*reversed(told), *told])) == {200}
    rows = Payment.objects.exclude(pays_back=None).order_by("pk")
    assert [(row.amount, row.source) for row in rows] == [
        (kroner("-150"), "provider"), (kroner("-100"), "provider"), (kroner("-150"), "provider"),
    ]  # fmt: skip
    online.refresh_from_db()
    assert (online.state, online.refunded_amount, online.invoice.open_amount) == ("refunded", 400, 400)
    assert ledger_check.check().problems == []


def test_the_webhook_alone_is_enough(at: Pair, live_server: LiveServer) -> None:
    """The person closes the browser after saying yes: what the provider tells has the money taken and booked."""
    online = press(at)
    at.standin.approve(online.reference)
    assert set(tell(at, live_server, at.standin.told)) == {200}
    online.refresh_from_db()
    assert (online.state, Payment.objects.get().amount) == ("paid", kroner("400"))


def test_two_senders_at_once(at: Pair, live_server: LiveServer) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("the tests' SQLite is one connection, which threads cannot share")
    online = press(at)
    at.standin.approve(online.reference)
    told = list(at.standin.told)
    statuses: list[int] = []
    senders = [
        threading.Thread(target=lambda: statuses.extend(tell(at, live_server, told + told))) for _number in range(3)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert set(statuses) == {200} and len(statuses) == 6 * len(told)
    assert (Payment.objects.count(), Message.objects.filter(kind="payment_received").count()) == (1, 1)
    online.refresh_from_db()
    assert online.state == "paid"
    assert ledger_check.check().problems == []


def test_an_old_webhook_and_one_for_another_address_are_refused(at: Pair, live_server: LiveServer) -> None:
    online = press(at)
    at.standin.approve(online.reference)
    old = datetime.now(UTC) - timedelta(days=365)
    assert set(tell(at, live_server, at.standin.told, sent_at=old)) == {400}
    online.refresh_from_db()
    assert (online.state, Payment.objects.count(), online.events.exclude(event_id="").count()) == ("waiting", 0, 0)


def test_a_provider_that_is_down_when_it_tells_is_asked_by_the_sweep(at: Pair, live_server: LiveServer) -> None:
    online = press(at)
    at.standin.approve(online.reference)
    if at.alias == "paypal":  # its webhooks cannot even be checked then: it is asked to send them again
        at.standin.answer_next = 503
        assert tell(at, live_server, at.standin.told) == [503]
    else:
        at.standin.answer_next = 503
        assert 200 in tell(at, live_server, at.standin.told[-1:])
        online.refresh_from_db()
        assert (online.state, Payment.objects.count()) == ("waiting", 0)
    online.refresh_from_db()
    assert online.look_at is not None
    assert pay_now.look(online=online, at=datetime.now(UTC)).state == "paid"
