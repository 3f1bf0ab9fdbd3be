"""Leaving: at once or at the end of the term, alone or with a household; what it does to money and to next year."""

import dataclasses
from datetime import date
from typing import Any

import pytest

from core.errors import Refused
from invoicing.models import Invoice
from membership import leaving, periods, renewal
from membership.models import Member, MembershipType, Period
from membership.status import status_of
from messaging.models import Message
from payments import ledger_check
from tests.makers import TODAY, at_noon, make_household, make_member, make_type

pytestmark = pytest.mark.django_db
SUMMER, NEW_YEAR, OPENS = date(2026, 6, 1), date(2027, 1, 1), date(2027, 1, 2)


@pytest.fixture
def at_period_end(settings: Any) -> None:
    membership = dataclasses.replace(settings.CLIENT.membership, leaving="period_end")
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=membership)


def status(member: Member, on: date) -> str:
    return status_of(member=Member.objects.get(pk=member.pk), on=on).code


@pytest.mark.usefixtures("at_period_end")
def test_at_the_end_of_the_term_what_is_paid_runs_on_and_is_not_renewed() -> None:
    member = make_member()
    assert leaving.resign(member=member, on=SUMMER, at=at_noon(SUMMER)) == date(2026, 12, 31)
    assert (status(member, date(2026, 12, 31)), status(member, NEW_YEAR)) == ("active", "resigned")
    assert renewal.open_due_periods(on=OPENS, at=at_noon(OPENS)).changed == 0


@pytest.mark.usefixtures("at_period_end")
def test_what_is_not_paid_ends_at_once_in_any_case() -> None:
    member = make_member(paid=False)
    assert leaving.resign(member=member, on=SUMMER, at=at_noon(SUMMER)) == SUMMER
    assert not Invoice.objects.open().exists()


@pytest.mark.usefixtures("at_period_end")
@pytest.mark.parametrize(("paid", "last_on"), [(True, date(2027, 12, 31)), (False, date(2026, 12, 31))])
def test_next_years_term_stays_if_it_is_paid(settings: Any, paid: bool, last_on: date) -> None:
    invoicing = dataclasses.replace(settings.CLIENT.invoicing, renewal_opens="12-01")
    settings.CLIENT = dataclasses.replace(settings.CLIENT, invoicing=invoicing)
    member = make_member()
    on = date(2026, 12, 1)
    renewal.open_due_periods(on=on, at=at_noon(on))
    if paid:
        periods.confirm(period=member.periods.get(starts_on=NEW_YEAR), on=on)
    later = date(2026, 12, 10)
    assert leaving.resign(member=member, on=later, at=at_noon(later)) == last_on
    assert status(member, last_on) == "active"
    assert status(member, date(2028, 1, 1)) == "resigned"
    assert renewal.open_due_periods(on=date(2027, 12, 1), at=at_noon(later)).changed == 0


def test_at_once_takes_next_years_term_too(settings: Any) -> None:
    invoicing = dataclasses.replace(settings.CLIENT.invoicing, renewal_opens="12-01")
    settings.CLIENT = dataclasses.replace(settings.CLIENT, invoicing=invoicing)
    member = make_member()
    on = date(2026, 12, 1)
    renewal.open_due_periods(on=on, at=at_noon(on))
    assert leaving.resign(member=member, on=on, at=at_noon(on)) == on
    assert status(member, NEW_YEAR) == "resigned"
    assert not Invoice.objects.open().exists()


def test_a_household_that_had_not_paid_leaves_with_its_main_member_and_owes_nothing() -> None:
    MembershipType.objects.filter(code=make_type("FM2").code).update(price=50)
    joined = make_household("Alice", "Anna", paid=False)
    leaving.resign(member=joined.main_member, on=SUMMER, at=at_noon(SUMMER))
    assert {status(member, date(2026, 6, 2)) for member in joined.members} == {"resigned"}
    assert not Invoice.objects.open().exists()
    assert ledger_check.check().problems == []
    assert Message.objects.filter(kind="resigned").count() == 2


@pytest.mark.parametrize("how", ["died", "excluded"])
def test_who_remains_after_a_death_or_exclusion_is_not_said_to_have_resigned(how: str) -> None:
    joined = make_household("Alice", "Anna", paid=False)
    if how == "died":
        leaving.record_death(member=joined.main_member, died_on=SUMMER, on=SUMMER, at=at_noon(SUMMER))
    else:
        leaving.exclude(member=joined.main_member, on=SUMMER, at=at_noon(SUMMER), by=None, reason="§ 7")
    assert status(joined.members[1], date(2026, 6, 2)) == "overdue"
    assert not Message.objects.filter(kind="resigned").exists()


def test_one_of_the_household_leaves_and_the_others_stay() -> None:
    joined = make_household("Alice", "Anna", "Ask", paid=False)
    leaving.resign(member=joined.members[1], on=SUMMER, at=at_noon(SUMMER))
    assert [status(member, date(2026, 6, 2)) for member in joined.members] == ["overdue", "resigned", "overdue"]
    assert Invoice.objects.open().get().open_amount == 600


def test_a_death_told_late_takes_back_the_term_opened_meanwhile() -> None:
    member = make_member()
    renewal.open_due_periods(on=OPENS, at=at_noon(OPENS))
    leaving.record_death(member=member, died_on=date(2026, 12, 20), on=OPENS, at=at_noon(OPENS))
    rows = [(p.starts_on, p.last_day, p.end_reason) for p in member.periods.order_by("starts_on")]
    assert rows == [
        (TODAY, date(2026, 12, 20), "deceased"),
        (NEW_YEAR, date(2026, 12, 31), "deceased"),
    ]
    assert not Invoice.objects.open().exists()


def test_a_trial_is_left_at_once() -> None:
    member = make_member(trial=True, paid=False)
    leaving.resign(member=member, on=date(2026, 3, 20), at=at_noon(date(2026, 3, 20)))
    assert status(member, date(2026, 3, 21)) == "resigned"
    assert renewal.expire_trials(on=date(2026, 4, 9), at=at_noon(date(2026, 4, 9))).changed == 0


def test_nobody_dies_in_the_future_or_twice() -> None:
    member = make_member()
    with pytest.raises(Refused) as refusal:
        leaving.record_death(member=member, died_on=date(2026, 6, 2), on=SUMMER, at=at_noon(SUMMER))
    assert refusal.value.code == "future"
    for _time in range(2):
        leaving.record_death(member=member, died_on=SUMMER, on=SUMMER, at=at_noon(SUMMER))
    assert Period.objects.filter(end_reason="deceased").count() == 1
