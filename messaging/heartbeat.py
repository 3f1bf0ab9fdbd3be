"""Is the worker alive? The sweeper says so each minute; three silent minutes mean that somebody should look."""

from datetime import datetime, timedelta

from messaging.models import Heartbeat

NAME = "worker"
STALE_AFTER = timedelta(minutes=3)


def beat(*, at: datetime) -> None:
    """The worker is alive."""
    if not Heartbeat.objects.filter(name=NAME).update(beat_at=at):
        Heartbeat.objects.get_or_create(name=NAME, defaults={"beat_at": at})


def last() -> datetime | None:
    """When the worker was last alive, or None if it never was."""
    return Heartbeat.objects.filter(name=NAME).values_list("beat_at", flat=True).first()


def is_stale(*, at: datetime) -> bool:
    """True if the worker has been silent for too long, so that nothing is being sent."""
    beat_at = last()
    return beat_at is None or at - beat_at > STALE_AFTER
