"""The group that opens the pages for members follows the memberships."""

from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

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
