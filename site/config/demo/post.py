"""The post in the demo: it takes every message along on its day, and brings back those to addresses that are wrong.

So a newcomer finds two years of messages that were sent, and the worker has none of them left to send.
"""

from collections.abc import Sequence
from datetime import date, datetime

from config.demo.moments import noon
from core.results import Result
from messaging import sending
from messaging.carrier import Answer, Taken
from messaging.errors import GatewayError
from messaging.models import Channel, Message

WRONG = "finnes-ikke.example"  # the domain of addresses that come back


def reaches(email: str) -> bool:
    """Whether what is sent to an address arrives."""
    return bool(email) and not email.endswith(f"@{WRONG}")


def deliver(*, on: date) -> Result:
    """Send what is due on this day."""
    return sending.send_due(at=noon(on), carriers={Channel.EMAIL: Postman, Channel.SMS: Postman})


class Postman:
    """Carries messages nowhere, and says what a mail server would."""

    def prepare(self, message: Message, *, at: datetime) -> None:
        """Nothing is made: the words are in the database for whoever wants to read them."""

    def send(self, prepared: Sequence[tuple[Message, None]]) -> list[Answer]:
        return [_answer(message) for message, _nothing in prepared]

    def close(self) -> None:
        """There is nothing to close."""


def _answer(message: Message) -> Answer:
    if reaches(message.address):
        return Taken(said="250 2.0.0 Ok")
    return GatewayError("550 5.1.1 Unknown recipient", permanent=True, bounced=True)
