"""Stripe's Checkout Sessions and refunds, as docs.stripe.com describes them."""

import hashlib
import hmac
import json
import time
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from tests.payments.providers.standins.base import Call, Reply, Sent, Standin, want

CREDENTIALS = {"secret_key": "rk_test_standin", "webhook_secret": "whsec_test_secret"}
ALLOWED = {
    "mode", "client_reference_id", "metadata[reference]", "payment_intent_data[metadata][reference]",
    "line_items[0][quantity]", "line_items[0][price_data][currency]", "line_items[0][price_data][unit_amount]",
    "line_items[0][price_data][product_data][name]", "locale", "success_url", "cancel_url", "expires_at",
}  # fmt: skip


class StripeStandin(Standin):
    """Knows sessions by id. The same Idempotency-Key with other words is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[str, dict[str, Any]] = {}
        self.told: list[dict[str, Any]] = []
        self._answers: dict[str, tuple[bytes, Reply]] = {}

    def session_of(self, reference: str) -> dict[str, Any]:
        return next(row for row in self.sessions.values() if row["client_reference_id"] == reference)

    # --- what the person does on Stripe's page ---

    def approve(self, reference: str) -> None:
        session = self.session_of(reference)
        session["status"], session["payment_status"] = "complete", "paid"
        session["payment_intent"] = {
            "id": f"pi_{session['id'][8:]}", "status": "succeeded",
            "latest_charge": {"id": f"ch_{session['id'][8:]}", "amount_refunded": 0,
                              "metadata": {"reference": reference}},
        }  # fmt: skip
        self._tell("checkout.session.completed", session | {"payment_intent": session["payment_intent"]["id"]})

    def refuse(self, reference: str) -> None:
        """The person goes back: the session stays open until its time is out."""

    def expire(self, reference: str) -> None:
        self._end(self.session_of(reference))

    def _end(self, session: dict[str, Any]) -> None:
        session["status"] = "expired"
        self._tell("checkout.session.expired", session)

    # --- the API ---

    def reply(self, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {CREDENTIALS['secret_key']}":
            return Reply(401, {"error": {"type": "invalid_request_error"}})
        want(call.headers.get("stripe-version"), "pin the version")
        path, _, query = call.path.partition("?")
        parts = path.strip("/").split("/")
        if call.method == "GET":
            session = self.sessions.get(parts[3])
            if session is None:
                return Reply(404, {"error": {"code": "resource_missing"}})
            return Reply(
                200, session if "payment_intent.latest_charge" in query else session | {"payment_intent": "pi"}
            )
        key = call.headers.get("idempotency-key", "")
        want(0 < len(key) <= 255, "Idempotency-Key")
        if key in self._answers:
            body, reply = self._answers[key]
            return reply if body == call.body else Reply(400, {"error": {"type": "idempotency_error"}})
        reply = self._do(parts, dict(parse_qsl(call.body.decode())))
        self._answers[key] = (call.body, reply)
        return reply

    def _do(self, parts: list[str], form: dict[str, str]) -> Reply:
        if parts == ["v1", "checkout", "sessions"]:
            return self._create(form)
        if parts[:3] == ["v1", "checkout", "sessions"] and parts[4:] == ["expire"]:
            session = self.sessions.get(parts[3])
            if session is None or session["status"] != "open":
                return Reply(400, {"error": {"type": "invalid_request_error"}})
            self._end(session)
            return Reply(200, session)
        if parts == ["v1", "refunds"]:
            return self._refund(form)
        return Reply(404, {"error": {"code": "resource_missing"}})

    def _create(self, form: dict[str, str]) -> Reply:
        want(set(form) == ALLOWED and form["mode"] == "payment", f"unknown parameters: {set(form) ^ ALLOWED}")
        want(form["locale"] in {"nb", "en"} and form["line_items[0][quantity]"] == "1", "line")
        want(form["line_items[0][price_data][currency]"] == "nok", "currency")
        want(1790 <= int(form["expires_at"]) - time.time() <= 86_400, "expires_at: 30 minutes to 24 hours ahead")
        want(form["success_url"].startswith("http") and form["cancel_url"].startswith("http"), "addresses")
        number = f"cs_test_{hashlib.sha256(form['client_reference_id'].encode()).hexdigest()[:24]}"
        self.sessions[number] = {
            "id": number, "object": "checkout.session", "client_reference_id": form["client_reference_id"],
            "metadata": {"reference": form["metadata[reference]"]}, "status": "open", "payment_status": "unpaid",
            "amount_total": int(form["line_items[0][price_data][unit_amount]"]), "currency": "nok",
            "payment_intent": None, "url": f"https://checkout.stripe.com/c/pay/{number}",
        }  # fmt: skip
        return Reply(200, self.sessions[number])

    def _refund(self, form: dict[str, str]) -> Reply:
        for session in self.sessions.values():
            intent = session["payment_intent"]
            if intent and intent["id"] == form["payment_intent"]:
                charge = intent["latest_charge"]
                if charge["amount_refunded"] + int(form["amount"]) > session["amount_total"]:
                    return Reply(400, {"error": {"code": "charge_already_refunded"}})
                charge["amount_refunded"] += int(form["amount"])
                self._tell("charge.refunded", charge)
                return Reply(200, {"id": "re_1", "status": "succeeded"})
        return Reply(404, {"error": {"code": "resource_missing"}})

    # --- webhooks ---

    def _tell(self, kind: str, thing: dict[str, Any]) -> None:
        self.told.append(
            {"id": f"evt_{len(self.told) + 1}", "object": "event", "type": kind, "data": {"object": thing}}
        )

    def webhook(self, told: dict[str, Any], *, host: str, path: str, at: datetime) -> Sent:
        """The request that tells it, signed at that moment, with the older scheme's signature beside it."""
        body = json.dumps(told).encode()
        timestamp = str(int(at.timestamp()))
        mac = hmac.new(CREDENTIALS["webhook_secret"].encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
        return Sent(headers={"Stripe-Signature": f"t={timestamp},v1={mac.hexdigest()},v0={'0' * 64}"}, body=body)
