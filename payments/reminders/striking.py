"""Who must not be struck yet: nobody loses a membership who was not reminded as the schedule says."""

from datetime import date

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from core import dates
from invoicing.models import InvoiceLine
from payments.from_bank import freshness
from payments.models import PaymentPlan, Reminder, Snooze
from payments.reminders import arrival, schedule


def hold_back(on: date) -> Q | None:
    """The terms whose invoice is open and still has time: a reminder to come, a day that the last one gave, more time
    or a payment plan. None where nobody is reminded.

    The last reminder counts only if it reached them (arrival.py), and the bank must be known until the day that it
    gave: who paid on it is not struck. Reminders that
    nobody sends keep nobody for ever: who never pays must be erased in time (norway.md, Personal data), and an open
    invoice would stand in the way.
    """
    if not schedule.last():
        return None
    known = freshness.last_bank_day()
    reminded = Reminder.objects.filter(invoice=OuterRef("invoice"), step__gte=schedule.last())
    reminded = arrival.over(reminded, until=min(known, dates.day_before(on))) if known else reminded.none()
    snoozed = Snooze.objects.filter(invoice=OuterRef("invoice"), until__gte=on)
    in_parts = PaymentPlan.objects.standing().filter(invoice=OuterRef("invoice"))
    longest = dates.days_after(on, -settings.CLIENT.retention.unpaid_days)
    to_remind = Q(invoice__due_on__gt=longest) & ~Exists(reminded)
    waiting = InvoiceLine.objects.filter(period=OuterRef("pk"), is_credited=False, invoice__open_amount__gt=0)
    return Q(Exists(waiting.filter(to_remind | Exists(snoozed) | Exists(in_parts))))
