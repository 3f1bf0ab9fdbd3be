""" "Member since": the first day of the unbroken chain, with and without a gap that counts as none."""

import dataclasses
from datetime import date
from typing import Any

import pytest

from core.errors import Refused
from invoicing.models import Invoice
from membership import joining, leaving, periods, renewal
from membership.member_since import chain_start
from membership.models import Member, Period
from membership.status import status_of
from payments import ledger_check
from tests.makers import TODAY, at_noon, make_household, make_member, make_type

LEAP = date(2024, 2, 29)
Y26, Y27 = (date(2026, 1, 1), date(2026, 12, 31)), (date(2027, 1, 1), date(2027, 12, 31))


def term(starts_on: date, ends_on: date | None, ended_on: date | None = None) -> Period:
    return Period(starts_on=starts_on, ends_on=ends_on, ended_on=ended_on)


@pytest.mark.parametrize(
    ("rows", "gap_days", "since"),
    [
        ([], 0, None),
        ([term(*Y26)], 0, date(2026, 1, 1)),
        ([term(*Y27), term(*Y26)], 0, date(2026, 1, 1)),
        ([term(*Y26, date(2026, 12, 30)), term(*Y27)], 0, date(2027, 1, 1)),
        ([term(*Y26, date(2026, 12, 30)), term(*Y27)], 1, date(2026, 1, 1)),
        ([term(*Y26, date(2026, 6, 30)), term(*Y27)], 183, date(2027, 1, 1)),
        ([term(*Y26, date(2026, 6, 30)), term(*Y27)], 184, date(2026, 1, 1)),
        (
            [term(date(2024, 2, 29), date(2025, 2, 27)), term(date(2025, 2, 28), date(2026, 2, 27))],
            0,
            date(2024, 2, 29),
        ),
        ([term(*Y26, date(2025, 12, 31)), term(*Y27)], 0, date(2027, 1, 1)),  # the first never ran
        ([term(date(2020, 5, 1), None)], 0, date(2020, 5, 1)),
        ([term(date(2020, 5, 1), None, date(2026, 12, 31)), term(*Y27)], 0, date(2020, 5, 1)),
    ],
)
def test_chain_start(rows: list[Period], gap_days: int, since: date | None) -> None:
    assert chain_start(rows, gap_days=gap_days) == since


def allow_gap(settings: Any, days: int) -> None:
    membership = dataclasses.replace(settings.CLIENT.membership, gap_days=days)
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=membership)


def back(member: Member, on: date, **choices: object) -> Member:
    joining.come_back(people=[member], wanted_type=make_type("E"), on=on, at=at_noon(on), **choices)  # type: ignore[arg-type]
    return Member.objects.get(pk=member.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(("gap_days", "since"), [(0, date(2026, 9, 1)), (91, date(2026, 9, 1)), (92, TODAY)])
def test_who_comes_back_is_the_same_member(settings: Any, gap_days: int, since: date) -> None:
    allow_gap(settings, gap_days)
    member = make_member()
    leaving.resign(member=member, on=date(2026, 5, 31), at=at_noon(date(2026, 5, 31)))
    member = back(member, date(2026, 9, 1))
    assert (Member.objects.count(), member.member_since) == (1, since)
    assert status_of(member=member, on=date(2026, 9, 1)).code == "awaiting_payment"
    assert chain_start(member.periods.all(), gap_days=gap_days) == since


@pytest.mark.django_db
def test_coming_back_the_day_after_breaks_nothing() -> None:
    member = make_member()
    leaving.resign(member=member, on=date(2026, 5, 31), at=at_noon(date(2026, 5, 31)))
    assert back(member, date(2026, 6, 1)).member_since == TODAY


@pytest.mark.django_db
def test_what_an_import_said_of_the_years_before_stays_while_the_chain_does() -> None:
    member = make_member()
    Member.objects.filter(pk=member.pk).update(member_since=date(1999, 4, 1))
    renewal.open_due_periods(on=date(2027, 1, 2), at=at_noon(date(2027, 1, 2)))
    member.refresh_from_db()
    assert member.member_since == date(1999, 4, 1)


@pytest.mark.django_db
def test_who_never_was_a_member_is_not_since_the_first_try() -> None:
    member = make_member(paid=False)
    term_ = member.periods.get()
    periods.end(period=term_, on=TODAY, reason="corrected")
    assert back(member, date(2026, 9, 1)).member_since == date(2026, 9, 1)


@pytest.mark.django_db
def test_a_trial_that_ran_out_is_not_asked_for_any_more_when_somebody_comes_back() -> None:
    member = make_member(trial=True, paid=False)
    renewal.expire_trials(on=date(2026, 4, 9), at=at_noon(date(2026, 4, 9)))
    on = date(2026, 4, 20)
    member = back(member, on)
    assert [(i.total, i.open_amount) for i in Invoice.objects.invoices().order_by("number")] == [(400, 0), (400, 400)]
    strike = date(2026, 3, 25) if renewal.lapse_days() == 0 else date(2026, 5, 7)  # the trial's, not the new term's
    assert renewal.lapse_unpaid(on=strike, at=at_noon(strike)).changed == 0
    assert status_of(member=member, on=strike).code == "overdue"
    assert ledger_check.check().problems == []


@pytest.mark.django_db
def test_a_family_comes_back_together() -> None:
    joined = make_household("Alice", "Anna")
    for member in joined.members:
        leaving.resign(member=member, on=date(2026, 5, 31), at=at_noon(date(2026, 5, 31)))
    on = date(2026, 8, 1)
    again = joining.come_back(people=joined.members, wanted_type=make_type("FM"), on=on, at=at_noon(on))
    assert again.household == joined.household
    assert [(p.type.code, p.paid_with_id) for p in again.periods] == [("FM", None), ("FM2", again.periods[0].pk)]


@pytest.mark.django_db
def test_who_cannot_come_back() -> None:
    member = make_member()
    for change, code in (({}, "overlap"), ({"died_on": TODAY}, "deceased")):
        Member.objects.filter(pk=member.pk).update(**change)
        with pytest.raises(Refused) as refusal:
            back(Member.objects.get(pk=member.pk), date(2026, 9, 1))
        assert refusal.value.code == code
    young = make_member("Eldre", born_on=date(1950, 1, 1))
    leaving.resign(member=young, on=TODAY, at=at_noon(TODAY))
    with pytest.raises(Refused) as refusal:
        joining.come_back(people=[young], wanted_type=make_type("UNG"), on=date(2026, 9, 1), at=at_noon(TODAY))
    assert refusal.value.code == "age"
    assert Period.objects.count() == 2
