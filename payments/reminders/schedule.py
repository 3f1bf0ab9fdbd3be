"""When each reminder falls due, and until when it lets the payer wait. Pure: the client's steps and dates.

Steps are numbered from 1. However late one is sent, the next keeps its distance: nobody gets two in a week because
the bank file was late.
"""

from datetime import date, timedelta
from typing import Protocol

from django.conf import settings


class Step(Protocol):
    """What the client's snippet says of a step; its days are in `days_until`."""

    @property
    def fee(self) -> bool: ...

    @property
    def channel(self) -> str: ...


def steps() -> tuple[Step, ...]:
    """The client's schedule; empty where nobody is reminded."""
    schedule: tuple[Step, ...] = settings.CLIENT.reminders.steps
    return schedule


def last() -> int:
    """The number of the last step; 0 without a schedule."""
    return len(steps())


def wait(number: int) -> timedelta:
    """How long after the reminder before it a step comes; for the first, after the due date."""
    days = (0, *settings.CLIENT.reminders.days_until)
    return timedelta(days=days[number] - days[number - 1])


def since_due(number: int) -> timedelta:
    """How long after the due date a step comes at the earliest."""
    return timedelta(days=settings.CLIENT.reminders.days_until[number - 1])


def falls_due_on(number: int, *, due_on: date, sent_on: date | None) -> date:
    """The day a step may be sent. `sent_on` is the day of the step before it; none before the first."""
    earliest = due_on + since_due(number)
    return earliest if sent_on is None else max(earliest, sent_on + wait(number))


def pay_by(number: int, *, sent_on: date) -> date:
    """The day a reminder gives: the one before the next, or after the last when the membership would end."""
    if number < last():
        return sent_on + max(wait(number + 1) - timedelta(days=1), timedelta(days=1))
    return sent_on + timedelta(days=settings.CLIENT.reminders.lapse_after_days)
