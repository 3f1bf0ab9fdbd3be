"""Who must not be struck yet: nobody loses a membership who was not reminded as the schedule says."""

from datetime import date

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from core import dates
from invoicing.models import InvoiceLine
from payments.from_bank import freshness
from payments.models import PaymentPlan, Reminder, Snooze
from payments.reminders import arrival, plans, schedule


def hold_back(on: date) -> Q | None:
    """The terms whose invoice is open and still has time: a reminder to come, a day that the last one gave, more time,
    a payment plan, or the days after one was refused or broken. None where nobody is reminded.

    The last reminder counts only if it reached them (arrival.py), and the bank must be known until the day that each
    of them gave: who paid on it is not struck. Reminders that
    nobody sends keep nobody for ever: who never pays must be erased in time (norway.md, Personal data), and an open
    invoice would stand in the way.
    """
    if not schedule.last():
        return None
    known, day_before = freshness.last_bank_day(), dates.day_before(on)
    over = min(known, day_before) if known else None
    reminded = Reminder.objects.filter(invoice=OuterRef("invoice"), step__gte=schedule.last())
    reminded = arrival.over(reminded, until=over) if over else reminded.none()
    to_remind = ~Exists(reminded) | (_has_time(until=over) if over else Q())
    longest = dates.days_after(on, -settings.CLIENT.retention.unpaid_days)
    waiting = InvoiceLine.objects.filter(period=OuterRef("pk"), is_credited=False, invoice__open_amount__gt=0)
    return Q(Exists(waiting.filter(_has_time(until=day_before) | (Q(invoice__due_on__gt=longest) & to_remind))))


def _has_time(*, until: date) -> Q:
    """The payer of a line's invoice was given time beyond a day, by ourselves or by a plan of theirs."""
    snoozed = Snooze.objects.filter(invoice=OuterRef("invoice"), until__gt=until)
    of_invoice = PaymentPlan.objects.filter(invoice=OuterRef("invoice"))
    fell_through = of_invoice.fell_through_since(dates.day_after(plans.day_that_gives(until)))
    return Q(Exists(snoozed)) | Exists(of_invoice.standing()) | Exists(fell_through)
