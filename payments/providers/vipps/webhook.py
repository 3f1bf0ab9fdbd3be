"""Vipps signs its webhooks with HMAC-SHA256: developer.vippsmobilepay.com, Webhooks API, request authentication."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from email.utils import parsedate_to_datetime

from payments.providers.provider import Notice, ProviderError, Webhook, refuse_if_old

_SCHEME = "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature="


def digest(body: bytes) -> str:
    """What stands in the header x-ms-content-sha256."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def authorization(webhook: Webhook, *, secret: str) -> str:
    """What must stand in the header Authorization."""
    date = webhook.headers.get("x-ms-date", "")
    signed = f"POST\n{webhook.path}\n{date};{webhook.host};{digest(webhook.body)}"
    mac = hmac.new(secret.encode(), signed.encode(), hashlib.sha256)
    return _SCHEME + base64.b64encode(mac.digest()).decode()


def read(webhook: Webhook, *, secret: str, at: datetime) -> Notice:
    """Return what it is about, once it is shown to come from Vipps, unchanged and just now."""
    given = webhook.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode(), authorization(webhook, secret=secret).encode()):
        raise ProviderError("The webhook's signature is wrong.", permanent=True)
    try:
        sent_at = parsedate_to_datetime(webhook.headers["x-ms-date"])
        data = json.loads(webhook.body)
        kind, reference = str(data["name"]), str(data["reference"])
    except (KeyError, TypeError, ValueError) as error:
        raise ProviderError(f"The webhook cannot be read ({type(error).__name__}).", permanent=True) from None
    refuse_if_old(sent_at, at=at)
    # It has no number of its own: told again, it has the same words.
    return Notice(event_id=hashlib.sha256(webhook.body).hexdigest(), kind=kind, reference=reference)
