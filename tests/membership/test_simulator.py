"""The simulator: what next year would be by other rules, the same as the night does, and nothing written."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from membership import renewal, simulator
from membership.models import Household, Member, MembershipType, Period
from membership.simulator import Proposal, Row
from tests.makers import TODAY, at_noon, make_household, make_member, make_type
from tests.test_roles import snapshot

pytestmark = pytest.mark.django_db
NEXT = Proposal(year=2027)
OPENS = date(2027, 1, 2)


def rows(proposal: Proposal = NEXT, today: date = TODAY) -> list[Row]:
    found = simulator.simulate(terms=Period.objects.all(), proposal=proposal, today=today)
    return [row for _place, portion in found for row in portion]


def shown(found: list[Row]) -> dict[str, tuple[str, ...]]:
    """Type and price now, by present rules and as proposed, by first name."""
    codes = dict(MembershipType.objects.values_list("pk", "code"))

    def words(outcome: simulator.Outcome) -> str:
        return f"{codes[outcome.type_id]} {outcome.price:.0f}" if outcome.type_id else "none"

    return {row.member.first_names: (words(row.now), words(row.present), words(row.proposed)) for row in found}


def everybody() -> None:
    make_household("Main", "Second")
    make_member("Ordinary")
    make_member("Unpaid", paid=False)
    make_member("Young", type_code="UNG", born_on=date(2005, 1, 1))
    make_member("Grown", type_code="UNG", born_on=date(2000, 1, 1))
    Member.objects.filter(pk=make_member("Own").pk).update(special_price=50)
    Member.objects.filter(pk=make_member("Ends").pk).update(special_price=50, special_price_until=date(2026, 12, 31))
    Period.objects.filter(member=make_member("Life")).update(ends_on=None)
    Period.objects.filter(member=make_member("Leaves")).update(ended_on=date(2026, 12, 31), end_reason="resigned")
    Member.objects.filter(pk=make_member("Dead").pk).update(died_on=TODAY)


def test_without_a_proposal_it_is_the_renewal() -> None:
    everybody()
    Period.objects.filter(member__first_names="Unpaid").delete()
    make_type("UNG")
    MembershipType.objects.filter(code="UNG").update(age_to=26, ages_into=make_type("E"))
    found = shown(rows())
    assert {name: words[1] == words[2] for name, words in found.items()} == dict.fromkeys(found, True)
    renewal.open_due_periods(on=OPENS, at=at_noon(OPENS))
    opened = Period.objects.filter(starts_on=date(2027, 1, 1)).select_related("member", "type")
    really = {row.member.first_names: f"{row.type.code} {row.price:.0f}" for row in opened}
    assert {name: words[1] for name, words in found.items() if name not in {"Life", "Leaves"}} == really
    assert (found["Life"][1], found["Leaves"][1]) == ("E 0", "none")


def test_prices_ages_and_types_can_be_tried() -> None:
    everybody()
    young, ordinary, family = make_type("UNG"), make_type("E"), make_type("FM")
    proposal = Proposal(year=2027, changes={
        ordinary.pk: {"price": Decimal("500")}, family.pk: {"price": Decimal("700")},
        young.pk: {"age_to": 21, "ages_into_id": ordinary.pk},
    })  # fmt: skip
    assert shown(rows(proposal)) == {
        "Main": ("FM 600", "FM 600", "FM 700"), "Second": ("FM2 0", "FM2 0", "FM2 0"),
        "Ordinary": ("E 400", "E 400", "E 500"), "Unpaid": ("E 400", "E 400", "E 500"),
        "Young": ("UNG 150", "UNG 150", "E 500"), "Grown": ("UNG 150", "E 400", "E 500"),
        "Own": ("E 400", "E 50", "E 50"), "Ends": ("E 400", "E 400", "E 500"), "Life": ("E 400", "E 0", "E 0"),
        "Leaves": ("E 400", "none", "none"),
    }  # fmt: skip
    grown = next(row for row in rows(proposal) if row.member.first_names == "Grown")
    assert grown.proposed.why.startswith("Older than 21 at the end of the year, so no longer Under 27")


def test_another_year_ages_people() -> None:
    make_member("Young", type_code="UNG", born_on=date(2001, 6, 1))
    MembershipType.objects.filter(code="UNG").update(age_to=26, ages_into=make_type("E"))
    assert [shown(rows(Proposal(year=year)))["Young"][1] for year in (2027, 2028)] == ["UNG 150", "E 400"]


def test_the_year_that_is_renewed_already_starts_from_the_year_before() -> None:
    make_member("Old", on=date(2025, 2, 1))
    renewal.open_due_periods(on=date(2026, 1, 5), at=at_noon(date(2026, 1, 5)))
    make_member("New")
    assert shown(rows(Proposal(year=2026))) == {"Old": ("E 400", "E 400", "E 400")}


def test_nothing_is_written() -> None:
    """Not even where a household's main member has died and the renewal would hand it over."""
    everybody()
    family = make_household("Gone", "Heir", last_name="Hemmelig")
    Member.objects.filter(pk=family.main_member.pk).update(died_on=TODAY)
    before = snapshot()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = shown(rows(Proposal(year=2027, changes={make_type("E").pk: {"price": Decimal(1)}})))
    assert found["Heir"][1] == "E 400"
    assert snapshot() == before
    assert {query["sql"].split()[0] for query in queries.captured_queries} <= {"SELECT", "DECLARE", "FETCH", "CLOSE"}
    assert Household.objects.get(pk=family.main_member.household_id).main_member == family.main_member


def test_portions_keep_households_together_and_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody()
    make_household("Bob", "Berit", "Bo")
    whole = shown(rows())
    monkeypatch.setattr(simulator, "PORTION", 1)
    portions = list(simulator.simulate(terms=Period.objects.all(), proposal=NEXT, today=TODAY))
    homes = [{row.member.household_id for row in found} - {None} for _place, found in portions]
    assert sum(len(home) for home in homes) == 2
    assert shown([row for _place, found in portions for row in found]) == whole
    place = portions[1][0]
    rest = list(simulator.simulate(terms=Period.objects.all(), proposal=NEXT, today=TODAY, after=place))
    assert [key for key, _rows in rest] == [key for key, _rows in portions[2:]]


def test_more_members_take_no_more_queries(django_assert_num_queries: Any) -> None:
    for names in ([("A", "B")], [("C", "D"), ("E", "F")]):
        for family in names:
            make_household(*family)
        with django_assert_num_queries(5):
            rows()


def test_more_main_members_for_life_take_no_more_queries(django_assert_num_queries: Any) -> None:
    """Their own term is not up for renewal, and what the others follow is read for all homes at once."""
    for names in ([("A", "B")], [("C", "D"), ("E", "F")]):
        for family in names:
            main = make_household(*family).main_member
            Period.objects.filter(member=main).update(ends_on=None)
        with django_assert_num_queries(7):
            found = rows()
    assert [(row.member.first_names, row.present.price) for row in found if row.member.first_names in "BDF"] == [
        ("B", 0), ("D", 0), ("F", 0),
    ]  # fmt: skip
