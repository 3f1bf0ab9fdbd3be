"""More time to pay: once for a member and within limits; as the office likes."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.errors import Refused
from invoicing.models import Invoice
from payments.models import Snooze
from payments.reminders import plans, runs, snoozes
from tests.makers import NOW, TODAY
from tests.payments.reminders.helpers import client_with, know_the_bank, overdue

pytestmark = pytest.mark.django_db


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


@pytest.fixture
def invoice() -> Invoice:
    return overdue("Alice", on=TODAY, days=20)


def test_no_reminder_until_the_day_is_over(invoice: Invoice) -> None:
    snoozes.ask(invoice=invoice, until=days(10), on=TODAY, by=None)
    know_the_bank(days(12))
    assert [runs.send_due(on=days(n), at=NOW).counts for n in (0, 10, 11)] == [{}, {}, {"reminders": 1}]


@pytest.mark.parametrize(("until", "code"), [(0, "too_late"), (-5, "too_late"), (31, "too_late")])
def test_a_day_within_the_limits(invoice: Invoice, until: int, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        snoozes.ask(invoice=invoice, until=days(until), on=TODAY, by=None)
    assert (refusal.value.code, Snooze.objects.exists()) == (code, False)


def test_the_limit_counts_from_the_due_date_while_that_is_ahead() -> None:
    assert snoozes.latest(invoice=overdue("Bob", on=TODAY, days=-10), on=TODAY) == days(40)
    assert snoozes.latest(invoice=overdue("Charlie", on=TODAY, days=10), on=TODAY) == days(30)


def test_once_and_not_beside_a_plan_nor_where_the_client_has_none(invoice: Invoice, settings: Any) -> None:
    snoozes.ask(invoice=invoice, until=days(30), on=TODAY, by=None)
    with pytest.raises(Refused, match="cannot be put off again"):
        snoozes.ask(invoice=invoice, until=days(29), on=TODAY, by=None)
    other = overdue("Bob", on=TODAY, days=3)
    plans.propose(invoice=other, number=2, on=TODAY, by=None)
    assert snoozes.latest(invoice=other, on=TODAY) is None
    settings.CLIENT = client_with(snooze_days=0)
    assert snoozes.latest(invoice=overdue("Charlie", on=TODAY, days=3), on=TODAY) is None


def test_whose_day_it_is_and_that_a_member_has_one_of_their_own(invoice: Invoice) -> None:
    """The office's day uses up nothing of the member's, and is not said to be theirs; the member has one, ever."""
    snoozes.grant(invoice=invoice, until=days(3), on=TODAY, by=None)
    assert (snoozes.latest(invoice=invoice, on=days(3)), snoozes.latest(invoice=invoice, on=days(4))) == (
        None,
        days(34),
    )
    row = snoozes.ask(invoice=invoice, until=days(9), on=days(4), by=None)
    assert (row.until, row.asked_on, row.by_member) == (days(9), days(4), True)
    row = snoozes.grant(invoice=invoice, until=days(20), on=days(5), by=None)
    assert (row.until, row.asked_on, row.by_member) == (days(20), days(5), False)
    with pytest.raises(Refused, match="cannot be put off again"):
        snoozes.ask(invoice=invoice, until=days(30), on=days(21), by=None)
    assert Snooze.objects.get().until == days(20)


def test_the_office_gives_more_and_takes_it_back(invoice: Invoice) -> None:
    snoozes.ask(invoice=invoice, until=days(5), on=TODAY, by=None)
    snoozes.grant(invoice=invoice, until=days(90), on=TODAY, by=None)
    know_the_bank(days(60))
    assert runs.send_due(on=days(60), at=NOW).counts == {}
    snoozes.grant(invoice=invoice, until=days(60), on=days(60), by=None)
    know_the_bank(days(61))
    assert runs.send_due(on=days(61), at=NOW).counts == {"reminders": 1}
    with pytest.raises(Refused, match="That day is past"):
        snoozes.grant(invoice=invoice, until=days(-1), on=TODAY, by=None)
