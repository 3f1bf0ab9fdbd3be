"""The memory twin needs no server; this gives it the same hands as the others."""

import json
from datetime import datetime
from typing import Any, Self

from payments.providers import memory
from payments.providers.memory.webhook import signature
from tests.payments.providers.standins.base import Sent

CREDENTIALS = {"webhook_secret": "a secret"}


class MemoryStandin:
    """What the person does, and what the twin tells."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.complaints: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        """There is nothing to stop."""

    def approve(self, reference: str) -> None:
        memory.say_yes(reference)
        self._tell(reference, "yes")

    def refuse(self, reference: str) -> None:
        memory.say_no(reference)
        self._tell(reference, "no")

    def expire(self, reference: str) -> None:
        memory.expire(reference)
        self._tell(reference, "expired")

    def _tell(self, reference: str, kind: str) -> None:
        self.told.append({"id": f"event-{reference}-{len(self.told)}", "kind": kind, "reference": reference})

    def webhook(self, told: dict[str, Any], *, host: str, path: str, at: datetime) -> Sent:
        body = json.dumps(told).encode()
        sent_at = at.isoformat()
        mac = signature(body, sent_at=sent_at, secret=CREDENTIALS["webhook_secret"])
        return Sent(headers={"X-Sent-At": sent_at, "X-Signature": mac}, body=body)
