"""Counting members: on a date, by month, by the year they joined in. Whole results, with people who must not count."""

import dataclasses
from datetime import date
from typing import Any

import pytest

from membership import branches, leaving, numbers, periods, prices
from membership.models import Branch, Member, Period
from tests.makers import NOW, TODAY, make_household, make_member, make_non_member, make_type

pytestmark = pytest.mark.django_db


def counted(by: str, on: date = TODAY) -> dict[str, tuple[int, int]]:
    """Members and how many of them have paid, by the group's label, without the empty ones."""
    groups = numbers.members_by(by, terms=Period.objects.all(), on=on)
    return {group.label: (group.members, group.paid) for group in groups if group.members}


def term(member: Member, start: date, end: date | None, **data: Any) -> Period:
    """A paid term as it stands in the registry."""
    row = {"type": make_type("E"), "price": 0, "source": "imported", "opened_on": start, "confirmed_on": start}
    return Period.objects.create(**row | {"member": member, "starts_on": start, "ends_on": end} | data)


def months(on: date, count: int = 12) -> dict[str, tuple[int, int, dict[str, int], int]]:
    """Joined, came back, left by reason and members, by month; months in which nothing happened are left out."""
    rows = numbers.months(terms=Period.objects.all(), on=on, count=count)
    return {
        f"{row.first:%Y-%m}": (row.joined, row.came_back, row.left_by, row.members)
        for row in rows if row.came or row.left
    }  # fmt: skip


# --- on a date -------------------------------------------------------------------------------------------------------


def test_by_type() -> None:
    make_member("Old", on=date(2025, 2, 1))
    make_member("New")
    make_member("Unpaid", paid=False)
    make_member("Young", type_code="UNG", born_on=date(2005, 1, 1), on=date(2026, 1, 1))
    make_household("Main", "Second")
    make_non_member()
    assert counted("type") == {
        "Individual (ordinary membership)": (2, 1), "Family membership (main member)": (1, 1),
        "Family, secondary (not invoiced)": (1, 1), "Under 27": (1, 1),
    }  # fmt: skip
    assert counted("type", date(2025, 6, 1)) == {"Individual (ordinary membership)": (1, 1)}


def test_by_age_reached_in_the_year() -> None:
    """The day within the year does not matter: the bands are years of birth, as the registry's filter has them."""
    for name, born in (
        ("Ada", date(2011, 12, 31)), ("Bea", date(2012, 1, 1)), ("Cia", date(1999, 12, 31)), ("Dea", date(2000, 1, 1)),
        ("Eva", date(1940, 5, 1)), ("Fia", None),
    ):  # fmt: skip
        make_member(name, born_on=born)
    firm = make_member("Firma", "AS")
    Member.objects.filter(pk=firm.pk).update(kind="organisation")
    make_non_member(born_on=date(1940, 1, 1))
    assert counted("age") == {
        "0\u201314": (1, 1), "15\u201317": (1, 1), "18\u201326": (1, 1), "27\u201339": (1, 1), "80 and older": (1, 1),
        "Date of birth unknown": (1, 1), "Organisations": (1, 1),
    }  # fmt: skip


def test_by_postcode_area() -> None:
    for postcode in ("7010", "7099", "0150", "", "SW1A"):
        make_member(postcode=postcode)
    assert counted("area") == {
        "01xx": (1, 1), "70xx": (2, 2), "No postcode": (1, 1), "Postcodes of other countries": (1, 1),
    }  # fmt: skip


def test_by_branch_as_on_the_day() -> None:
    bergen, trondheim = (Branch.objects.create(name=name, code=name[:3]) for name in ("Bergen", "Trondheim"))
    alice = make_member("Alice", on=date(2026, 1, 5))
    make_member("Bob", on=date(2026, 1, 5))
    branches.transfer(member=alice, to=bergen, on=date(2026, 2, 1), today=TODAY, at=NOW, by=None)
    branches.transfer(member=alice, to=trondheim, on=date(2026, 3, 1), today=TODAY, at=NOW, by=None)
    assert counted("branch") == {"Trondheim": (1, 1), "In no branch": (1, 1)}
    assert counted("branch", date(2026, 2, 28)) == {"Bergen": (1, 1), "In no branch": (1, 1)}
    assert counted("branch", date(2026, 1, 31)) == {"In no branch": (2, 2)}


# --- month by month --------------------------------------------------------------------------------------------------


