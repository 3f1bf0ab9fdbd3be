"""Is sending going well? One answer for the office's list of messages, its first page and `doctor`."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from messaging import heartbeat, policies
from messaging.models import Message, Pause


@dataclass(frozen=True, kw_only=True)
class Health:
    """What the office should know: channels that are paused, a silent worker, and what waits for a decision.

    `undecided` counts by kind the messages that may or may not have arrived.
    """

    pauses: list[Pause]
    worker_is_silent: bool
    worker_last_seen_at: datetime | None
    undecided: dict[str, int]

    @property
    def to_decide(self) -> list[tuple[str, str, int]]:
        """(kind, its name for people, how many) of what waits for a decision."""
        return [(kind, policies.name(kind), number) for kind, number in self.undecided.items()]

    @property
    def is_good(self) -> bool:
        return not (self.pauses or self.worker_is_silent or self.undecided)


def health(*, at: datetime) -> Health:
    """Look at the outbox. Four queries, however many messages there are."""
    by_kind = Message.objects.undecided().order_by("kind").values_list("kind")
    return Health(
        pauses=list(Pause.objects.order_by("channel")),
        worker_is_silent=heartbeat.is_stale(at=at),
        worker_last_seen_at=heartbeat.last(),
        undecided=dict(by_kind.annotate(number=Count("id"))),
    )
