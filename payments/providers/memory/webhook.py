"""Signed like Stripe's, with headers of its own."""

import hashlib
import hmac
import json
from datetime import datetime

from payments.providers.provider import Notice, ProviderError, Webhook, refuse_if_old


def signature(body: bytes, *, sent_at: str, secret: str) -> str:
    """What must stand in the header x-signature."""
    return hmac.new(secret.encode(), sent_at.encode() + b"." + body, hashlib.sha256).hexdigest()


def read(webhook: Webhook, *, secret: str, at: datetime) -> Notice:
    """Return what it is about, once it is shown to be genuine and new."""
    sent_at = webhook.headers.get("x-sent-at", "")
    given = webhook.headers.get("x-signature", "")
    if not hmac.compare_digest(given.encode(), signature(webhook.body, sent_at=sent_at, secret=secret).encode()):
        raise ProviderError("The webhook's signature is wrong.", permanent=True)
    try:
        moment, data = datetime.fromisoformat(sent_at), json.loads(webhook.body)
        notice = Notice(event_id=str(data["id"]), kind=str(data["kind"]), reference=str(data["reference"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ProviderError(f"The webhook cannot be read ({type(error).__name__}).", permanent=True) from None
    refuse_if_old(moment, at=at)
    return notice
