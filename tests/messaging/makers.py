"""Messages in the outbox, for tests."""

from datetime import UTC, datetime
from typing import Any

from messaging.models import Message
from messaging.outbox import Draft, queue_words
from messaging.rendering import Words

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def draft(key: str = "a", **changes: Any) -> Draft:
    """A draft of a mail to Kari."""
    values: dict[str, Any] = {
        "kind": "invoice",
        "recipient_ref": "member:1",
        "address": "kari@example.org",
        "language": "nb",
        "unique_key": key,
        "words": Words(subject="Faktura", text="Hei, Kåre!\n", html="<p>Hei, Kåre!</p>"),
    }
    return Draft(**{**values, **changes})


def queued(key: str = "a", **changes: Any) -> Message:
    """A message in the outbox."""
    return queue_words(draft=draft(key, **changes), at=AT)
