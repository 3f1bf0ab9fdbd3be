"""Ringing for the worker. The bell only hurries: what is due stands in the outbox, and the sweeper finds it anyway."""

from datetime import datetime, timedelta

from django.db import models, transaction

from messaging.models import Heartbeat

_NAME = "outbox"
_DEAF_AFTER = timedelta(seconds=30)


def ring(*, at: datetime) -> None:
    """Once this transaction is committed, let the worker look into the outbox.

    One unanswered ring is enough however many messages are queued, because whoever answers sends all that is due.
    A ring that nobody answered for half a minute is taken for lost.
    """
    transaction.on_commit(lambda: _ring(at), robust=True)


def answer() -> None:
    """The worker has heard the bell and is about to look: whatever comes from now on must ring again."""
    Heartbeat.objects.filter(name=_NAME).update(rung_at=None)


def _ring(at: datetime) -> None:
    from messaging.tasks import send_messages  # the task answers the bell, so it imports this module

    silent = models.Q(rung_at=None) | models.Q(rung_at__lt=at - _DEAF_AFTER)
    if not Heartbeat.objects.filter(silent, name=_NAME).update(rung_at=at):
        _bell, is_new = Heartbeat.objects.get_or_create(name=_NAME, defaults={"rung_at": at})
        if not is_new:
            return
    send_messages.enqueue()
