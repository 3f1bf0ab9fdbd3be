"""Checkout Sessions: the person pays by card on Stripe's page, and the money is taken there and then.

Four calls and a signature: Stripe's own library, with some hundred modules for the rest of Stripe, would be the
largest dependency of this project, so we ask through `http.py` like the neighbours.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from payments.providers import http
from payments.providers.provider import (
    Handle,
    Notice,
    Order,
    PaymentProvider,
    ProviderError,
    Reading,
    Standing,
    Started,
    Webhook,
    from_ore,
    in_ore,
    required,
)
from payments.providers.stripe import webhook as signatures

PRODUCTION = "https://api.stripe.com"
API_VERSION = "2024-06-20"  # Stripe answers as it did on this day, whatever the account's own version
_SERVICE = "Stripe"


class StripeProvider(PaymentProvider):
    """`secret_key` is best a restricted key that may write Checkout Sessions and refunds; `webhook_secret` (whsec_…)
    is that of the webhook's endpoint."""

    name = "Stripe"
    label = _("card")
    lives_for: ClassVar[timedelta] = timedelta(minutes=40)  # Stripe takes no less than 30
    redirects_to = ("https://checkout.stripe.com",)

    def __init__(self, *, secret_key: str, webhook_secret: str, base_url: str = PRODUCTION) -> None:
        required("stripe", secret_key=secret_key, webhook_secret=webhook_secret)
        self._headers = {"Authorization": f"Bearer {secret_key}", "Stripe-Version": API_VERSION}
        self._webhook_secret = webhook_secret
        self._base_url = base_url.rstrip("/")

    def start(self, *, order: Order) -> Started:
        form = {
            "mode": "payment",
            "client_reference_id": order.reference,
            "metadata[reference]": order.reference,
            "payment_intent_data[metadata][reference]": order.reference,
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": order.currency.lower(),
            "line_items[0][price_data][unit_amount]": str(in_ore(order.amount)),
            "line_items[0][price_data][product_data][name]": order.text[:250],
            "locale": order.language,
            "success_url": order.return_url,
            "cancel_url": order.return_url,
            "expires_at": str(int(order.expires_at.timestamp())),
        }
        answer = self._ask("POST", "/v1/checkout/sessions", key=order.key, form=form)
        if answer.status != 200 or not answer.data.get("url"):
            raise _refused(answer)
        return Started(provider_id=str(answer.data["id"]), redirect_url=answer.data["url"])

    def read(self, *, handle: Handle) -> Reading:
        session = self._session(handle)
        return _reading(session) if session else Reading(standing=Standing.MISSING)

    def capture(self, *, handle: Handle, amount: Decimal, currency: str) -> Reading:
        """The money was taken when the person paid."""
        return self.read(handle=handle)

    def refund(self, *, handle: Handle, amount: Decimal, currency: str) -> Reading:
        intent = (self._session(handle) or {}).get("payment_intent") or {}
        if not intent.get("id"):
            raise ProviderError("Stripe has no captured money to give back.", permanent=True)
        form = {"payment_intent": str(intent["id"]), "amount": str(in_ore(amount))}
        answer = self._ask("POST", "/v1/refunds", key=handle.key, form=form)
        if answer.status != 200 and _code(answer) != "charge_already_refunded":
            raise _refused(answer)
        return self.read(handle=handle)

    def cancel(self, *, handle: Handle) -> Reading:
        path = f"/v1/checkout/sessions/{handle.provider_id}/expire"
        self._ask("POST", path, key=handle.key, form={})  # refused where it is over already
        reading = self.read(handle=handle)
        if reading.standing == Standing.EXPIRED:
            return Reading(standing=Standing.CANCELLED)
        return reading

    def read_webhook(self, *, webhook: Webhook, at: datetime) -> Notice:
        return signatures.read(webhook, secret=self._webhook_secret, at=at)

    def _session(self, handle: Handle) -> dict[str, Any] | None:
        path = f"/v1/checkout/sessions/{handle.provider_id}?expand[]=payment_intent.latest_charge"
        answer = self._ask("GET", path)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise _refused(answer)
        return answer.data

    def _ask(self, method: str, path: str, *, key: str = "", form: dict[str, str] | None = None) -> http.Answer:
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        return http.call(method, self._base_url + path, service=_SERVICE, headers=headers, form=form)


def _reading(session: dict[str, Any]) -> Reading:
    is_paid = session.get("payment_status") == "paid"
    charge = (session.get("payment_intent") or {}).get("latest_charge") or {}
    if is_paid:
        standing = Standing.CAPTURED
    else:
        standing = Standing.EXPIRED if session.get("status") == "expired" else Standing.PENDING
    return Reading(
        standing=standing,
        captured=from_ore(session.get("amount_total") or 0) if is_paid else Decimal("0.00"),
        refunded=from_ore(charge.get("amount_refunded") or 0),
        currency=str(session.get("currency") or "").upper(),
    )


def _code(answer: http.Answer) -> str:
    return str((answer.data.get("error") or {}).get("code") or "")


def _refused(answer: http.Answer) -> ProviderError:
    return http.refused(_SERVICE, answer, _code(answer) or (answer.data.get("error") or {}).get("type"))
