"""Whether a reminder has reached its payer: only then does it count before a membership is ended for it.

A reminder given by hand has; one that was sent has when its message did, on the day it left us. What waits in a queue,
bounced, failed, or may or may not have arrived has not.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from django.conf import settings
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat

from core import dates
from messaging.models import Channel, Message, State
from payments.models import Reminder
from payments.models.reminders import MESSAGE_KEYS

# Who marks a message as spam has got it.
ARRIVED = (State.SENT, State.DELIVERED, State.COMPLAINED)
LOST = (State.BOUNCED, State.FAILED, State.SUPPRESSED, State.CANCELLED)
_WAITING = (State.QUEUED, State.SENDING)
_WORTH_A_LOOK = 2  # days in the queue


def over(reminders: QuerySet[Reminder], *, until: date) -> QuerySet[Reminder]:
    """Those that reached their payer, and whose time was over at the end of a day.

    What left us late gives the client's days from then on, whatever day is printed in it.
    """
    days = settings.CLIENT.reminders.lapse_after_days
    left_us = Coalesce("sent_at", "handed_over_at", "queued_at")
    sent = _messages().filter(state__in=ARRIVED).annotate(left_us=left_us)
    in_time = sent.filter(left_us__date__lte=dates.days_after(until, -days))
    return reminders.filter(Q(is_by_hand=True) | Exists(in_time), pay_by__lte=until)


def unreached() -> QuerySet[Reminder]:
    """The latest reminder of each open invoice, where we do not know that it reached its payer.

    Not of the dead and the erased: nothing is sent to them on purpose.
    """
    of_same = Reminder.objects.filter(invoice=OuterRef("invoice"))
    later = of_same.filter(Q(step__gt=OuterRef("step")) | Q(step=OuterRef("step"), is_by_hand=True))
    found = Reminder.objects.filter(
        is_by_hand=False,
        invoice__open_amount__gt=0,
        invoice__member__isnull=False,
        invoice__member__died_on__isnull=True,
    )
    return found.filter(~Exists(later), ~Exists(_messages().filter(state__in=ARRIVED)))


def to_look_at(*, on: date) -> QuerySet[Reminder]:
    """Those of the unreached that somebody must see to: lost, or for days in the queue of a channel that stands still.

    What nobody knows about waits among the messages, and a letter among those to print.
    """
    lost = _messages().filter(state__in=LOST)
    stuck = _messages().filter(state__in=_WAITING).exclude(channel=Channel.LETTER)
    is_stuck = Q(Exists(stuck), sent_on__lte=dates.days_after(on, -_WORTH_A_LOOK))
    return unreached().filter(Q(Exists(lost)) | is_stuck).select_related("invoice").order_by("pay_by", "pk")


def messages_of(reminders: Sequence[Reminder]) -> Mapping[int, Message]:
    """What was sent for each of these, by the reminder's key; not those given by hand. One query."""
    keys = {row.message_key: row.pk for row in reminders if not row.is_by_hand}
    return {keys[row.unique_key]: row for row in Message.objects.filter(unique_key__in=keys)}


def state_of(message: Message) -> str:
    """What became of it, in the reader's language, with the reason where there is one."""
    return " ".join(filter(None, (f"{message.get_state_display()}.".capitalize(), message.why)))


def _messages() -> QuerySet[Message]:
    """The message of the reminder in the query around it."""
    number = Cast(OuterRef("invoice__number"), CharField())
    step = Cast(OuterRef("step"), CharField())
    key = Concat(Value(MESSAGE_KEYS), number, Value(":"), step)
    return Message.objects.filter(unique_key=key)
