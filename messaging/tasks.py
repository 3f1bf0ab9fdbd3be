"""What the worker does for messages. Short, and right when it runs twice or not at all: the truth is in the rows."""

import time

from django.tasks import task
from django.utils import timezone

from messaging import doorbell, sending, sweeping
from messaging.leases import paused_channels
from messaging.models import Message


@task()
def send_messages() -> None:
    """Send what is due for a quarter of a minute; if there is more, ring again, so that a task never lasts long."""
    doorbell.answer()
    ends = time.monotonic() + sending.SECONDS
    while (left := ends - time.monotonic()) > 0:
        if not sending.send_due(at=timezone.now(), seconds=left).changed:
            return
    at = timezone.now()
    if Message.objects.due(at=at).exclude(channel__in=paused_channels(at=at)).exists():
        doorbell.ring(at=at)


@task()
def sweep_outbox(after_start: bool = False) -> None:
    """Settle what dead workers left behind, and ring for whatever is due. Scheduled for each minute, and asked for when
    the worker starts."""
    sweeping.sweep(at=timezone.now(), after_start=after_start)
