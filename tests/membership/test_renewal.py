"""The year as stories: Alice's household pays, Bob does not, Charlie is free, and nights are missed."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.results import Result
from membership import periods, renewal
from membership.models import Member, MembershipType, Period
from membership.status import status_of
from tests.makers import at_noon, make_household, make_member, make_type

pytestmark = pytest.mark.django_db
NEW_YEAR, OPENS = date(2027, 1, 1), date(2027, 1, 2)


def night(on: date) -> Result:
    result = renewal.expire_trials(on=on, at=at_noon(on))
    result.merge(renewal.tell_before_end(on=on, at=at_noon(on)))
    result.merge(renewal.open_due_periods(on=on, at=at_noon(on)))
    result.merge(renewal.lapse_unpaid(on=on, at=at_noon(on)))
    return result


def rows() -> list[tuple[str, str, date, date | None, str]]:
    return [
        (p.member.first_names, p.type.code, p.starts_on, p.last_day, p.end_reason)
        for p in Period.objects.select_related("member", "type").order_by("member_id", "starts_on")
    ]


def test_the_year_of_three() -> None:
    make_household("Alice", "Anna")
    make_member("Bob")
    make_member("Charlie", type_code="FM2")

    assert night(NEW_YEAR).changed == 0
    assert night(OPENS).counts == {"opened": 4}
    assert night(OPENS).changed == 0
    assert [row[:4] for row in rows() if row[2].year == 2027] == [
        ("Alice", "FM", NEW_YEAR, date(2027, 12, 31)),
        ("Anna", "FM2", NEW_YEAR, date(2027, 12, 31)),
        ("Bob", "E", NEW_YEAR, date(2027, 12, 31)),
        ("Charlie", "FM2", NEW_YEAR, date(2027, 12, 31)),
    ]
    alice = Member.objects.get(first_names="Alice")
    main = alice.periods.get(starts_on=NEW_YEAR)
    assert list(main.carries.values_list("member__first_names", flat=True)) == ["Anna"]
    periods.confirm(period=main, on=date(2027, 1, 12))
    assert status_of(member=Member.objects.get(first_names="Anna"), on=date(2027, 1, 12)).code == "active"
    assert status_of(member=Member.objects.get(first_names="Charlie"), on=OPENS).code == "active"

    bob = Member.objects.get(first_names="Bob")
    pay_by = bob.periods.get(starts_on=NEW_YEAR).pay_by
    assert pay_by == OPENS + timedelta(days=14)
    strike = pay_by + timedelta(days=renewal.lapse_days() + 1)
    assert night(strike - timedelta(days=1)).changed == 0
    assert night(strike).counts == {"struck": 1}
    assert night(strike).changed == 0
    assert status_of(member=Member.objects.get(pk=bob.pk), on=strike).code == "lapsed"


def test_a_missed_renewal_is_caught_up() -> None:
    make_member("Alice")
    assert night(date(2027, 2, 14)).counts == {"opened": 1}
    assert rows()[-1][2:4] == (NEW_YEAR, date(2027, 12, 31))


def test_who_was_away_for_years_is_not_renewed() -> None:
    make_member("Alice")
    assert night(date(2029, 1, 5)).changed == 0


def test_members_age_out_and_own_prices_end() -> None:
    make_member("Young", type_code="UNG", born_on=date(2000, 12, 31))
    make_member("Younger", type_code="UNG", born_on=date(2001, 1, 1))
    discounted = make_member("Disse")
    Member.objects.filter(pk=discounted.pk).update(
        special_price=100, special_price_until=date(2026, 12, 31), converts_to=make_type("UTP")
    )
    night(OPENS)
    assert [(r[0], r[1]) for r in rows() if r[2] == NEW_YEAR] == [("Young", "E"), ("Younger", "UNG"), ("Disse", "UTP")]
    assert Period.objects.get(starts_on=NEW_YEAR, member=discounted).price == 300


def test_life_members_and_the_dead_are_left_alone() -> None:
    MembershipType.objects.filter(code=make_type("E").code).update(frequency="permanent")
    make_member("Life")
    dead = make_member("Dead", type_code="UTP")
    Member.objects.filter(pk=dead.pk).update(died_on=date(2026, 11, 1))
    assert night(OPENS).changed == 0


def test_a_rolling_year_is_renewed_on_its_own_day() -> None:
    MembershipType.objects.filter(code=make_type("E").code).update(term="rolling_year")
    make_member("Rolf", on=date(2026, 3, 10))
    assert "opened" not in night(date(2027, 3, 9)).counts
    assert night(date(2027, 3, 10)).counts == {"opened": 1}
    assert rows()[-1][2:4] == (date(2027, 3, 10), date(2028, 3, 9))


def test_a_trial_ends_after_thirty_days_and_is_told_ten_days_before() -> None:
    make_member("Trine", trial=True, paid=False)
    assert night(date(2026, 3, 28)).changed == 0
    assert night(date(2026, 3, 29)).counts == {"told": 1}
    assert night(date(2026, 4, 8)).changed == 0
    assert night(date(2026, 4, 9)).counts == {"trials ended": 1}
    assert night(date(2026, 4, 9)).changed == 0


def test_a_household_member_who_moved_out_is_not_renewed_with_it() -> None:
    joined = make_household("Alice", "Anna")
    Member.objects.filter(pk=joined.members[1].pk).update(household=None)
    result = night(OPENS)
    assert result.counts == {"opened": 1}
    assert len(result.warnings) == 1


def test_renewal_asks_as_many_questions_for_thirty_as_for_three() -> None:
    counts = []
    for number in (3, 30):
        for each in range(number):
            make_member(f"Name{number}x{each}", email=f"{number}-{each}@example.no")
        with CaptureQueriesContext(connection) as queries:
            renewal.open_due_periods(on=OPENS, at=at_noon(OPENS))
        counts.append(len([q for q in queries if "messaging" not in q["sql"]]))
        Period.objects.filter(starts_on=NEW_YEAR).delete()
        Period.objects.all().delete()
    assert counts[1] <= counts[0] + 4
