"""What children of the nursery do beside commands: each is called in a process of its own."""

from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone

from config import queue
from messaging import heartbeat
from messaging.outbox import Draft, queue_words
from messaging.rendering import Words
from messaging.tasks import send_messages, sweep_outbox


def ring() -> None:
    """Put the task that sends into the worker's queue."""
    send_messages.enqueue()


def sweep() -> None:
    """Put the task that sweeps, and beats, into the worker's queue."""
    sweep_outbox.enqueue()


def keep_the_worker(silence: str) -> None:
    """`manage.py worker` that takes so many seconds of silence for too long."""
    heartbeat.STALE_AFTER = timedelta(seconds=float(silence))
    keep()


def keep_a_worker_that_cannot_start() -> None:
    queue.WORKER_COMMAND = "no_such_command"
    keep()


def keep() -> None:
    """`manage.py worker` that looks after the cluster more often."""
    from config.management.commands import worker

    worker.LOOK_EVERY, worker.TOO_SOON = 0.5, 2.0
    call_command("worker", patience=3)


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
