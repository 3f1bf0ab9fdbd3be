"""Stopping and resuming a channel. While it is paused its messages wait in the queue, and the office sees why."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_noop
from wagtail.log_actions import log

from messaging import doorbell, signals
from messaging.models import Pause

if TYPE_CHECKING:
    from core.models import User

_FIRST_WAIT = timedelta(seconds=20)
_LONGEST_WAIT = timedelta(minutes=10)
UNREACHABLE = gettext_noop("The server cannot be reached just now; we try again by ourselves. It said: %(detail)s")
NEEDS_A_PERSON = gettext_noop(
    "The server refuses us. Correct the log-in or sender in the settings, then resume. It said: %(detail)s"
)


def wait_a_little(channel: str, *, detail: str, at: datetime) -> Pause:
    """The server is down: wait 20 seconds, and twice as long each time, up to ten minutes."""
    with transaction.atomic():
        pause, is_new = Pause.objects.select_for_update().get_or_create(
            channel=channel, defaults={"reason": UNREACHABLE, "detail": detail, "since": at, "until": at + _FIRST_WAIT}
        )
        if not is_new and pause.until is not None and pause.until <= at:  # two workers notice one outage: count it once
            pause.failures += 1
            pause.until = at + min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(pause.failures - 1, 10))
            pause.detail = detail
            pause.save(update_fields=["failures", "until", "detail"])
    return pause


def stop(channel: str, *, detail: str, at: datetime) -> Pause:
    """The server refuses us for good: send nothing more on this channel until a person resumes it."""
    pause, _ = Pause.objects.update_or_create(
        channel=channel,
        defaults={"reason": NEEDS_A_PERSON, "detail": detail, "until": None},
        create_defaults={"reason": NEEDS_A_PERSON, "detail": detail, "until": None, "since": at},
    )
    signals.channel_paused.send(Pause, pause=pause, at=at)
    return pause


def over(channel: str) -> None:
    """Something was sent, so whatever was wrong is over."""
    if Pause.objects.filter(channel=channel).exclude(until=None).exists():
        Pause.objects.filter(channel=channel).exclude(until=None).delete()


def resume(*, pause: Pause, by: "User", at: datetime) -> None:
    """A person says that sending may go on. Raises PermissionDenied without the right to decide about messages."""
    if not by.has_perm("messaging.change_message"):
        raise PermissionDenied
    with transaction.atomic():
        log(instance=pause, action="messaging.resume", user=by)
        pause.delete()
    doorbell.ring(at=at)
