"""The group that opens the pages for members follows the memberships."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from core import chores
from core.models import User
from core.results import Result
from membership import leaving, members_group, periods, roles
from membership.models import Period
from tests.makers import NOW, TODAY, make_household, make_member, make_non_member, make_user

pytestmark = pytest.mark.django_db


def insiders() -> set[str]:
    return set(User.objects.filter(groups__name=roles.MEMBERS).values_list("email", flat=True))


def test_who_joins_is_let_in_paid_or_not() -> None:
    make_member("Alice")
    make_member("Bob", paid=False, trial=True)
    make_non_member("Charlie")
    assert insiders() == {"alice@example.no", "bob@example.no"}


def test_who_leaves_is_taken_out_the_day_after() -> None:
    alice = make_member("Alice")
    leaving.resign(member=alice, on=TODAY, at=NOW)
    assert insiders() == {"alice@example.no"}
    members_group.synchronise(on=TODAY + timedelta(days=1))
    assert insiders() == set()


def test_the_dead_are_taken_out_at_once_and_a_corrected_term_too() -> None:
    alice, bob = make_member("Alice"), make_member("Bob")
    leaving.record_death(member=alice, died_on=TODAY, on=TODAY, at=NOW)
    periods.end(period=bob.periods.get(), on=TODAY, reason=Period.EndReason.CORRECTED)
    assert insiders() == set()


def test_a_shared_log_in_stays_while_one_of_its_members_belongs() -> None:
    alice = make_member("Alice")
    make_member("Anna", email="alice@example.no")
    leaving.record_death(member=alice, died_on=TODAY, on=TODAY, at=NOW)
    assert insiders() == {"alice@example.no"}


def test_the_night_puts_everything_right_and_the_second_time_does_nothing() -> None:
    make_household("Bob", "Berit")
    stranger = make_user(roles.MEMBERS)
    User.groups.through.objects.filter(user__email="berit@example.no").delete()
    assert members_group.synchronise(on=TODAY) == Result(counts={"let in": 1, "taken out": 1})
    assert insiders() == {"bob@example.no", "berit@example.no"}
    assert not stranger.groups.exists()
    assert members_group.synchronise(on=TODAY) == Result()
    assert members_group.synchronise(on=date(2027, 1, 1)) == Result(counts={"taken out": 2})


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_one_as_for_many(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(count):
        make_member(f"Name{number}")
    User.groups.through.objects.all().delete()
    with django_assert_num_queries(7):
        members_group.synchronise(on=TODAY)


def test_the_night_lets_in_and_takes_out_by_the_calendar_whatever_nights_there_were() -> None:
    leaver, stays, comes = make_member("Alice"), make_member("Bob"), make_member("Charlie")
    leaving.resign(member=leaver, on=TODAY, at=NOW)
    Period.objects.filter(member=comes).update(starts_on=TODAY + timedelta(days=5))
    tomorrow, later = TODAY + timedelta(days=1), TODAY + timedelta(days=9)
    assert members_group.keep_up(on=TODAY, at=NOW) == Result(counts={"taken out": 1})
    assert insiders() == {"alice@example.no", stays.email}
    assert members_group.keep_up(on=tomorrow, at=NOW) == Result(counts={"taken out": 1})
    assert members_group.keep_up(on=later, at=NOW) == Result(counts={"let in": 1})
    assert insiders() == {stays.email, comes.email}
    assert members_group.keep_up(on=TODAY, at=NOW) == Result(counts={"let in": 1, "taken out": 1})
    assert members_group.keep_up(on=TODAY, at=NOW) == Result()


def test_the_first_night_of_a_month_puts_right_what_slipped_by_another_door() -> None:
    make_member("Bob")
    members_group.keep_up(on=TODAY + timedelta(days=2), at=NOW)
    User.groups.through.objects.all().delete()
    assert members_group.keep_up(on=TODAY + timedelta(days=3), at=NOW) == Result()
    assert members_group.keep_up(on=TODAY + timedelta(days=40), at=NOW) == Result(counts={"let in": 1})


def test_a_night_that_moves_many_looks_at_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members_group, "MANY", 1)
    members_group.keep_up(on=TODAY, at=NOW)
    for member in (make_member("Alice"), make_member("Bob")):
        leaving.resign(member=member, on=TODAY, at=NOW)
    assert members_group.keep_up(on=TODAY + timedelta(days=1), at=NOW) == Result(counts={"taken out": 2})


def test_two_nights_at_once_do_not_both_write() -> None:
    with chores.turn(members_group.NAME, at=NOW):
        assert members_group.keep_up(on=TODAY, at=NOW) == Result()
    assert members_group.keep_up(on=TODAY, at=NOW) == Result()


@pytest.mark.parametrize("count", [1, 3])
def test_a_night_asks_as_often_whoever_comes_and_goes(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    members_group.keep_up(on=TODAY, at=NOW)
    for number in range(count):
        leaving.resign(member=make_member(f"Name{number}"), on=TODAY, at=NOW)
    with django_assert_num_queries(16):
        members_group.keep_up(on=TODAY + timedelta(days=1), at=NOW)
    assert insiders() == set()


DAYS = st.integers(0, 60).map(lambda days: TODAY + timedelta(days=days))


class Nights(TestCase):
    @settings(max_examples=30, deadline=None)
    @given(terms=st.lists(st.tuples(DAYS, DAYS, st.none() | DAYS), max_size=4), nights=st.lists(DAYS, max_size=6))
    def test_any_order_of_nights_ends_where_a_look_at_everybody_does(self, terms: Any, nights: Any) -> None:
        make_member("Alice")  # the makers set the association up
        Period.objects.all().delete()
        for number, (start, end, ended) in enumerate(terms):
            period = make_member(f"Name{number}").periods.get()
            period.starts_on, period.ends_on = min(start, end), max(start, end)
            if ended is not None:  # at the earliest the day before it began: then it never ran
                period.ended_on, period.end_reason = max(ended, period.starts_on - timedelta(days=1)), "corrected"
            period.save()
        for night in nights:
            members_group.keep_up(on=night, at=NOW)
        if nights:
            assert members_group.synchronise(on=nights[-1]) == Result()
