"""Sending what is due: lease, hand over, record. Called by the worker, and by nothing a visitor waits for.

No transaction is open while a server is spoken to. The order of the three steps is what makes a crash harmless or
visible; see leases.py for what each one promises.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from itertools import batched, groupby
from typing import Any

from django.db import transaction

from core.results import Result
from messaging import leases, pauses, policies, signals, suppression, verdicts
from messaging.carrier import Answer, Carrier
from messaging.email import carrier as email
from messaging.errors import GatewayError
from messaging.leases import Verdict
from messaging.models import Attempt, Channel, Message, State
from messaging.sms.carrier import SmsCarrier

logger = logging.getLogger(__name__)

CARRIERS: dict[str, Callable[[], Carrier]] = {Channel.EMAIL: email.carrier, Channel.SMS: SmsCarrier}
SECONDS = 15.0  # a task stays short, so that stopping the worker never means interrupting it


def send_due(
    *, at: datetime, seconds: float = SECONDS, stopping: Callable[[], bool] = lambda: False,
    carriers: Mapping[str, Callable[[], Carrier]] = CARRIERS,
) -> Result:  # fmt: skip
    """Send what is due, the most urgent first, for at most so many seconds. Returns counts by what became of them.

    Several may run at once: no message goes to two of them. `stopping` is asked between messages; when it says yes,
    what has not been sent goes back into the queue. `carriers` carry it, a channel each; the demo has its own.
    """
    result = Result()
    ends = time.monotonic() + seconds

    def enough() -> bool:
        return stopping() or time.monotonic() >= ends

    with ExitStack() as stack:
        at_work: dict[str, Carrier] = {}
        while not enough():
            messages = leases.claim(channels=list(carriers), at=at)
            if not messages:
                break
            for channel in {message.channel for message in messages}:
                if channel not in at_work:
                    at_work[channel] = stack.enter_context(closing(carriers[channel]()))
                mine = [message for message in messages if message.channel == channel]
                _send_claimed(mine, at_work[channel], at=at, enough=enough, is_half_over=_half(ends), result=result)
    return result


def _half(ends: float) -> Callable[[], bool]:
    """Says when half of the time that is left now has passed."""
    now = time.monotonic()
    half = now + (ends - now) / 2
    return lambda: time.monotonic() >= half


def _send_claimed(
    messages: list[Message], carrier: Carrier, *, at: datetime, enough: Callable[[], bool],
    is_half_over: Callable[[], bool], result: Result,
) -> None:  # fmt: skip
    """Send the claimed messages of one channel; whatever cannot be tried any more is released.

    Nothing is on its way while messages are made: one that kills its worker then takes no other with it. They are made
    until half of the time is over, so that there is time left to send them.

    What became of one group is written in the transaction that marks the next one: a transaction costs as much as
    several mails.
    """
    waiting = {message.pk: message for message in messages}
    error: GatewayError | None = None
    try:
        ready, known = _prepare(messages, carrier, at=at, is_over=is_half_over)
        for group in _groups(ready):
            if enough():
                break
            with transaction.atomic():
                counted = leases.record(known, at=at)
                held = {message.pk for message in leases.hand_over([message for message, _made in group], at=at)}
            _tell(counted, at=at, result=result)
            ours = [(message, made) for message, made in group if message.pk in held]
            for pk in held:
                del waiting[pk]  # from here on, only an answer can tell that it was not sent
            known, untried, error = _judge(ours, carrier.send(ours), at=at)
            waiting |= {message.pk: message for message in untried}
            if error is not None:
                break
        _tell(leases.record(known, at=at), at=at, result=result)
        if error is not None:
            _stop(messages[0].channel, error, at=at)
    finally:
        leases.release(list(waiting.values()))


def _judge(
    sent: Sequence[tuple[Message, Any]], answers: Sequence[Answer], *, at: datetime
) -> tuple[list[Verdict], list[Message], GatewayError | None]:
    """The verdicts on a group, the messages that were not tried, and the error that keeps everything else back."""
    known: list[Verdict] = []
    untried: list[Message] = []
    for (message, _made), answer in zip(sent, answers, strict=True):
        verdict = verdicts.after(message, answer, at=at)
        if verdict is None:
            untried.append(message)
        else:
            known.append(verdict)
    stops = (answer for answer in answers if isinstance(answer, GatewayError) and answer.stops)
    return known, untried, next(stops, None)


def _prepare(
    group: Sequence[Message], carrier: Carrier, *, at: datetime, is_over: Callable[[], bool]
) -> tuple[list[tuple[Message, Any]], list[Verdict]]:
    """What can be sent, and the verdicts on what cannot be made. Nothing has left us so far.

    The first is always made; those whose turn has not come when the time is over are left out.
    """
    ready: list[tuple[Message, Any]] = []
    unmade: list[Verdict] = []
    for message in group:
        if (ready or unmade) and is_over():
            break
        try:
            ready.append((message, carrier.prepare(message, at=at)))
        except Exception as error:  # whatever is wrong with one message must not keep the others from going
            unmade.append(verdicts.unmade(message, error, at=at))
    return ready, unmade


def _groups(ready: Sequence[tuple[Message, Any]]) -> Iterator[Sequence[tuple[Message, Any]]]:
    """Neighbours that may be handed over together, as the policies of their kinds say."""
    for together, same in groupby(ready, key=lambda pair: policies.of(pair[0].kind).together):
        yield from batched(same, together)


def _stop(channel: str, error: GatewayError, *, at: datetime) -> None:
    """Nothing more gets through: wait a little, or until a person has seen to it."""
    if error.permanent:
        logger.error("%s is paused until a person resumes it: %s", channel, error)
        pauses.stop(channel, detail=str(error), at=at)
    else:
        logger.warning("%s waits, its server cannot be reached: %s", channel, error)
        pauses.wait_a_little(channel, detail=str(error), at=at)


def _tell(counted: Sequence[Verdict], *, at: datetime, result: Result) -> None:
    """Count, and let others hear what happened; after the commit, because nothing here can undo it."""
    if sent := next((verdict for verdict in counted if verdict.state == State.SENT), None):
        pauses.over(sent.message.channel)
    for verdict in counted:
        message = verdict.message
        message.state, message.reason, message.detail = verdict.state, verdict.reason, verdict.detail
        result.add(verdict.state)
        if verdict.state == State.SENT:
            message.sent_at = at
            signals.message_sent.send(Message, message=message, at=at)
        elif verdict.outcome == Attempt.Outcome.BOUNCED:
            suppression.record_bounce(message=message, detail=verdict.detail, at=at)
        if verdict.state == State.UNKNOWN:
            signals.message_unknown.send(Message, message=message, at=at)
        elif verdict.state == State.FAILED:
            signals.message_failed.send(Message, message=message, at=at)
