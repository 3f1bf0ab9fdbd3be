"""What a reminder costs. Pure: a dated table, the rule around it, and what the client's schedule says.

Inkassoforskriften § 1-2: a fee at the earliest 14 days after the due date, for two reminders at most, and at most a
twentieth of the inkassosats of the day, in whole kroner. A new rate is a line in the table; nothing else changes.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from django.conf import settings

from core.money import ZERO
from payments.reminders import schedule

EARLIEST = timedelta(days=14)  # after the due date
MOST_TIMES = 2
_SHARE = 20


@dataclass(frozen=True, kw_only=True)
class Rate:
    """The inkassosats from a day on, until the next line."""

    since: date
    inkassosats: Decimal


RATES = (
    Rate(since=date(2025, 1, 1), inkassosats=Decimal(700)),
    Rate(since=date(2026, 1, 1), inkassosats=Decimal(750)),
)


def highest(on: date) -> Decimal:
    """The highest fee for a reminder sent on a day: 35 kroner in 2025, 37 from 2026. None (0) before the table."""
    rates = [rate.inkassosats for rate in RATES if rate.since <= on]
    return (rates[-1] / _SHARE).quantize(Decimal(1), rounding=ROUND_FLOOR) if rates else ZERO


def lawful(*, on: date, due_on: date, charged: int, wanted: Decimal = ZERO) -> Decimal:
    """The fee that a reminder of an invoice may carry on a day; 0 where none is allowed.

    `charged` is how many fees the invoice has had; `wanted` what the organisation asks for, 0 for the highest.
    """
    if on < due_on + EARLIEST or charged >= MOST_TIMES:
        return ZERO
    return min(wanted, highest(on)) if wanted else highest(on)


def of_step(*, number: int, due_on: date, on: date, charged: int) -> Decimal:
    """What the reminder of an invoice costs: nothing where the step has no fee, or none is lawful on the day."""
    if not schedule.steps()[number - 1].fee:
        return ZERO
    return lawful(on=on, due_on=due_on, charged=charged, wanted=settings.CLIENT.reminders.fee_amount)


def most_of_step(*, number: int, on: date) -> Decimal:
    """What a step costs those for whom a fee is lawful."""
    return of_step(number=number, due_on=on - EARLIEST, on=on, charged=0)
