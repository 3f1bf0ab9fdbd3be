"""Households: split, put together, moved, their payers, and what somebody should look at."""

from datetime import date
from typing import Any

import pytest

from core.errors import Refused
from membership import households, leaving, periods
from membership.models import Household, Member, MembershipType
from tests.makers import NOW, TODAY, make_household, make_member, make_non_member
from tests.membership.household_makers import households_by_main

pytestmark = pytest.mark.django_db


def home_of(member: Member) -> Household:
    member.refresh_from_db()
    assert member.household is not None
    return member.household


def look(home: Household) -> list[str]:
    return households.warnings(household=Household.objects.get(pk=home.pk), on=TODAY)


def to_look_at() -> set[str]:
    return {str(home) for home in Household.objects.to_look_at(on=TODAY)}


def test_some_move_out_together() -> None:
    bob, berit, bo = make_household("Bob", "Berit", "Bo").members
    make_household("Charlie", "Carla", last_name="Chen")
    made = households.split(household=home_of(bob), members=[berit, bo], main_member=berit, on=TODAY)
    assert households_by_main() == {
        "Bob Berg": {"Bob"}, "Berit Berg": {"Berit", "Bo"}, "Charlie Chen": {"Charlie", "Carla"},
    }  # fmt: skip
    assert made.formed_on == TODAY
    assert [period.last_day for period in berit.periods.all()] == [date(2026, 12, 31)]


def test_when_the_main_member_moves_out_the_oldest_who_stays_takes_over() -> None:
    bob, berit, bo, brita = make_household("Bob", "Berit", "Bo", "Brita").members
    Member.objects.filter(pk=brita.pk).update(born_on=date(1975, 1, 1))
    households.split(household=home_of(bob), members=[bob, bo], main_member=bob, on=TODAY)
    assert households_by_main() == {"Brita Berg": {"Brita", "Berit"}, "Bob Berg": {"Bob", "Bo"}}
    assert berit.periods.get().ended_on is None


@pytest.mark.parametrize("who", [[], [0, 1]])
def test_nobody_or_everybody_is_no_split(who: list[int]) -> None:
    members = make_household("Bob", "Berit").members
    with pytest.raises(Refused, match="let somebody stay"):
        households.split(household=home_of(members[0]), members=[members[index] for index in who],
                         main_member=members[0], on=TODAY)  # fmt: skip
    assert households_by_main() == {"Bob Berg": {"Bob", "Berit"}}


def test_strangers_do_not_move_out() -> None:
    bob, berit = make_household("Bob", "Berit").members
    charlie = make_household("Charlie", "Carla", last_name="Chen").main_member
    with pytest.raises(Refused, match="Charlie Chen is not in this household"):
        households.split(household=home_of(bob), members=[berit, charlie], main_member=berit, on=TODAY)
    assert households_by_main() == {"Bob Berg": {"Bob", "Berit"}, "Charlie Chen": {"Charlie", "Carla"}}


def test_two_households_move_together() -> None:
    bob = make_household("Bob", "Berit").main_member
    charlie = make_household("Charlie", "Carla", last_name="Chen").main_member
    make_household("Dina", "Dag", last_name="Dahl")
    households.move_together(household=home_of(bob), other=home_of(charlie))
    assert households_by_main() == {"Bob Berg": {"Bob", "Berit", "Charlie", "Carla"}, "Dina Dahl": {"Dina", "Dag"}}
    assert look(home_of(bob)) == ["More than one pays as main member: Bob Berg, Charlie Chen."]
    with pytest.raises(Refused, match="live together already"):
        households.move_together(household=home_of(bob), other=home_of(bob))


def test_a_move_concerns_those_who_lived_there() -> None:
    bob, _berit, bo = make_household("Bob", "Berit", "Bo").members
    Member.objects.filter(pk=bo.pk).update(address_line_1="Studentheimen")
    address = {"address_line_1": "Nygata 2", "address_line_2": "", "postcode": "0150", "place": "OSLO", "country": "NO"}
    movers = households.relocate(household=home_of(bob), address=address, at=NOW, by=None)
    assert {member.first_names for member in movers} == {"Bob", "Berit"}
    lives = dict(Member.objects.values_list("first_names", "address_line_1"))
    assert lives == {"Bob": "Nygata 2", "Berit": "Nygata 2", "Bo": "Studentheimen"}
    assert Member.objects.found_by("nygata").count() == 2


def test_the_dead_take_over_nothing() -> None:
    bob, berit, bo = make_household("Bob", "Berit", "Bo").members
    leaving.record_death(member=berit, died_on=TODAY, on=TODAY, at=NOW)
    with pytest.raises(Refused, match="has died"):
        households.hand_over(household=home_of(bob), to=berit)
    assert households.successors(household=home_of(bob)) == [bo]


