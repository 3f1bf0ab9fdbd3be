"""What the office decides about messages: send them again, regard them as sent, or cancel them."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail.log_actions import log

from core.audit import log_many
from core.errors import Refused
from messaging import doorbell, policies
from messaging.models import Attempt, Message, State

if TYPE_CHECKING:
    from core.models import User

REGARDED_AS_SENT = gettext_noop("Somebody in the office regards it as sent.")
CANCELLED = gettext_noop("Somebody in the office cancelled it.")

MAY_SEND_AGAIN = (State.UNKNOWN, State.FAILED, State.BOUNCED, State.CANCELLED)
MAY_REGARD_AS_SENT = (State.UNKNOWN,)
MAY_CANCEL = (State.QUEUED, State.UNKNOWN)


def send_again(*, message: Message, by: "User", at: datetime) -> None:
    """Put the same words into the queue once more, to the same address and with the same Message-ID."""
    if policies.of(message.kind).secret:
        raise Refused(_("A code or log-in link is not sent twice. Ask for a new one instead."), code="secret")
    _decide(message, MAY_SEND_AGAIN, _queued_again(at), action="messaging.send_again", by=by, at=at)
    doorbell.ring(at=at)


def regard_as_sent(*, message: Message, by: "User", at: datetime) -> None:
    """Settle an unknown message as sent, because the recipient or the server's log says so."""
    _decide(message, MAY_REGARD_AS_SENT, _sent(at), action="messaging.regard_as_sent", by=by, at=at)


def decide_all(*, kind: str, again: bool, expected: int, by: "User", at: datetime) -> int:
    """Send every unknown message of a kind again, or regard all of them as sent. Returns how many.

    `expected` is the number the person typed: if there are more or fewer by now, nothing happens and it is refused.
    """
    _check_right(by)
    action, change = ("messaging.send_again", _queued_again(at)) if again else ("messaging.regard_as_sent", _sent(at))
    with transaction.atomic():
        undecided = list(Message.objects.undecided().filter(kind=kind).select_for_update())
        if len(undecided) != expected:
            raise Refused(
                _("There are %(count)d of these messages. Type that number to say that you mean all of them."),
                code="other_count",
                params={"count": len(undecided)},
            )
        Message.objects.filter(pk__in=[message.pk for message in undecided]).update(**change)
        detail = f"{action}: {by.get_full_name()}"
        Attempt.objects.bulk_create(
            Attempt(message=message, at=at, outcome=Attempt.Outcome.DECIDED, detail=detail) for message in undecided
        )
        log_many(instances=undecided, action=action)
    if again:
        doorbell.ring(at=at)
    return len(undecided)


def cancel(*, message: Message, by: "User", at: datetime) -> None:
    """Do not send it. Too late once a worker has taken it."""
    change = {"state": State.CANCELLED, "reason": CANCELLED, "detail": ""}
    _decide(message, MAY_CANCEL, change, action="messaging.cancel", by=by, at=at)


def cancel_waiting(*, recipient_ref: str, at: datetime, reason: str, kind: str = "") -> int:
    """Cancel what still waits for a recipient: unsubscribed, erased or deceased. Returns how many.

    `reason` is English and marked with `gettext_noop`. What a worker has taken already is not called back.
    """
    waiting = Message.objects.filter(recipient_ref=recipient_ref, state=State.QUEUED)
    if kind:
        waiting = waiting.filter(kind=kind)
    return waiting.update(state=State.SUPPRESSED, reason=reason, detail="")


def _decide(
    message: Message, allowed: tuple[State, ...], change: Mapping[str, object], *, action: str, by: "User", at: datetime
) -> None:
    """Make one decision if the message is still in a state that allows it, and log who made it."""
    _check_right(by)
    with transaction.atomic():
        decided = Message.objects.filter(pk=message.pk, state__in=allowed).update(**change)
        if not decided:
            raise Refused(
                _("The message is “%(state)s” by now, so this can no longer be done. Look at its attempts below."),
                code="wrong_state",
                params={"state": Message.objects.get(pk=message.pk).get_state_display()},
            )
        Attempt.objects.create(
            message=message, at=at, outcome=Attempt.Outcome.DECIDED, detail=f"{action}: {by.get_full_name()}"
        )
        log(instance=message, action=action, user=by)
    message.refresh_from_db()


def _check_right(by: "User") -> None:
    if not by.has_perm("messaging.change_message"):
        raise PermissionDenied


def _queued_again(at: datetime) -> dict[str, object]:
    """Back into the queue, with all the time and all the attempts of a new message."""
    return {"state": State.QUEUED, "reason": "", "detail": "", "queued_at": at, "due_at": None, "crashes": 0}


def _sent(at: datetime) -> dict[str, object]:
    return {"state": State.SENT, "reason": REGARDED_AS_SENT, "detail": "", "sent_at": at}
