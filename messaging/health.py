"""Is sending going well? One answer for the office's list of messages, its first page and `doctor`."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from messaging import heartbeat
from messaging.models import Message, Pause, State


@dataclass(frozen=True, kw_only=True)
class Health:
    """What the office should know: channels that are paused, a silent worker, and what waits for a decision."""

    pauses: list[Pause]
    worker_is_silent: bool
    worker_last_seen_at: datetime | None
    undecided: int
    failed: int

    @property
    def is_good(self) -> bool:
        return not (self.pauses or self.worker_is_silent or self.undecided)


def health(*, at: datetime) -> Health:
    """Look at the outbox. Four queries, however many messages there are."""
    counts = Message.objects.filter(state__in=[State.UNKNOWN, State.FAILED]).values_list("state")
    by_state = dict(counts.annotate(number=Count("id")).order_by())
    return Health(
        pauses=list(Pause.objects.order_by("channel")),
        worker_is_silent=heartbeat.is_stale(at=at),
        worker_last_seen_at=heartbeat.last(),
        undecided=by_state.get(State.UNKNOWN, 0),
        failed=by_state.get(State.FAILED, 0),
    )
