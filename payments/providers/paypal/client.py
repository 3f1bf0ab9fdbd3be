"""The Orders API: an order is created, the person approves it at PayPal, and then it is captured."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from payments.providers import http
from payments.providers.paypal import webhook as signatures
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
    required,
)

PRODUCTION = "https://api-m.paypal.com"
_SERVICE = "PayPal"
_STANDINGS = {"APPROVED": Standing.AUTHORIZED, "VOIDED": Standing.CANCELLED}
_TAKEN = {"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"}
_REFUSED = {"DECLINED", "FAILED"}  # the rest is on its way: PayPal holds a capture back for days at times
_LOCALES = {"nb": "nb-NO", "en": "en-GB"}


class PayPalProvider(PaymentProvider):
    """Keys are those of one app (developer.paypal.com, Apps & Credentials); `webhook_id` that of its webhook."""

    name = "PayPal"
    label = "PayPal"
    lives_for: ClassVar[timedelta] = timedelta(hours=3)  # an order nobody approves is forgotten by then
    redirects_to = ("https://www.paypal.com", "https://www.sandbox.paypal.com")

    def __init__(self, *, client_id: str, client_secret: str, webhook_id: str, base_url: str = PRODUCTION) -> None:
        required("paypal", client_id=client_id, client_secret=client_secret, webhook_id=webhook_id)
        self._client = (client_id, client_secret)
        self._webhook_id = webhook_id
        self._base_url = base_url.rstrip("/")
        self._token = http.Token()

    def start(self, *, order: Order) -> Started:
        body = {
            "intent": "CAPTURE",
            "purchase_units": [
                {
                    "reference_id": order.reference,
                    "custom_id": order.reference,
                    "invoice_id": order.reference,  # PayPal takes each only once, so nobody pays the same order twice
                    "description": order.text[:127],
                    "amount": {"currency_code": order.currency, "value": f"{order.amount:.2f}"},
                }
            ],
            "payment_source": {
                "paypal": {
                    "experience_context": {
                        "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
                        "user_action": "PAY_NOW",
                        "shipping_preference": "NO_SHIPPING",
                        "locale": _LOCALES.get(order.language, "en-GB"),
                        "return_url": order.return_url,
                        "cancel_url": order.return_url,
                    }
                }
            },
        }
        answer = self._ask("POST", "/v2/checkout/orders", key=order.key, json=body)
        links = {link.get("rel"): link.get("href") for link in answer.data.get("links", [])}
        redirect_url = links.get("payer-action") or links.get("approve")
        if answer.status not in (200, 201) or not redirect_url:
            raise _refused(answer)
        return Started(provider_id=str(answer.data["id"]), redirect_url=redirect_url)

    def read(self, *, handle: Handle) -> Reading:
        order = self._order(handle)
        return _reading(order) if order else Reading(standing=Standing.MISSING)

    def capture(self, *, handle: Handle, amount: Decimal, currency: str) -> Reading:
        path = f"/v2/checkout/orders/{handle.provider_id}/capture"
        answer = self._ask("POST", path, key=handle.key, json={})
        # Captured before, or the bank said no: how it stands tells which.
        if answer.status not in (200, 201) and _issue(answer) not in {"ORDER_ALREADY_CAPTURED", "INSTRUMENT_DECLINED"}:
            raise _refused(answer)
        if _issue(answer) == "INSTRUMENT_DECLINED":
            return Reading(standing=Standing.PENDING)  # the person may choose another card
        return self.read(handle=handle)

    def refund(self, *, handle: Handle, amount: Decimal, currency: str) -> Reading:
        taken = [capture for capture in _captures(self._order(handle) or {}) if capture.get("status") in _TAKEN]
        if not taken:
            raise ProviderError("PayPal has no captured money to give back.", permanent=True)
        body = {"amount": {"currency_code": currency, "value": f"{amount:.2f}"}}
        answer = self._ask("POST", f"/v2/payments/captures/{taken[0]['id']}/refund", key=handle.key, json=body)
        if answer.status not in (200, 201) and _issue(answer) != "CAPTURE_FULLY_REFUNDED":
            raise _refused(answer)
        return self.read(handle=handle)

    def cancel(self, *, handle: Handle) -> Reading:
        """PayPal has no way to cancel an order: what is not captured is forgotten after three hours.

        Money that PayPal is taking already comes, whatever we say: that is not cancelled, and says how it stands.
        """
        order = self._order(handle)
        if order is None:
            return Reading(standing=Standing.MISSING)
        return _reading(order) if _captures(order) else Reading(standing=Standing.CANCELLED)

    def read_webhook(self, *, webhook: Webhook, at: datetime) -> Notice:
        """PayPal itself is asked whether it sent it, after what can be seen without asking."""
        notice = signatures.read(webhook, at=at)
        answer = self._ask(
            "POST",
            "/v1/notifications/verify-webhook-signature",
            body=signatures.question(webhook, webhook_id=self._webhook_id),
        )
        if answer.status != 200 or answer.data.get("verification_status") != "SUCCESS":
            raise ProviderError("The webhook's signature is wrong.", permanent=True)
        return notice

    def _order(self, handle: Handle) -> dict[str, Any] | None:
        answer = self._ask("GET", f"/v2/checkout/orders/{handle.provider_id}")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise _refused(answer)
        return answer.data

    def _ask(
        self, method: str, path: str, *, key: str = "", json: Any = None, body: bytes | None = None
    ) -> http.Answer:
        answer = self._ask_once(method, path, key, json, body)
        if answer.status == 401:  # the token may have been withdrawn before its time
            self._token.drop()
            answer = self._ask_once(method, path, key, json, body)
        return answer

    def _ask_once(self, method: str, path: str, key: str, json: Any, body: bytes | None) -> http.Answer:
        headers = {"Authorization": f"Bearer {self._access_token()}", "Content-Type": "application/json"}
        if key:
            headers |= {"PayPal-Request-Id": key, "Prefer": "return=representation"}
        return http.call(method, self._base_url + path, service=_SERVICE, headers=headers, json=json, body=body)

    def _access_token(self) -> str:
        if token := self._token.get():
            return token
        answer = http.call(
            "POST",
            f"{self._base_url}/v1/oauth2/token",
            service=_SERVICE,
            headers={"Accept": "application/json"},
            form={"grant_type": "client_credentials"},
            auth=self._client,
        )
        if answer.status != 200 or not answer.data.get("access_token"):
            raise http.refused(_SERVICE, answer, answer.data.get("error"))
        return self._token.keep(answer.data["access_token"], seconds=int(answer.data.get("expires_in") or 300))


def _captures(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        capture
        for unit in order.get("purchase_units", [])
        for capture in (unit.get("payments") or {}).get("captures", [])
    ]


def _is_being_taken(order: dict[str, Any]) -> bool:
    return any(capture.get("status") not in _REFUSED for capture in _captures(order))


def _reading(order: dict[str, Any]) -> Reading:
    captures = _captures(order)
    taken = [capture for capture in captures if capture.get("status") in _TAKEN]
    refunds = [
        refund
        for unit in order.get("purchase_units", [])
        for refund in (unit.get("payments") or {}).get("refunds", [])
        if refund.get("status") == "COMPLETED"
    ]
    standing = _STANDINGS.get(order.get("status", ""), Standing.PENDING)
    if taken:
        standing = Standing.CAPTURED
    elif captures and not _is_being_taken(order):
        standing = Standing.FAILED
    return Reading(
        standing=standing,
        captured=_sum(taken),
        refunded=_sum(refunds),
        currency=taken[0]["amount"]["currency_code"] if taken else "",
    )


def _sum(rows: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(row["amount"]["value"]) for row in rows), Decimal("0.00"))


def _issue(answer: http.Answer) -> str:
    details = answer.data.get("details") or [{}]
    return str(details[0].get("issue", ""))


def _refused(answer: http.Answer) -> ProviderError:
    return http.refused(_SERVICE, answer, _issue(answer) or answer.data.get("name"))
