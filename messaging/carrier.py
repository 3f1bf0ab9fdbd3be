"""What the sending asks of a channel. One implementation a channel: email/carrier.py and sms/carrier.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from messaging.errors import GatewayError
from messaging.models import Message


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The server took it. `provider_id` is what later reports name it by, `said` what it answered, for people."""

    provider_id: str = ""
    said: str = ""


Answer = Taken | GatewayError | None
"""Taken, or why not, or None for a message that was not tried."""


class Carrier(Protocol):
    """Carries messages of one channel to the outside. Holds connections; use it in one thread and close it."""

    def prepare(self, message: Message, *, at: datetime) -> Any:
        """Make what will be sent. No network. Raises attachments.NotReady, or whatever is wrong with the message."""

    def send(self, prepared: Sequence[tuple[Message, Any]]) -> list[Answer]:
        """Send these and return an answer for each, in order. After an error that stops, the rest are not tried."""

    def close(self) -> None:
        """End the connections. Never raises."""