def test_joined_and_left_with_the_reasons() -> None:
    """One for each way in and out; renewals, conversions and void terms are neither."""
    make_member("New", on=date(2026, 2, 3))
    leaver = make_member("Leaver", on=date(2025, 6, 1))
    leaving.exclude(member=leaver, on=date(2025, 9, 10), at=NOW, by=None, reason="")
    gone = make_member("Gone", on=date(2025, 6, 20))
    Period.objects.filter(member=gone).update(ended_on=date(2025, 10, 1), end_reason="resigned")
    stayer = make_non_member("Stayer")
    term(stayer, date(2024, 5, 1), date(2024, 12, 31))
    term(stayer, date(2025, 1, 1), date(2025, 12, 31))
    term(stayer, date(2026, 1, 1), date(2026, 12, 31))
    forgetful = make_non_member("Forgetful")
    term(forgetful, date(2025, 1, 1), date(2025, 12, 31))
    back = make_non_member("Back")
    term(back, date(2023, 1, 1), date(2023, 12, 31))
    term(back, date(2026, 1, 20), date(2026, 12, 31))
    void = make_non_member("Void")
    term(void, date(2025, 7, 1), date(2025, 12, 31), ended_on=date(2025, 6, 30), end_reason="corrected")
    assert months(TODAY) == {
        "2025-06": (2, 0, {}, 4), "2025-09": (0, 0, {"excluded": 1}, 3), "2025-10": (0, 0, {"resigned": 1}, 2),
        "2025-12": (0, 0, {"": 1}, 2), "2026-01": (0, 1, {}, 2), "2026-02": (1, 0, {}, 3),
    }  # fmt: skip


def test_nobody_has_left_before_the_last_day_is_over() -> None:
    term(make_non_member(), date(2025, 2, 1), date(2025, 12, 31))
    assert months(date(2025, 12, 31)) == {"2025-02": (1, 0, {}, 1)}
    assert months(date(2026, 1, 1)) == {"2025-02": (1, 0, {}, 1), "2025-12": (0, 0, {"": 1}, 1)}


def test_a_gap_that_is_allowed_is_none(settings: Any) -> None:
    member = make_non_member()
    term(member, date(2025, 1, 1), date(2025, 12, 31))
    term(member, date(2026, 1, 31), date(2026, 12, 31))
    with_gap = dataclasses.replace(settings.CLIENT.membership, gap_days=30)
    without = dataclasses.replace(settings.CLIENT.membership, gap_days=29)
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=with_gap)
    assert months(TODAY, 10) == {}
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=without)
    assert months(TODAY, 10) == {"2025-12": (0, 0, {"": 1}, 1), "2026-01": (0, 1, {}, 1)}


def test_a_trial_that_is_paid_joins_once() -> None:
    member = make_member(on=date(2026, 1, 10), paid=False, trial=True)
    periods.confirm(period=member.periods.get(), on=date(2026, 1, 25))
    assert months(TODAY) == {"2026-01": (1, 0, {}, 1)}


# --- those who joined in one year ------------------------------------------------------------------------------------


def test_cohorts() -> None:
    def stayed(start: date, *years: int) -> None:
        member = make_non_member()
        for number, year in enumerate(years):
            term(member, start if not number else date(year, 1, 1), date(year, 12, 31))

    stayed(date(2024, 3, 1), 2024, 2025, 2026)
    stayed(date(2024, 6, 1), 2024, 2025)
    stayed(date(2024, 6, 1), 2024, 2026)  # away for a year, and back: still of 2024
    stayed(date(2025, 2, 1), 2025, 2026)
    stayed(date(2009, 2, 1), 2009, 2026)  # before the years that are shown
    old = make_non_member("Old")
    Member.objects.filter(pk=old.pk).update(member_since=date(2023, 8, 1))
    term(old, date(2026, 1, 1), date(2026, 12, 31))
    rows = numbers.cohorts(terms=Period.objects.all(), on=TODAY)
    assert [(row.year, row.joined, row.belonging) for row in rows] == [
        (2023, 1, (1, 1, 1, 1)), (2024, 3, (3, 2, 2)), (2025, 1, (1, 1)),
    ]  # fmt: skip
    assert rows[1].shares == (100, 67, 67)


def test_the_quote_has_nothing_to_do_with_counting() -> None:
    """A free membership counts as paid."""
    member = make_non_member()
    type_ = make_type("FM2")
    periods.open_periods(
        terms=[periods.Term(member=member, type=type_, starts_on=TODAY, ends_on=date(2026, 12, 31), source="office",
                            quote=prices.quote(member=member, type=type_, on=TODAY))],
        on=TODAY,
    )  # fmt: skip
    assert counted("type") == {type_.name: (1, 1)}