def test_somebody_else_pays_and_nobody_pays_for_themselves() -> None:
    alice, kommune = make_member("Alice"), make_non_member("Kommunen", "")
    households.pay_for(people=[alice], payer=kommune, at=NOW, by=None)
    assert list(kommune.pays_for.all()) == [alice]
    with pytest.raises(Refused, match="somebody else"):
        households.pay_for(people=[alice], payer=alice, at=NOW, by=None)
    households.pay_for(people=[alice], payer=None, at=NOW, by=None)
    assert not kommune.pays_for.exists()


# --- what somebody should look at --------------------------------------------------------------------------------


def without_main(bob: Member) -> None:
    Household.objects.update(main_member=None)


def main_dead(bob: Member) -> None:
    leaving.record_death(member=bob, died_on=TODAY, on=TODAY, at=NOW)


def main_left(bob: Member) -> None:
    periods.end(period=bob.periods.get(), on=TODAY, reason="resigned")


def payer_dead(bob: Member) -> None:
    payer = make_non_member("Per", "Payer")
    households.pay_for(people=[bob], payer=payer, at=NOW, by=None)
    leaving.record_death(member=payer, died_on=TODAY, on=TODAY, at=NOW)


def two_mains(bob: Member) -> None:
    main_type = MembershipType.objects.of_kind("household_main")
    assert main_type is not None
    home_of(bob).members.exclude(pk=bob.pk).get().periods.update(type=main_type)


def child_grows_up(bob: Member) -> None:
    Member.objects.exclude(pk=bob.pk).filter(household__isnull=False).update(born_on=date(1999, 12, 31))


LOOKS = {
    without_main: "The household has no main member, so nobody gets its invoice. Choose one.",
    main_dead: "The main member has died. Choose another main member.",
    main_left: "Bob Berg is the main member, and not a member any more.",
    payer_dead: "Per Payer, who pays, has died. Choose another payer.",
    two_mains: "More than one pays as main member: Berit Berg, Bob Berg.",
    child_grows_up: "Berit Berg turns 27 this year.",
}


@pytest.mark.parametrize("happens", LOOKS, ids=lambda function: function.__name__)
def test_each_warning_is_said_and_found_by_the_database(happens: Any) -> None:
    bob, _berit = make_household("Bob", "Berit").members
    assert look(home_of(bob)) == [] and to_look_at() == set()
    happens(bob)
    home = Household.objects.get()
    assert look(home) == [LOOKS[happens]]
    assert to_look_at() == {str(home)}


def test_the_other_household_is_not_looked_at() -> None:
    make_household("Charlie", "Carla", last_name="Chen")
    bob, _berit = make_household("Bob", "Berit").members
    main_dead(bob)
    assert to_look_at() == {"Bob Berg"}


def test_nobody_is_left_of_the_dead() -> None:
    bob = make_member("Bob", "Berg", type_code="FM")
    main_dead(bob)
    assert look(home_of(bob)) == [] and to_look_at() == set()


def test_a_trial_counts_as_what_it_becomes() -> None:
    bob, berit = make_household("Bob", "Berit", paid=False, trial=True).members
    child_grows_up(bob)
    assert look(home_of(bob)) == ["Berit Berg turns 27 this year."] and to_look_at() == {"Bob Berg"}
    assert berit.periods.get().is_trial


@pytest.mark.parametrize("year", [1998, 2000])
def test_others_do_not_turn_27(year: int) -> None:
    bob, berit = make_household("Bob", "Berit").members
    Member.objects.filter(pk=berit.pk).update(born_on=date(year, 1, 1))
    assert look(home_of(bob)) == [] and to_look_at() == set()


def test_people_who_should_be_in_a_household_and_are_in_none() -> None:
    make_member("Anna")
    _bob, berit = make_household("Bob", "Berit").members
    households.remove(member=berit)
    eva = make_member("Eva", "Eng")
    payer = make_non_member("Per", "Payer")
    households.pay_for(people=[eva], payer=payer, at=NOW, by=None)
    leaving.record_death(member=payer, died_on=TODAY, on=TODAY, at=NOW)
    found = {member: households.loose_warning(member=member, on=TODAY) for member in households.loose_members(on=TODAY)}
    assert found == {
        berit: "Has a household's membership and is in no household. Add the person to one, or change the membership.",
        eva: "Per Payer, who pays, has died. Choose another payer.",
    }


def test_who_waits_for_a_successor() -> None:
    bob, berit = make_household("Bob", "Berit").members
    alone = make_member("Alice")
    assert [households.needs_successor(member=member) for member in (bob, berit, alone)] == [True, False, False]
    households.pay_for(people=[berit], payer=alone, at=NOW, by=None)
    assert households.needs_successor(member=alone)
