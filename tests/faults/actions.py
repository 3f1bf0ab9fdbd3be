"""What children of the nursery do beside commands: each is called in a process of its own."""

from django.utils import timezone

from messaging.outbox import Draft, queue_words
from messaging.rendering import Words
from messaging.tasks import send_messages


def ring() -> None:
    """Put the task that sends into the worker's queue."""
    send_messages.enqueue()


def queue_one(key: str) -> None:
    """Queue a message with this key, as several processes do at once."""
    draft = Draft(
        kind="invoice",
        recipient_ref="member:1",
        address="kari@example.org",
        language="nb",
        unique_key=key,
        words=Words(subject="Faktura", text="Hei\n"),
    )
    queue_words(draft=draft, at=timezone.now())
