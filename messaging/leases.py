"""Who holds which message, and what became of it. Every step is one conditional UPDATE, right on both databases.

A message is *leased* (state sending), then *handed over* (from here on the server may have it), then *recorded*. A
worker that dies before the hand-over has harmed nothing: the message is queued again. One that dies after it leaves a
message nobody can know about. Whoever has lost the lease can no longer write: the token no longer matches.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F

from messaging import policies
from messaging.models import Attempt, Message, MessageQuerySet, Pause, State

AT_ONCE = 400
_DEFAULT_SECONDS = 120  # longer than the worker lets a task live (config/queue.py)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one try: the message's next state, and the attempt to remember.

    `said` is kept with the attempt only: every mail server answers each mail with another number.
    """

    message: Message
    outcome: Attempt.Outcome
    state: State
    reason: str = ""
    detail: str = ""
    due_at: datetime | None = None
    said: str = ""
    provider_id: str = ""


def duration() -> timedelta:
    """How long a worker may hold a message: `MESSAGING["LEASE_SECONDS"]`, two minutes without it."""
    return timedelta(seconds=getattr(settings, "MESSAGING", {}).get("LEASE_SECONDS", _DEFAULT_SECONDS))


def paused_channels(*, at: datetime) -> list[str]:
    """The channels that must not send now."""
    return [pause.channel for pause in Pause.objects.all() if pause.until is None or pause.until > at]


def claim(*, channels: Sequence[str], at: datetime, limit: int = AT_ONCE) -> list[Message]:
    """Lease the most urgent due messages of these channels and return them, in the order to send them.

    Two workers never get the same message: on PostgreSQL the rows another one is taking are skipped, on SQLite one
    writes at a time, and on both the UPDATE takes only what is still queued.
    """
    token = uuid4().hex
    with transaction.atomic():
        candidates = (
            Message.objects.select_for_update(skip_locked=True)
            .due(at=at)
            .filter(channel__in=channels)
            .exclude(channel__in=paused_channels(at=at))
            .order_by("-priority", "id")
        )
        ids = _taken_together(list(candidates.values_list("id", "kind", "crashes")[:limit]))
        if not ids:
            return []
        Message.objects.filter(id__in=ids, state=State.QUEUED).update(
            state=State.SENDING,
            lease_token=token,
            leased_until=at + duration(),
            handed_over_at=None,
            reason="",
            detail="",
        )
    mine = Message.objects.filter(lease_token=token, state=State.SENDING)
    return list(mine.prefetch_related("wording").order_by("-priority", "id"))  # shared words: one copy for all


def _taken_together(candidates: Sequence[tuple[int, str, int]]) -> list[int]:
    """The first of (id, kind, crashes) that one worker takes at once.

    Of what goes one by one, no more than a quarter of a newsletter's: something more urgent may come. A message that a
    worker died with is taken alone: if it kills again, nobody else's message is counted as dangerous.
    """
    if candidates and candidates[0][2]:
        return [candidates[0][0]]
    harmless = list(takewhile(lambda candidate: not candidate[2], candidates))
    one_by_one = any(policies.of(kind).together == 1 for _pk, kind, _crashes in harmless)
    return [pk for pk, _kind, _crashes in harmless[: AT_ONCE // 4 if one_by_one else AT_ONCE]]


def hand_over(messages: Sequence[Message], *, at: datetime) -> list[Message]:
    """Mark that these are about to reach the server, and return those that are still ours to send."""
    with transaction.atomic():
        held = _still_held(messages)
        Message.objects.filter(pk__in=held).update(handed_over_at=at)
    return [message for message in messages if message.pk in held]


def record(verdicts: Sequence[Verdict], *, at: datetime) -> list[Verdict]:
    """Write what became of the messages, with an attempt each; return the verdicts that counted.

    A verdict on a message that is no longer leased to us changes nothing. It is kept as an attempt, so that the person
    who must decide about the message sees it.
    """
    if not verdicts:
        return []
    with transaction.atomic():
        held = _still_held([verdict.message for verdict in verdicts])
        counted = [verdict for verdict in verdicts if verdict.message.pk in held]
        for (state, reason, detail, due_at, provider_id), group in _alike(counted).items():
            Message.objects.filter(pk__in=group).update(
                state=state,
                reason=reason,
                detail=detail,
                due_at=due_at,
                provider_id=provider_id,
                tries=F("tries") + 1,
                sent_at=at if state == State.SENT else None,
                lease_token="",
                leased_until=None,
            )
        attempts = [Attempt(message=v.message, at=at, outcome=v.outcome, detail=v.detail or v.said) for v in counted]
        Attempt.objects.bulk_create(attempts + _too_late(verdicts, held, at=at))
    return counted


def take_over(verdict: Verdict, *, at: datetime) -> bool:
    """Settle one abandoned message; False if its lease was renewed or recorded meanwhile. From now on its old worker
    can no longer write."""
    message = verdict.message
    with transaction.atomic():
        taken = Message.objects.filter(
            pk=message.pk, state=State.SENDING, lease_token=message.lease_token, leased_until__lt=at
        ).update(
            state=verdict.state,
            reason=verdict.reason,
            detail=verdict.detail,
            due_at=verdict.due_at,
            crashes=F("crashes") + 1,
            tries=F("tries") + 1,
            lease_token="",
            leased_until=None,
        )
        if taken:
            Attempt.objects.create(message=message, at=at, outcome=verdict.outcome, detail=verdict.detail)
    return bool(taken)


def release(messages: Sequence[Message]) -> None:
    """Put leased messages back into the queue. The caller knows that not a word of them has reached a server."""
    if messages:
        _ours(messages).update(state=State.QUEUED, lease_token="", leased_until=None, handed_over_at=None)


def _too_late(verdicts: Sequence[Verdict], held: set[int], *, at: datetime) -> list[Attempt]:
    """What came after the lease had ended, for messages that still exist."""
    late = [verdict for verdict in verdicts if verdict.message.pk not in held]
    existing = (
        set(Message.objects.filter(pk__in=[v.message.pk for v in late]).values_list("pk", flat=True)) if late else ()
    )
    return [
        Attempt(message=v.message, at=at, outcome=Attempt.Outcome.TOO_LATE, detail=f"{v.outcome}: {v.detail or v.said}")
        for v in late
        if v.message.pk in existing
    ]


def _ours(messages: Sequence[Message]) -> MessageQuerySet:
    """Those of the messages whose lease is still the one they were claimed with. All come from one claim."""
    ids, token = [message.pk for message in messages], messages[0].lease_token
    return Message.objects.filter(pk__in=ids, lease_token=token, state=State.SENDING)


def _still_held(messages: Sequence[Message]) -> set[int]:
    """The ids of those still ours, locked until the transaction ends."""
    return set(_ours(messages).select_for_update().values_list("pk", flat=True)) if messages else set()


def _alike(verdicts: Sequence[Verdict]) -> dict[tuple[str, str, str, datetime | None, str], list[int]]:
    """Ids by what is to be written, so that a hundred messages that went well take one UPDATE."""
    groups: dict[tuple[str, str, str, datetime | None, str], list[int]] = {}
    for verdict in verdicts:
        key = (verdict.state, verdict.reason, verdict.detail, verdict.due_at, verdict.provider_id)
        groups.setdefault(key, []).append(verdict.message.pk)
    return groups
