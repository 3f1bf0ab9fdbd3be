"""PayPal signs its webhooks with a certificate of its own, and tells whoever asks whether one is genuine."""

import json
from datetime import datetime
from typing import Any

from payments.providers.provider import Notice, ProviderError, Webhook, refuse_if_old

_HEADERS = {
    "auth_algo": "paypal-auth-algo",
    "cert_url": "paypal-cert-url",
    "transmission_id": "paypal-transmission-id",
    "transmission_sig": "paypal-transmission-sig",
    "transmission_time": "paypal-transmission-time",
}


def read(webhook: Webhook, *, at: datetime) -> Notice:
    """Return what it claims to be about. Refuses what is old or cannot be read, without asking anybody."""
    try:
        sent_at = datetime.fromisoformat(webhook.headers[_HEADERS["transmission_time"]])
        data = json.loads(webhook.body)
        notice = Notice(
            event_id=str(data["id"]), kind=str(data["event_type"]), reference=_reference(data.get("resource") or {})
        )
        is_old_fashioned = sent_at.tzinfo is None
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ProviderError(f"The webhook cannot be read ({type(error).__name__}).", permanent=True) from None
    if is_old_fashioned:
        raise ProviderError("The webhook's time has no time zone.", permanent=True)
    refuse_if_old(sent_at, at=at)
    return notice


def question(webhook: Webhook, *, webhook_id: str) -> bytes:
    """The question to PayPal. The event stands in it letter by letter as it came: written anew it would not verify."""
    asked = {name: webhook.headers.get(header, "") for name, header in _HEADERS.items()}
    start = json.dumps({**asked, "webhook_id": webhook_id}).encode()
    return start[:-1] + b', "webhook_event": ' + webhook.body + b"}"


def _reference(resource: dict[str, Any]) -> str:
    """Ours: of a capture or refund it stands on top, of an order in its only unit."""
    units = resource.get("purchase_units") or [{}]
    return str(resource.get("custom_id") or units[0].get("custom_id") or "")
