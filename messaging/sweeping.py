"""Once a minute: who has died, what has been forgotten, and what is due. The bell may be lost; this is not."""

from datetime import datetime, timedelta

from core.results import Result
from messaging import doorbell, heartbeat, leases, policies, signals, verdicts
from messaging.leases import Verdict
from messaging.models import Attempt, Channel, Message, State

_SECRETS_KEPT = timedelta(hours=1)


def sweep(*, at: datetime, after_start: bool = False) -> Result:
    """Settle what dead workers left behind, wipe words that can log somebody in, and ring if anything is due.

    `after_start`: the worker has just started, and what it had in hand before is asked for at once.

    Running it twice at the same moment changes nothing the second time.
    """
    result = Result()
    heartbeat.beat(at=at)
    if after_start:
        doorbell.answer()  # whoever was rung for is gone
    _settle_abandoned(at=at, result=result)
    wiped = _wipe_secrets(at=at)
    if wiped:
        result.add("wiped", times=wiped)
    waiting = Message.objects.due(at=at).exclude(channel=Channel.LETTER)  # those wait for the printer
    if waiting.exclude(channel__in=leases.paused_channels(at=at)).exists():
        doorbell.ring(at=at)
    signals.swept.send(Message, at=at, after_start=after_start)
    return result


def _settle_abandoned(*, at: datetime, result: Result) -> None:
    """Messages whose lease has run out: back into the queue, unknown, or parked after the third dead worker."""
    for message in Message.objects.abandoned(at=at).order_by("pk"):
        verdict = _after_a_crash(message, at=at)
        if not leases.take_over(verdict, at=at):
            continue  # its worker, or another sweeper, was quicker
        message.state, message.reason = verdict.state, verdict.reason
        result.add(verdict.state)
        if verdict.state == State.UNKNOWN:
            signals.message_unknown.send(Message, message=message, at=at)
        elif verdict.state == State.FAILED:
            signals.message_failed.send(Message, message=message, at=at)


def _after_a_crash(message: Message, *, at: datetime) -> Verdict:
    crashed = Attempt.Outcome.CRASHED
    if message.crashes + 1 >= verdicts.CRASHES_TO_PARK:
        return Verdict(message=message, outcome=crashed, state=State.FAILED, reason=verdicts.PARKED)
    if message.handed_over_at is None:
        return Verdict(message=message, outcome=crashed, state=State.QUEUED)
    return verdicts.uncertain(message, outcome=crashed, reason=verdicts.WORKER_DIED, detail="", at=at)


def _wipe_secrets(*, at: datetime) -> int:
    """Codes and log-in links have been used, or are too old to be: nobody shall find them here later."""
    old = Message.objects.filter(kind__in=policies.secret_kinds(), queued_at__lt=at - _SECRETS_KEPT)
    done = old.exclude(state__in=[State.QUEUED, State.SENDING]).exclude(subject="", body_text="", body_html="")
    return done.update(subject="", body_text="", body_html="")
