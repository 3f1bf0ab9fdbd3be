"""The contract of payment providers: every one passes it, against a stand-in on real sockets."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured

from payments.providers.provider import (
    Handle,
    Order,
    PaymentProvider,
    ProviderError,
    Reading,
    Standing,
    Started,
    Webhook,
)
from tests.payments.providers.makers import ALIASES, CAPTURED_LATER, TELL_OF_NO, Pair, pair

PRICE = Decimal("400.50")
AT = datetime.now(UTC)  # when the tests were loaded: in a long run of all tests, a while ago
HOST, PATH = "vvnf.example", "/betaling/varsel/x/"


@pytest.fixture(params=ALIASES)
def at(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with pair(request.param) as made:
        yield made


def order(reference: str = "hnm-10001-abcdef", **changes: object) -> Order:
    made = Order(
        reference=reference, key=f"key-{reference}", amount=PRICE, currency="NOK", text="Faktura 10001",
        language="nb", return_url="https://vvnf.example/betal/retur/x/", expires_at=AT + timedelta(hours=12),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def start(at: Pair) -> tuple[Started, Handle]:
    started = at.provider.start(order=order())
    return started, Handle(reference=order().reference, provider_id=started.provider_id, key="the next")


def paid(at: Pair) -> Handle:
    _started, handle = start(at)
    at.standin.approve(handle.reference)
    assert at.provider.capture(handle=handle, amount=PRICE, currency="NOK").standing == Standing.CAPTURED
    return handle


def test_a_payment_waits_for_the_person(at: Pair) -> None:
    started, handle = start(at)
    hosts = {f"https://{started.redirect_url.split('/')[2].split('?')[0]}"} if "://" in started.redirect_url else set()
    allowed = at.provider.redirects_to
    assert all(host in allowed or f"https://*.{host.split('.', 1)[1]}" in allowed for host in hosts)
    assert at.provider.read(handle=handle).standing == Standing.PENDING


def test_started_twice_with_one_key_is_one_payment(at: Pair) -> None:
    assert at.provider.start(order=order()) == at.provider.start(order=order())


def test_a_yes_becomes_money_once(at: Pair) -> None:
    _started, handle = start(at)
    at.standin.approve(handle.reference)
    standing = Standing.AUTHORIZED if at.alias in CAPTURED_LATER else Standing.CAPTURED
    assert at.provider.read(handle=handle).standing == standing
    taken = Reading(standing=Standing.CAPTURED, captured=PRICE, currency="NOK")
    assert at.provider.capture(handle=handle, amount=PRICE, currency="NOK") == taken
    assert at.provider.capture(handle=handle, amount=PRICE, currency="NOK") == taken
    assert at.provider.read(handle=handle) == taken


def test_a_no_is_told_or_waits_until_it_runs_out(at: Pair) -> None:
    _started, handle = start(at)
    at.standin.refuse(handle.reference)
    expected = Standing.CANCELLED if at.alias in TELL_OF_NO else Standing.PENDING
    assert at.provider.read(handle=handle) == Reading(
        standing=expected, currency=at.provider.read(handle=handle).currency
    )


def test_what_nobody_answers_runs_out(at: Pair) -> None:
    _started, handle = start(at)
    at.standin.expire(handle.reference)
    expected = Standing.MISSING if at.alias == "paypal" else Standing.EXPIRED
    assert at.provider.read(handle=handle).standing == expected


def test_an_unknown_payment_is_missing(at: Pair) -> None:
    reading = at.provider.read(handle=Handle(reference="hnm-nothing-here", provider_id="NOTHING"))
    assert reading == Reading(standing=Standing.MISSING)


def test_what_waits_is_cancelled(at: Pair) -> None:
    _started, handle = start(at)
    assert at.provider.cancel(handle=handle).standing == Standing.CANCELLED
    assert at.provider.read(handle=handle).captured == 0


@pytest.mark.parametrize("alias", sorted(CAPTURED_LATER))
def test_what_the_person_agreed_to_is_let_go(alias: str) -> None:
    with pair(alias) as at:
        _started, handle = start(at)
        at.standin.approve(handle.reference)
        assert at.provider.cancel(handle=handle).standing == Standing.CANCELLED
        assert at.provider.read(handle=handle).captured == 0


def test_what_is_taken_cannot_be_cancelled_and_says_so(at: Pair) -> None:
    handle = paid(at)
    assert at.provider.cancel(handle=handle).standing == Standing.CAPTURED


def test_a_refund_with_one_key_is_given_once(at: Pair) -> None:
    handle = replace(paid(at), key="the refund")
    back = Reading(standing=Standing.CAPTURED, captured=PRICE, refunded=PRICE, currency="NOK")
    assert at.provider.refund(handle=handle, amount=PRICE, currency="NOK") == back
    assert at.provider.refund(handle=handle, amount=PRICE, currency="NOK") == back
    assert at.provider.read(handle=handle) == back


def test_parts_with_keys_of_their_own_add_up_and_never_beyond_what_was_taken(at: Pair) -> None:
    handle, part = paid(at), Decimal("100.00")
    for key, sofar in (("refund", part), ("refund", part), ("refund-2", 3 * part)):
        amount = part if key == "refund" else 2 * part
        reading = at.provider.refund(handle=replace(handle, key=key), amount=amount, currency="NOK")
        assert (reading.standing, reading.captured, reading.refunded) == (Standing.CAPTURED, PRICE, sofar)
    with suppress(ProviderError):
        at.provider.refund(handle=replace(handle, key="refund-3"), amount=2 * part, currency="NOK")
    assert at.provider.read(handle=handle).refunded == 3 * part
    last = at.provider.refund(handle=replace(handle, key="refund-4"), amount=PRICE - 3 * part, currency="NOK")
    assert last.refunded == PRICE


def test_nothing_is_given_back_that_was_not_taken(at: Pair) -> None:
    _started, handle = start(at)
    with pytest.raises(ProviderError) as caught:
        at.provider.refund(handle=handle, amount=PRICE, currency="NOK")
    assert caught.value.permanent


# --- webhooks ---


def received(at: Pair, *, sent_at: datetime = AT, index: int = -1) -> Webhook:
    _started, handle = start(at)
    at.standin.approve(handle.reference)
    sent = at.standin.webhook(at.standin.told[index], host=HOST, path=PATH, at=sent_at)
    return Webhook(host=HOST, path=PATH, headers={n.lower(): v for n, v in sent.headers.items()}, body=sent.body)


def test_a_webhook_says_which_payment(at: Pair) -> None:
    webhook = received(at)
    notice = at.provider.read_webhook(webhook=webhook, at=AT)
    assert notice.reference == order().reference
    assert notice.kind and notice.event_id
    assert at.provider.read_webhook(webhook=webhook, at=AT) == notice  # told again, it is the same event


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_webhook_is_refused(at: Pair, minutes: int) -> None:
    webhook = received(at)
    with pytest.raises(ProviderError, match="older than five minutes") as caught:
        at.provider.read_webhook(webhook=webhook, at=AT + timedelta(minutes=minutes))
    assert caught.value.permanent


def test_a_changed_webhook_is_refused(at: Pair) -> None:
    webhook = received(at)
    forged = webhook.body.replace(b"hnm-10001-abcdef", b"hnm-10002-abcdef")
    assert forged != webhook.body
    for changed in (
        replace(webhook, body=forged),
        replace(webhook, headers={}),
        replace(webhook, headers={name: value[::-1] for name, value in webhook.headers.items()}),
        replace(webhook, body=b""),
        replace(webhook, body=b"[]"),
        replace(webhook, body=b"\xff\x00"),
    ):
        with pytest.raises(ProviderError) as caught:
            at.provider.read_webhook(webhook=changed, at=AT)
        assert caught.value.permanent


# --- what can go wrong on the way ---


@pytest.fixture(params=[alias for alias in ALIASES if alias != "memory"])
def online(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with pair(request.param) as made:
        yield made


def test_a_lost_answer_is_asked_for_again_without_paying_twice(online: Pair) -> None:
    online.standin.lose_next = True
    with pytest.raises(ProviderError) as caught:
        online.provider.start(order=order())
    assert not caught.value.permanent
    _started, handle = start(online)
    online.standin.approve(handle.reference)
    if online.alias in CAPTURED_LATER:
        online.standin.lose_next = True
        with pytest.raises(ProviderError):
            online.provider.capture(handle=handle, amount=PRICE, currency="NOK")
    assert online.provider.capture(handle=handle, amount=PRICE, currency="NOK").captured == PRICE
    online.standin.lose_next = True
    with pytest.raises(ProviderError):
        online.provider.refund(handle=replace(handle, key="back"), amount=PRICE, currency="NOK")
    assert online.provider.refund(handle=replace(handle, key="back"), amount=PRICE, currency="NOK").refunded == PRICE


@pytest.mark.parametrize(("status", "permanent"), [(500, False), (503, False), (429, False), (400, True), (403, True)])
def test_an_error_says_whether_to_try_again(online: Pair, status: int, permanent: bool) -> None:
    _started, handle = start(online)
    online.standin.answer_next = status
    with pytest.raises(ProviderError) as caught:
        online.provider.read(handle=handle)
    assert caught.value.permanent is permanent
    assert str(status) in str(caught.value)
    assert not any(secret in str(caught.value) for secret in online.settings[online.alias]["OPTIONS"].values())


def test_nobody_there_is_not_the_end(online: Pair) -> None:
    options = online.settings[online.alias]["OPTIONS"] | {"base_url": "http://127.0.0.1:9"}
    with pytest.raises(ProviderError) as caught:
        type(online.provider)(**options).start(order=order())
    assert not caught.value.permanent


def test_settings_that_are_missing_are_named(online: Pair) -> None:
    options = online.settings[online.alias]["OPTIONS"]
    for name in options.keys() - {"base_url"}:
        with pytest.raises(ImproperlyConfigured, match=f"Set {online.alias.upper()}_{name.upper()}"):
            type(online.provider)(**{**options, name: ""})


def test_the_interface_is_small(at: Pair) -> None:
    verbs = [name for name, value in vars(PaymentProvider).items() if callable(value) and not name.startswith("_")]
    assert len(verbs) <= 6
    assert at.provider.label and at.provider.name and at.provider.lives_for >= timedelta(minutes=10)
