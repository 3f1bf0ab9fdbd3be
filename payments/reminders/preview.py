"""What a sending would cost, before anybody says yes: letters by their number, SMS by the parts of a few of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import Prefetch

from core import money
from invoicing.models import InvoiceLine
from messaging.models import Channel
from messaging.sms import allowance, segments
from payments.models import Reminder
from payments.reminders import due, fees, mails, schedule

_LOOKED_AT = 20  # SMS, of which the longest speaks for all


@dataclass(frozen=True, kw_only=True)
class Way:
    """One channel of a sending: how many go by it, and what they cost us; 0 where the client's prices are not known.

    `parts` is how many parts one SMS has at most; `left` how many the month still allows, None without a limit.
    """

    channel: str
    count: int
    cost: Decimal
    parts: int = 0
    left: int | None = None

    @property
    def label(self) -> str:
        return str(Reminder.Channel(self.channel).label)

    @property
    def all_parts(self) -> int:
        return self.count * self.parts

    @property
    def over(self) -> int:
        """How many parts more than the month allows."""
        return max(0, self.all_parts - self.left) if self.left is not None else 0


def ways(counts: Sequence[due.Count], *, on: date, at: datetime) -> list[Way]:
    """What goes by each channel. No query without SMS, and a few with them, however many there are."""
    by_channel: dict[str, int] = {}
    for row in counts:
        by_channel[row.channel] = by_channel.get(row.channel, 0) + row.count
    return [_way(channel, by_channel[channel], on, at) for channel in Channel.values if channel in by_channel]


def _way(channel: str, count: int, on: date, at: datetime) -> Way:
    if channel == Channel.SMS:
        parts = _parts(on)
        cost = settings.CLIENT.messaging.sms_price * count * parts
        return Way(channel=channel, count=count, cost=cost, parts=parts, left=allowance.parts_left(at=at))
    price = settings.CLIENT.invoicing.letter_price if channel == Channel.LETTER else money.ZERO
    return Way(channel=channel, count=count, cost=price * count)


def _parts(on: date) -> int:
    """The parts of the longest of some SMS: they differ in names of steps, numbers and amounts only."""
    lines = InvoiceLine.objects.order_by("invoice_id", "position")
    rows = due.with_fees_charged(due.due(on=on)).filter(why_not="", goes_by=Channel.SMS).select_related("member")
    found = 1
    for invoice in rows.order_by("-open_amount", "pk").prefetch_related(Prefetch("lines", queryset=lines))[:_LOOKED_AT]:
        number = invoice.next_step
        fee = fees.of_step(number=number, due_on=invoice.due_on, on=on, charged=invoice.fees_charged)
        row = Reminder(
            invoice=invoice, step=number, channel=Channel.SMS, sent_on=on, left=invoice.open_amount, fees_left=fee,
            pay_by=schedule.pay_by(number, sent_on=on),
        )  # fmt: skip
        words = mails.reminder(row=row).words
        found = max(found, segments.count(words.text).segments if words else 0)
    return found
