"""Vipps MobilePay's access token and ePayment APIs, as developer.vippsmobilepay.com describes them."""

import base64
import hashlib
import hmac
import json
import re
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from tests.payments.providers.standins.base import Call, Reply, Sent, Standin, want

CREDENTIALS = {
    "client_id": "fb492b5e-7907-4d83-ba20-c7fb60ca35de",
    "client_secret": "Y8Kteew6GE3ZmeycEt6egg==",
    "subscription_key": "0f14ebcab0eb4b29ae0cb90d91b4a84a",
    "merchant_serial_number": "123456",
    "webhook_secret": "A0+AeKBRG2KRGvnNwJpQlb6IJFk48CKXCIcrLoHncVJKDILsQSxS6NWCccwWm6r6FhGKhiHTBsG2wo/xU6FY/A==",
}
TOKEN = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.standin"
SUMS = ("authorizedAmount", "cancelledAmount", "capturedAmount", "refundedAmount")


class VippsStandin(Standin):
    """Knows payments by reference, and answers the same key the same way."""

    def __init__(self) -> None:
        super().__init__()
        self.payments: dict[str, dict[str, Any]] = {}
        self.told: list[dict[str, Any]] = []  # what webhooks would be sent about, in order
        self._answers: dict[tuple[str, str], Reply] = {}

    # --- what the person does in the app ---

    def approve(self, reference: str) -> None:
        payment = self.payments[reference]
        if payment["state"] == "CREATED":
            payment["state"] = "AUTHORIZED"
            payment["aggregate"]["authorizedAmount"]["value"] = payment["amount"]["value"]
            self._tell(reference, "AUTHORIZED")

    def refuse(self, reference: str) -> None:
        self._end(reference, "ABORTED")

    def expire(self, reference: str) -> None:
        self._end(reference, "EXPIRED")

    def _end(self, reference: str, state: str) -> None:
        if self.payments[reference]["state"] == "CREATED":
            self.payments[reference]["state"] = state
            self._tell(reference, state)

    # --- the API ---

    def reply(self, call: Call) -> Reply:
        self._check_headers(call)
        if call.path == "/accesstoken/get":
            return self._token(call)
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(401, {"title": "Unauthorized"})
        want(call.path.startswith("/epayment/v1/payments"), "no such address", 404)
        _, _, rest = call.path.partition("/epayment/v1/payments")
        reference, _, verb = rest.lstrip("/").partition("/")
        if call.method == "GET":
            payment = self.payments.get(reference)
            return Reply(200, payment) if payment else Reply(404, {"title": "Not Found"})
        key = call.headers.get("idempotency-key", "")
        want(0 < len(key) <= 64, "Idempotency-Key is required, at most 64 characters")
        want(call.headers.get("content-type") == "application/json", "the body must be JSON")
        known = self._answers.get((rest, key))
        if known is None:
            known = self._answers[rest, key] = self._adjust(reference, verb, call) if verb else self._create(call)
        return known

    def _check_headers(self, call: Call) -> None:
        want(call.headers.get("ocp-apim-subscription-key") == CREDENTIALS["subscription_key"], "subscription key", 401)
        want(call.headers.get("merchant-serial-number") == CREDENTIALS["merchant_serial_number"], "MSN")
        want(call.headers.get("vipps-system-name"), "Vipps-System-Name")
        want(call.headers.get("vipps-system-version"), "Vipps-System-Version")

    def _token(self, call: Call) -> Reply:
        want(call.method == "POST", "POST it", 405)
        for name in ("client_id", "client_secret"):
            want(call.headers.get(name) == CREDENTIALS[name], name, 401)
        return Reply(200, {"token_type": "Bearer", "expires_in": "3599", "access_token": TOKEN})

    def _create(self, call: Call) -> Reply:
        body = call.json
        reference, amount = body["reference"], body["amount"]
        want(re.fullmatch("[a-zA-Z0-9-]{8,64}", reference), "reference")
        want(isinstance(amount["value"], int) and amount["value"] >= 100, "amount in øre, at least 100")
        want(amount["currency"] == "NOK", "currency")
        want(body["paymentMethod"] == {"type": "WALLET"} and body["userFlow"] == "WEB_REDIRECT", "flow")
        want(body["returnUrl"].startswith(("http://", "https://")), "returnUrl")
        want(3 <= len(body["paymentDescription"]) <= 100, "paymentDescription")
        if reference in self.payments:
            return Reply(409, {"type": "https://developer.vippsmobilepay.com/docs/APIs/epayment-api/errors#conflict"})
        self.payments[reference] = {
            "reference": reference,
            "pspReference": hashlib.sha256(reference.encode()).hexdigest()[:20],
            "state": "CREATED",
            "amount": amount,
            "paymentMethod": {"type": "WALLET"},
            "profile": {},
            "aggregate": {name: {"currency": amount["currency"], "value": 0} for name in SUMS},
        }
        self._tell(reference, "CREATED")
        return Reply(201, {"redirectUrl": f"https://landing.vipps.no?token={reference}", "reference": reference})

    def _adjust(self, reference: str, verb: str, call: Call) -> Reply:
        payment = self.payments.get(reference)
        if payment is None:
            return Reply(404, {"title": "Not Found"})
        sums = {name: payment["aggregate"][name]["value"] for name in SUMS}
        left = sums["authorizedAmount"] - sums["capturedAmount"] - sums["cancelledAmount"]
        asked = (call.json.get("modificationAmount") or {}).get("value", 0)
        if verb == "cancel":
            if payment["state"] == "CREATED":
                payment["state"] = "TERMINATED"
                self._tell(reference, "TERMINATED")
            elif left > 0:
                payment["aggregate"]["cancelledAmount"]["value"] += left
                self._tell(reference, "CANCELLED")
            else:
                return Reply(409, {"type": "not-possible"})
        elif verb == "capture":
            if payment["state"] != "AUTHORIZED" or not 0 < asked <= left:
                return Reply(409, {"type": "not-possible"})
            payment["aggregate"]["capturedAmount"]["value"] += asked
            self._tell(reference, "CAPTURED")
        elif verb == "refund":
            if not 0 < asked <= sums["capturedAmount"] - sums["refundedAmount"]:
                return Reply(409, {"type": "not-possible"})
            payment["aggregate"]["refundedAmount"]["value"] += asked
            self._tell(reference, "REFUNDED")
        return Reply(200, json.loads(json.dumps(payment)))

    # --- webhooks ---

    def _tell(self, reference: str, name: str) -> None:
        payment = self.payments[reference]
        self.told.append({
            "msn": CREDENTIALS["merchant_serial_number"], "reference": reference, "name": name,
            "pspReference": f"{payment['pspReference']}-{len(self.told)}", "amount": payment["amount"],
            "timestamp": f"2026-03-10T12:48:{len(self.told):02}.260Z", "idempotencyKey": None, "success": True,
        })  # fmt: skip

    def webhook(self, told: dict[str, Any], *, host: str, path: str, at: datetime) -> Sent:
        """The request that tells it, signed for that address at that moment."""
        body = json.dumps(told).encode()
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        date = format_datetime(at, usegmt=True)
        signed = f"POST\n{path}\n{date};{host};{digest}".encode()
        mac = base64.b64encode(hmac.new(CREDENTIALS["webhook_secret"].encode(), signed, "sha256").digest()).decode()
        return Sent(
            headers={
                "X-Ms-Date": date,
                "X-Ms-Content-Sha256": digest,
                "Authorization": f"HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={mac}",
                "Host": host,
            },
            body=body,
        )
