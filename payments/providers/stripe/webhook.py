"""Stripe signs its webhooks with HMAC-SHA256 of time and body: docs.stripe.com/webhooks, verify manually."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

from payments.providers.provider import Notice, ProviderError, Webhook, refuse_if_old


def signature(body: bytes, *, timestamp: str, secret: str) -> str:
    """What must stand after `v1=` in the header Stripe-Signature."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def read(webhook: Webhook, *, secret: str, at: datetime) -> Notice:
    """Return what it is about, once it is shown to come from Stripe, unchanged and just now.

    While a secret is being replaced there are two signatures; one that fits is enough. `v0` is no signature.
    """
    parts = [part.strip().partition("=") for part in webhook.headers.get("stripe-signature", "").split(",")]
    timestamp = next((value for name, _sign, value in parts if name == "t"), "")
    given = [value for name, _sign, value in parts if name == "v1"]
    wanted = signature(webhook.body, timestamp=timestamp, secret=secret)
    if not any(hmac.compare_digest(value.encode(), wanted.encode()) for value in given):
        raise ProviderError("The webhook's signature is wrong.", permanent=True)
    try:
        sent_at = datetime.fromtimestamp(int(timestamp), UTC)
        data = json.loads(webhook.body)
        told = data["data"]["object"]
        notice = Notice(
            event_id=str(data["id"]),
            kind=str(data["type"]),
            reference=str(told.get("client_reference_id") or (told.get("metadata") or {}).get("reference") or ""),
        )
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise ProviderError(f"The webhook cannot be read ({type(error).__name__}).", permanent=True) from None
    refuse_if_old(sent_at, at=at)
    return notice
