"""What follows from an answer of the server. Pure: rows in, decisions out."""

import logging
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from messaging import policies
from messaging.attachments import NotReady
from messaging.carrier import Answer, Taken
from messaging.leases import Verdict
from messaging.models import Attempt, Message, State
from messaging.outbox import WAITING_FOR_ATTACHMENT

logger = logging.getLogger(__name__)
Outcome = Attempt.Outcome

_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=4)
_FOR_AN_ATTACHMENT = timedelta(seconds=10)
CRASHES_TO_PARK = 3

TRY_LATER = gettext_noop("The server asked us to wait; we try again by ourselves. It said: %(detail)s")
GIVEN_UP = gettext_noop("We tried for as long as it made sense. The last answer was: %(detail)s")
REFUSED = gettext_noop("The server refused the message for good: %(detail)s")
BOUNCED = gettext_noop("The server refused the address: %(detail)s")
MAY_HAVE_ARRIVED = gettext_noop(
    "The connection broke after the message had been handed over, so it may or may not have arrived. "
    "Send it again, or regard it as sent. What happened: %(detail)s"
)
CANNOT_BE_MADE = gettext_noop("The message cannot be made; we try again by ourselves. What is wrong: %(detail)s")
WORKER_DIED = gettext_noop(
    "The worker died after the message had been handed over, so it may or may not have arrived. "
    "Send it again, or regard it as sent."
)
PARKED = gettext_noop("The worker has died three times with this message, so it is not tried again by itself.")


def after(message: Message, answer: Answer, *, at: datetime) -> Verdict | None:
    """What becomes of a message after the server's answer; None if it was not tried, or is not to blame."""
    if answer is None:
        return None
    if isinstance(answer, Taken):
        provider_id = answer.provider_id[:200]
        return Verdict(
            message=message, outcome=Outcome.SENT, state=State.SENT, said=answer.said, provider_id=provider_id
        )
    said = str(answer)
    if answer.uncertain:
        return uncertain(message, outcome=Outcome.UNCERTAIN, reason=MAY_HAVE_ARRIVED, detail=said, at=at)
    if answer.stops:
        return None
    if answer.bounced:
        return Verdict(message=message, outcome=Outcome.BOUNCED, state=State.FAILED, reason=BOUNCED, detail=said)
    if answer.permanent:
        return Verdict(message=message, outcome=Outcome.REFUSED, state=State.FAILED, reason=REFUSED, detail=said)
    wait = _wait(message, _FIRST_WAIT)
    return _again(message, outcome=Outcome.LATER, reason=TRY_LATER, detail=said, at=at, wait=wait)


def unmade(message: Message, error: Exception, *, at: datetime) -> Verdict:
    """What becomes of a message that could not be made: it waits, whether for its attachment or for a correction."""
    if isinstance(error, NotReady):
        return Verdict(
            message=message,
            outcome=Outcome.NOT_READY,
            state=State.QUEUED,
            reason=WAITING_FOR_ATTACHMENT,
            detail=str(error),
            due_at=at + min(_wait(message, _FOR_AN_ATTACHMENT), timedelta(minutes=10)),
        )
    logger.error("Message %s cannot be made.", message.pk, exc_info=error)
    detail = f"{type(error).__name__}: {error}"
    wait = _wait(message, _FIRST_WAIT)
    return _again(message, outcome=Outcome.FAULTY, reason=CANNOT_BE_MADE, detail=detail, at=at, wait=wait)


def uncertain(message: Message, *, outcome: Attempt.Outcome, reason: str, detail: str, at: datetime) -> Verdict:
    """Nobody can know whether it arrived: some kinds are simply sent again, the others wait for a person."""
    if policies.of(message.kind).again:
        return _again(message, outcome=outcome, reason=reason, detail=detail, at=at, wait=timedelta())
    return Verdict(message=message, outcome=outcome, state=State.UNKNOWN, reason=reason, detail=detail)


def _again(
    message: Message, *, outcome: Attempt.Outcome, reason: str, detail: str, at: datetime, wait: timedelta
) -> Verdict:
    """Back into the queue, unless it has been tried for as long as it makes sense for its kind."""
    if at - message.queued_at > policies.of(message.kind).worth_for:
        return Verdict(message=message, outcome=outcome, state=State.FAILED, reason=GIVEN_UP, detail=detail)
    due_at = at + wait
    return Verdict(message=message, outcome=outcome, state=State.QUEUED, reason=reason, detail=detail, due_at=due_at)


def _wait(message: Message, first: timedelta) -> timedelta:
    """Twice as long each time."""
    return min(_LONGEST_WAIT, first * 2 ** min(message.tries, 12))
