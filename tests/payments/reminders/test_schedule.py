"""When reminders fall due: from the due date, or from the reminder before."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from membership import renewal
from payments.reminders import schedule
from tests.payments.reminders.helpers import Step, client_with

DUE = date(2026, 3, 1)
STEPS = (Step(after_days=14), Step(after_days=28), Step(after_days=35))


def test_steps_counted_from_the_due_date(settings: Any) -> None:
    settings.CLIENT = client_with(*STEPS, lapse_after_days=10)
    first = schedule.falls_due_on(1, due_on=DUE, sent_on=None)
    second = schedule.falls_due_on(2, due_on=DUE, sent_on=first)
    assert (first, second) == (date(2026, 3, 15), date(2026, 3, 29))
    assert schedule.falls_due_on(3, due_on=DUE, sent_on=second) == date(2026, 4, 5)
    assert [schedule.pay_by(n, sent_on=first) for n in (1, 2, 3)] == [
        date(2026, 3, 28), date(2026, 3, 21), date(2026, 3, 25),
    ]  # fmt: skip


def test_steps_counted_from_the_reminder_before(settings: Any) -> None:
    settings.CLIENT = client_with(Step(after_days=14), Step(after_days=10), counted_from="previous")
    assert schedule.falls_due_on(1, due_on=DUE, sent_on=None) == date(2026, 3, 15)
    assert schedule.falls_due_on(2, due_on=DUE, sent_on=date(2026, 4, 1)) == date(2026, 4, 11)


def test_a_late_reminder_moves_the_next(settings: Any) -> None:
    settings.CLIENT = client_with(*STEPS)
    assert schedule.falls_due_on(2, due_on=DUE, sent_on=date(2026, 5, 1)) == date(2026, 5, 15)


def test_without_a_schedule_there_is_no_last_step(settings: Any) -> None:
    settings.CLIENT = client_with()
    assert (schedule.steps(), schedule.last()) == ((), 0)


@given(
    days=st.lists(st.integers(1, 60), min_size=1, max_size=5),
    late=st.lists(st.integers(0, 90), min_size=5, max_size=5),
    mode=st.sampled_from(["due_date", "previous"]),
)  # fmt: skip
def test_every_reminder_leaves_the_time_it_gave(days: list[int], late: list[int], mode: str) -> None:
    """However late each is sent, none comes before the day that the one before it gave."""
    counted = days if mode == "previous" else [sum(days[: n + 1]) for n in range(len(days))]
    with override_settings(CLIENT=client_with(*(Step(after_days=n) for n in counted), counted_from=mode)):
        sent_on = None
        for number in range(1, len(days) + 1):
            due = schedule.falls_due_on(number, due_on=DUE, sent_on=sent_on)
            assert due >= DUE + timedelta(days=sum(days[:number]))
            if sent_on is not None:
                assert due >= max(sent_on + timedelta(days=1), schedule.pay_by(number - 1, sent_on=sent_on))
            sent_on = due + timedelta(days=late[number - 1])


@pytest.mark.parametrize("mode", ["due_date", "previous"])
def test_the_registry_counts_the_same_days(settings: Any, mode: str) -> None:
    settings.CLIENT = client_with(Step(after_days=14), Step(after_days=20), counted_from=mode, lapse_after_days=7)
    assert renewal.lapse_days() == (20 if mode == "due_date" else 34) + 7
