"""Who must not be struck yet: nobody loses a membership who was not reminded as the schedule says, nor anybody at all
while money may lie with us that we have not seen."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import ngettext

from core import dates
from invoicing.models import InvoiceLine
from membership import renewal
from payments.models import PaymentPlan, Reminder, Snooze
from payments.reminders import arrival, gate, plans, schedule


@dataclass(frozen=True, kw_only=True)
class Kept:
    """How many memberships would end for not being paid, and are kept because we may not know who has paid; and why
    that is, each with what to do about it."""

    count: int
    reasons: list[str]

    @property
    def sentence(self) -> str:
        """How many, in words; empty where none is kept."""
        words = ngettext(
            "%(count)d membership that is not paid does not end yet, because it may be paid already.",
            "%(count)d memberships that are not paid do not end yet, because some may be paid already.",
            self.count,
        )
        return words % {"count": self.count} if self.count else ""


def hold_back(on: date) -> Q | None:
    """The terms that nobody is struck for yet: their payer still has time, or may have paid without our knowing it.
    None where neither can be."""
    bank = gate.look(on=on)
    time_left, unseen = _time_left(on, bank.known_until), _unseen(on, bank)
    return time_left | unseen if time_left is not None and unseen is not None else time_left or unseen


def kept(*, on: date) -> Kept:
    """Whom nothing would keep if all were known of the bank: for the treasurer, who can see to that. Four queries."""
    bank = gate.look(on=on)
    time_left, unseen = _time_left(on, dates.day_before(on)), _unseen(on, bank)
    if unseen is None:
        return Kept(count=0, reasons=[])
    over = renewal.unpaid_in_time(on=on).filter(unseen, ended_on__isnull=True)
    over = over.exclude(time_left) if time_left is not None else over
    return Kept(count=over.count(), reasons=_reasons(bank))


def _reasons(bank: gate.Gate) -> list[str]:
    """What keeps reminders back keeps everybody (gate.py). Where nobody is reminded nobody need look through the bank
    either; but money that is nobody's yet, and a bank file that waits, may be anybody's there too."""
    return bank.sentences if schedule.last() else bank.sentences_of_money


def _unseen(on: date, bank: gate.Gate) -> Q | None:
    """While there are `_reasons`: every term whose invoice is open, as long as the law lets us wait."""
    if not _reasons(bank):
        return None
    return Q(Exists(_open_lines().filter(invoice__due_on__gt=_longest(on))))


def _time_left(on: date, known: date | None) -> Q | None:
    """The terms whose invoice is open and still has time: a reminder to come, a day that the last one gave, more time,
    a payment plan, or the days after one was refused or broken. None where nobody is reminded.

    The last reminder counts only if it reached them (arrival.py), and the bank must be `known` until the day that each
    of them gave: who paid on it is not struck. Reminders that nobody sends keep nobody for ever: who never pays must be
    erased in time (norway.md, Personal data), and an open invoice would stand in the way.
    """
    if not schedule.last():
        return None
    day_before = dates.day_before(on)
    over = min(known, day_before) if known else None
    reminded = Reminder.objects.filter(invoice=OuterRef("invoice"), step__gte=schedule.last())
    reminded = arrival.over(reminded, until=over) if over else reminded.none()
    to_remind = ~Exists(reminded) | (_has_time(until=over) if over else Q())
    has_time = _has_time(until=day_before) | (Q(invoice__due_on__gt=_longest(on)) & to_remind)
    return Q(Exists(_open_lines().filter(has_time)))


def _open_lines() -> QuerySet[InvoiceLine]:
    """What is still owed for the term in the query around it."""
    return InvoiceLine.objects.filter(period=OuterRef("pk"), is_credited=False, invoice__open_amount__gt=0)


def _longest(on: date) -> date:
    """Who should have paid by this day is struck whatever we know: the law wants them erased in time."""
    return dates.days_after(on, -settings.CLIENT.retention.unpaid_days)


def _has_time(*, until: date) -> Q:
    """The payer of a line's invoice was given time beyond a day, by ourselves or by a plan of theirs."""
    snoozed = Snooze.objects.filter(invoice=OuterRef("invoice"), until__gt=until)
    of_invoice = PaymentPlan.objects.filter(invoice=OuterRef("invoice"))
    fell_through = of_invoice.fell_through_since(dates.day_after(plans.day_that_gives(until)))
    return Q(Exists(snoozed)) | Exists(of_invoice.standing()) | Exists(fell_through)
