"""PayPal's OAuth, Orders v2, refund and webhook verification APIs, as developer.paypal.com describes them."""

import base64
import hashlib
import json
import zlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from tests.payments.providers.standins.base import Call, Reply, Sent, Standin, want

CREDENTIALS = {"client_id": "AeA1QIZXiflr1", "client_secret": "EC_AYI0lLRnq", "webhook_id": "1JE4291016473214C"}
TOKEN = "A21AAFs9YhTzm.standin"


class PayPalStandin(Standin):
    """Knows orders by id, and answers the same PayPal-Request-Id the same way."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: dict[str, dict[str, Any]] = {}
        self.told: list[dict[str, Any]] = []
        self.capture_becomes = "COMPLETED"
        self._answers: dict[tuple[str, str], Reply] = {}

    def order_of(self, reference: str) -> dict[str, Any]:
        return next(order for order in self.orders.values() if order["purchase_units"][0]["reference_id"] == reference)

    # --- what the person does at PayPal ---

    def approve(self, reference: str) -> None:
        order = self.order_of(reference)
        order["status"] = "APPROVED"
        self._tell("CHECKOUT.ORDER.APPROVED", order)

    def refuse(self, reference: str) -> None:
        """The person goes back to the shop: PayPal keeps the order as it was until it forgets it."""

    def expire(self, reference: str) -> None:
        del self.orders[self.order_of(reference)["id"]]

    # --- what PayPal does by itself ---

    def release(self, reference: str) -> None:
        """The money that was held back comes."""
        (capture,) = self.order_of(reference)["purchase_units"][0]["payments"]["captures"]
        capture["status"] = "COMPLETED"
        self._tell("PAYMENT.CAPTURE.COMPLETED", capture)

    # --- the API ---

    def reply(self, call: Call) -> Reply:
        if call.path == "/v1/oauth2/token":
            return self._token(call)
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(401, {"error": "invalid_token"})
        if call.path == "/v1/notifications/verify-webhook-signature":
            return self._verify(call)
        parts = call.path.strip("/").split("/")
        if call.method == "GET":
            order = self.orders.get(parts[3])
            return Reply(200, order) if order else Reply(404, {"name": "RESOURCE_NOT_FOUND"})
        want(call.headers.get("content-type") == "application/json", "the body must be JSON", 415)
        key = call.headers.get("paypal-request-id", "")
        want(0 < len(key) <= 108, "PayPal-Request-Id")
        known = self._answers.get((call.path, key))
        if known is None:
            known = self._answers[call.path, key] = self._do(parts, call)
        return known

    def _do(self, parts: list[str], call: Call) -> Reply:
        if parts == ["v2", "checkout", "orders"]:
            return self._create(call)
        if parts[:3] == ["v2", "checkout", "orders"] and parts[4:] == ["capture"]:
            return self._capture(parts[3])
        if parts[:3] == ["v2", "payments", "captures"] and parts[4:] == ["refund"]:
            return self._refund(parts[3], call)
        return Reply(404, {"name": "RESOURCE_NOT_FOUND"})

    def _token(self, call: Call) -> Reply:
        wanted = base64.b64encode(f"{CREDENTIALS['client_id']}:{CREDENTIALS['client_secret']}".encode()).decode()
        want(call.headers.get("authorization") == f"Basic {wanted}", "client", 401)
        want(parse_qs(call.body.decode()) == {"grant_type": ["client_credentials"]}, "grant_type")
        return Reply(200, {"token_type": "Bearer", "expires_in": 32400, "access_token": TOKEN})

    def _create(self, call: Call) -> Reply:
        body = call.json
        (unit,) = body["purchase_units"]
        context = body["payment_source"]["paypal"]["experience_context"]
        want(body["intent"] == "CAPTURE" and context["user_action"] == "PAY_NOW", "intent")
        want(context["return_url"].startswith("http") and context["cancel_url"].startswith("http"), "addresses")
        want(unit["amount"]["currency_code"] == "NOK" and len(unit["amount"]["value"].split(".")[1]) == 2, "amount")
        want(0 < len(unit["custom_id"]) <= 255 and len(unit["invoice_id"]) <= 127, "ids")
        number = hashlib.sha256(unit["reference_id"].encode()).hexdigest()[:17].upper()
        self.orders[number] = {
            "id": number,
            "intent": "CAPTURE",
            "status": "PAYER_ACTION_REQUIRED",
            "purchase_units": [dict(unit)],
            "links": [
                {"href": f"https://api-m.paypal.com/v2/checkout/orders/{number}", "rel": "self", "method": "GET"},
                {"href": f"https://www.paypal.com/checkoutnow?token={number}", "rel": "payer-action", "method": "GET"},
            ],
        }
        return Reply(201, self.orders[number])

    def _capture(self, number: str) -> Reply:
        order = self.orders.get(number)
        if order is None:
            return Reply(404, {"name": "RESOURCE_NOT_FOUND"})
        if order["status"] == "COMPLETED":
            return unprocessable("ORDER_ALREADY_CAPTURED")
        if order["status"] != "APPROVED":
            return unprocessable("ORDER_NOT_APPROVED")
        unit = order["purchase_units"][0]
        capture = {
            "id": f"3C{number[:15]}", "status": self.capture_becomes, "amount": unit["amount"],
            "custom_id": unit["custom_id"],
        }  # fmt: skip
        unit["payments"] = {"captures": [capture]}
        order["status"] = "COMPLETED"
        self._tell(f"PAYMENT.CAPTURE.{self.capture_becomes}", capture)
        return Reply(201, order)

    def _refund(self, capture_id: str, call: Call) -> Reply:
        for order in self.orders.values():
            payments = order["purchase_units"][0].get("payments") or {}
            for capture in payments.get("captures", []):
                if capture["id"] == capture_id:
                    if capture["status"] == "REFUNDED":
                        return unprocessable("CAPTURE_FULLY_REFUNDED")
                    amount, before = call.json["amount"], payments.setdefault("refunds", [])
                    want(amount["currency_code"] == capture["amount"]["currency_code"], "another currency")
                    back = sum(Decimal(one["amount"]["value"]) for one in before) + Decimal(amount["value"])
                    if back > Decimal(capture["amount"]["value"]):
                        return unprocessable("REFUND_AMOUNT_EXCEEDED")
                    is_all = back == Decimal(capture["amount"]["value"])
                    capture["status"] = "REFUNDED" if is_all else "PARTIALLY_REFUNDED"
                    refund = {"id": f"{len(before)}K{capture_id[:15]}", "status": "COMPLETED", "amount": amount,
                              "custom_id": capture["custom_id"]}  # fmt: skip
                    before.append(refund)
                    self._tell("PAYMENT.CAPTURE.REFUNDED", refund)
                    return Reply(201, refund)
        return Reply(404, {"name": "RESOURCE_NOT_FOUND"})

    # --- webhooks ---

    def _tell(self, kind: str, resource: dict[str, Any]) -> None:
        self.told.append({"id": f"WH-{len(self.told) + 1:04}", "event_type": kind, "resource": dict(resource)})

    def webhook(self, told: dict[str, Any], *, host: str, path: str, at: datetime) -> Sent:
        """The request that tells it. PayPal writes its JSON its own way: spaces, and letters that are escaped."""
        body = json.dumps(told | {"summary": "Betaling på kr 400"}, indent=1).encode()
        sent_at = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        number = f"69cd13f0-{told['id']}"
        return Sent(
            headers={
                "Paypal-Transmission-Id": number,
                "Paypal-Transmission-Time": sent_at,
                "Paypal-Transmission-Sig": self._signature(number, sent_at, body),
                "Paypal-Cert-Url": "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-5a29e601",
                "Paypal-Auth-Algo": "SHA256withRSA",
                "Content-Type": "application/json",
            },
            body=body,
        )

    def _signature(self, number: str, sent_at: str, body: bytes) -> str:
        """What PayPal signs: id, time, webhook and checksum of the body; a digest stands for its own key."""
        signed = f"{number}|{sent_at}|{CREDENTIALS['webhook_id']}|{zlib.crc32(body)}|standin"
        return base64.b64encode(hashlib.sha256(signed.encode()).digest()).decode()

    def _verify(self, call: Call) -> Reply:
        asked = call.json
        want(asked["webhook_id"] == CREDENTIALS["webhook_id"], "webhook_id")
        raw = call.body.partition(b'"webhook_event": ')[2][:-1]
        wanted = self._signature(asked["transmission_id"], asked["transmission_time"], raw)
        is_genuine = asked["transmission_sig"] == wanted and asked["auth_algo"] == "SHA256withRSA"
        return Reply(200, {"verification_status": "SUCCESS" if is_genuine else "FAILURE"})


def unprocessable(issue: str) -> Reply:
    return Reply(422, {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": issue}]})
