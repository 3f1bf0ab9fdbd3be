"""PayPal's own ways: money that it holds back is on its way, and nothing we say stops it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from invoicing.models import Invoice
from payments import intake, ledger_check
from payments.models import ProviderPayment
from payments.online import pay_now
from payments.providers.paypal.client import _reading
from payments.providers.paypal.webhook import read
from payments.providers.provider import ProviderError, Reading, Standing, Webhook
from tests.makers import NOW, TODAY, kroner, make_invoice
from tests.payments.providers.makers import Pair, pair

pytestmark = pytest.mark.django_db


@pytest.fixture
def paypal(settings: Any) -> Iterator[Pair]:
    with pair("paypal") as made:
        settings.PAYMENT_PROVIDERS = made.settings
        yield made


def held_back(paypal: Pair) -> tuple[Invoice, ProviderPayment, datetime]:
    """Somebody has said yes, and PayPal looks at the payment before it lets the money go."""
    at = datetime.now(UTC)
    invoice: Invoice = make_invoice(on=TODAY)
    online = pay_now.start(invoice=invoice, alias="paypal", at=at, language="nb")
    paypal.standin.approve(online.reference)
    paypal.standin.capture_becomes = "PENDING"
    return invoice, pay_now.look(online=online, at=at), at


def order(*captures: str) -> dict[str, Any]:
    rows = [{"status": status, "amount": {"currency_code": "NOK", "value": "400.00"}} for status in captures]
    return {"status": "COMPLETED", "purchase_units": [{"payments": {"captures": rows}}]}


def test_money_on_its_way_is_not_cancelled(paypal: Pair) -> None:
    _invoice, online, _at = held_back(paypal)
    assert paypal.provider.cancel(handle=pay_now.handle(online)) == Reading(standing=Standing.PENDING)


def test_who_pays_in_the_bank_while_paypal_takes_its_time_has_paid_twice_in_the_books(paypal: Pair) -> None:
    """The invoice is settled by the bank, so we ask PayPal to let go. It does not: the money comes, and is booked."""
    invoice, online, at = held_back(paypal)
    intake.record(amount=kroner("400"), received_on=TODAY, source="ocr", source_reference="1", at=at, by=None,
                  kid=invoice.kid)  # fmt: skip
    online = pay_now.look(online=online, at=at + timedelta(minutes=2))
    assert online.state == "waiting"
    paypal.standin.release(online.reference)
    online = pay_now.look(online=online, at=at + timedelta(days=2))
    assert online.payment is not None
    assert (online.state, online.payment.amount, online.payment.unused_amount) == ("paid", 400, 400)
    assert ledger_check.check().problems == []


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"id": ' * 200_000, b"", b"[]", b"\xff", b'{"id": 1}'])
def test_a_body_that_cannot_be_read_is_refused_before_anybody_is_asked(body: bytes) -> None:
    headers = {"paypal-transmission-time": "2026-03-10T09:30:00Z"}
    with pytest.raises(ProviderError, match="cannot be read") as refusal:
        read(Webhook(host="x", path="/", headers=headers, body=body), at=NOW)
    assert refusal.value.permanent


@pytest.mark.parametrize(("captures", "standing"), [
    (["PENDING"], Standing.PENDING), (["DECLINED"], Standing.FAILED), (["FAILED", "DECLINED"], Standing.FAILED),
    (["DECLINED", "PENDING"], Standing.PENDING), (["DECLINED", "COMPLETED"], Standing.CAPTURED),
])  # fmt: skip
def test_a_card_that_was_refused_is_no_answer_while_another_one_is_tried(
    captures: list[str], standing: Standing
) -> None:
    assert _reading(order(*captures)).standing == standing
