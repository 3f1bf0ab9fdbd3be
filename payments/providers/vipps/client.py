"""The ePayment API: a payment is created, the person says yes in the app, and the reserved money is captured."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

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
from payments.providers.vipps import webhook as signatures

PRODUCTION = "https://api.vipps.no"
_SERVICE = "Vipps"
# While the money is reserved, captured, refunded or cancelled the state stays AUTHORIZED: the sums tell which.
_STANDINGS = {
    "CREATED": Standing.PENDING,
    "ABORTED": Standing.CANCELLED,
    "EXPIRED": Standing.EXPIRED,
    "TERMINATED": Standing.CANCELLED,
}


class VippsProvider(PaymentProvider):
    """Keys are those of one sales unit (portal.vippsmobilepay.com). `webhook_secret` comes when a webhook is made."""

    name = "Vipps MobilePay"
    label = "Vipps"
    lives_for: ClassVar[timedelta] = timedelta(minutes=10)
    redirects_to = ("https://*.vipps.no", "https://*.vippsmobilepay.com")

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        subscription_key: str,
        merchant_serial_number: str,
        webhook_secret: str,
        version: str = "",
        base_url: str = PRODUCTION,
    ) -> None:
        required(
            "vipps", client_id=client_id, client_secret=client_secret, subscription_key=subscription_key,
            merchant_serial_number=merchant_serial_number, webhook_secret=webhook_secret,
        )  # fmt: skip
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._webhook_secret = webhook_secret
        self._base_url = base_url.rstrip("/")
        self._token = http.Token()
        self._headers = {
            "Ocp-Apim-Subscription-Key": subscription_key,
            "Merchant-Serial-Number": merchant_serial_number,
            "Vipps-System-Name": "HNM Member",
            "Vipps-System-Version": version or "0",
        }

    def start(self, *, order: Order) -> Started:
        body = {
            "amount": {"currency": order.currency, "value": in_ore(order.amount)},
            "paymentMethod": {"type": "WALLET"},
            "reference": order.reference,
            "returnUrl": order.return_url,
            "userFlow": "WEB_REDIRECT",
            "paymentDescription": order.text[:100],
        }
        answer = self._ask("POST", "", key=order.key, json=body)
        if answer.status not in (200, 201) or not answer.data.get("redirectUrl"):
            raise _refused(answer)
        return Started(provider_id=order.reference, redirect_url=answer.data["redirectUrl"])

    def read(self, *, handle: Handle) -> Reading:
        answer = self._ask("GET", f"/{handle.reference}")
        if answer.status == 404:
            return Reading(standing=Standing.MISSING)
        if answer.status != 200:
            raise _refused(answer)
        return _reading(answer.data)

    def capture(self, *, handle: Handle, amount: Decimal, currency: str) -> Reading:
        return self._adjust("capture", handle, {"modificationAmount": {"currency": currency, "value": in_ore(amount)}})

    def refund(self, *, handle: Handle, amount: Decimal, currency: str) -> Reading:
        return self._adjust("refund", handle, {"modificationAmount": {"currency": currency, "value": in_ore(amount)}})

    def cancel(self, *, handle: Handle) -> Reading:
        try:
            return self._adjust("cancel", handle, {})
        except ProviderError as error:
            if not error.permanent:
                raise
            return self.read(handle=handle)  # it is over already, or the person is just saying yes

    def read_webhook(self, *, webhook: Webhook, at: datetime) -> Notice:
        return signatures.read(webhook, secret=self._webhook_secret, at=at)

    def _adjust(self, verb: str, handle: Handle, body: dict[str, Any]) -> Reading:
        answer = self._ask("POST", f"/{handle.reference}/{verb}", key=handle.key, json=body)
        if answer.status not in (200, 202):
            raise _refused(answer)
        return _reading(answer.data)

    def _ask(self, method: str, path: str, *, key: str = "", json: Any = None) -> http.Answer:
        answer = self._ask_once(method, path, key, json)
        if answer.status == 401:  # the token may have been withdrawn before its time
            self._token.drop()
            answer = self._ask_once(method, path, key, json)
        return answer

    def _ask_once(self, method: str, path: str, key: str, json: Any) -> http.Answer:
        headers = {**self._headers, "Authorization": f"Bearer {self._access_token()}"}
        if key:
            headers["Idempotency-Key"] = key
        url = f"{self._base_url}/epayment/v1/payments{path}"
        return http.call(method, url, service=_SERVICE, headers=headers, json=json)

    def _access_token(self) -> str:
        if token := self._token.get():
            return token
        url = f"{self._base_url}/accesstoken/get"
        answer = http.call("POST", url, service=_SERVICE, headers={**self._headers, **self._client})
        if answer.status != 200 or not answer.data.get("access_token"):
            raise http.refused(_SERVICE, answer, answer.data.get("error"))
        return self._token.keep(answer.data["access_token"], seconds=int(answer.data.get("expires_in") or 300))


def _reading(data: dict[str, Any]) -> Reading:
    sums = data.get("aggregate") or {}
    captured, refunded, cancelled = (
        from_ore((sums.get(name) or {}).get("value") or 0)
        for name in ("capturedAmount", "refundedAmount", "cancelledAmount")
    )
    standing = _STANDINGS.get(data.get("state", ""))
    if standing is None:
        standing = Standing.CAPTURED if captured else Standing.CANCELLED if cancelled else Standing.AUTHORIZED
    currency = (data.get("amount") or {}).get("currency", "")
    return Reading(standing=standing, captured=captured, refunded=refunded, currency=currency)


def _refused(answer: http.Answer) -> ProviderError:
    return http.refused(_SERVICE, answer, answer.data.get("type") or answer.data.get("title"))
