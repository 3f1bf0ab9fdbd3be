"""Stripe's signatures: time and body, whole scheme names, and the older scheme never taken for the newer."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from payments.providers.provider import ProviderError, Webhook
from payments.providers.stripe.webhook import read, signature

SECRET = "whsec_test_secret"
BODY = b'{"id": "evt_1", "type": "charge.refunded", "data": {"object": {"metadata": {"reference": "hnm-1-abcdef"}}}}'
AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
T = str(int(AT.timestamp()))


def webhook(header: str, body: bytes = BODY) -> Webhook:
    return Webhook(host="x", path="/", headers={"stripe-signature": header}, body=body)


def test_the_scheme_as_documented() -> None:
    """The timestamp as text, a full stop, the body as it came: HMAC with SHA-256, in hex. Stripe prints no example."""
    assert signature(BODY, timestamp=T, secret=SECRET) == hmac.new(
        SECRET.encode(), f"{T}.{BODY.decode()}".encode(), hashlib.sha256
    ).hexdigest()  # fmt: skip


def test_a_refund_is_known_by_its_charge() -> None:
    notice = read(webhook(f"t={T},v1={signature(BODY, timestamp=T, secret=SECRET)}"), secret=SECRET, at=AT)
    assert (notice.event_id, notice.kind, notice.reference) == ("evt_1", "charge.refunded", "hnm-1-abcdef")


def test_one_of_two_signatures_is_enough_while_the_secret_changes() -> None:
    good = signature(BODY, timestamp=T, secret=SECRET)
    assert read(webhook(f"t={T},v1={'0' * 64},v1={good}"), secret=SECRET, at=AT).event_id == "evt_1"


@pytest.mark.parametrize(
    "header", ["", "t={t}", "v1={good}", "t={t},v0={good}", "t={later},v1={good}", "t=x,v1={good}"]
)
def test_anything_less_is_refused(header: str) -> None:
    good = signature(BODY, timestamp=T, secret=SECRET)
    with pytest.raises(ProviderError, match="signature is wrong"):
        read(webhook(header.format(t=T, good=good, later=int(T) + 1)), secret=SECRET, at=AT)


def test_five_minutes_and_no_more() -> None:
    header = f"t={T},v1={signature(BODY, timestamp=T, secret=SECRET)}"
    assert read(webhook(header), secret=SECRET, at=AT + timedelta(minutes=5)).event_id == "evt_1"
    with pytest.raises(ProviderError, match="older than five minutes"):
        read(webhook(header), secret=SECRET, at=AT + timedelta(minutes=5, seconds=1))


def test_a_time_beyond_all_times_is_refused() -> None:
    endless = "9" * 30
    with pytest.raises(ProviderError, match="cannot be read"):
        read(webhook(f"t={endless},v1={signature(BODY, timestamp=endless, secret=SECRET)}"), secret=SECRET, at=AT)
