"""Offices with terms: electing, ending, who held what on a day."""

from datetime import date
from typing import Any

import pytest
from wagtail.models import ModelLogEntry

from core.errors import Refused
from membership import positions
from membership.models import Committee, Member, Position
from tests.makers import TODAY, make_member, make_user
from tests.membership.branch_makers import make_branch

pytestmark = pytest.mark.django_db
Office = Position.Office


def make_committee(name: str = "Board", **data: Any) -> Committee:
    return Committee.objects.create(name=name, **{"is_board": name == "Board", **data})


def elect(committee: Committee, member: Member, office: int = Office.MEMBER, **data: Any) -> Position:
    days = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31), **data}
    return positions.elect(committee=committee, member=member, office=office, by=None, **days)


def test_who_held_what_on_a_day_in_the_order_of_the_offices() -> None:
    board, group = make_committee(), make_committee("Election committee")
    local = make_committee("Board", branch=make_branch())
    alice, bob = make_member("Alice"), make_member("Bob", email="bob@example.no")
    elect(board, bob)
    elect(board, alice, Office.LEADER)
    elect(board, bob, Office.LEADER, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))
    elect(local, bob, Office.LEADER)
    elect(group, alice, ends_on=None, title="Webmaster")
    rows = [(row.committee, row.shown_title, row.member) for row in positions.on_a_date(TODAY)]
    assert rows == [
        (board, "leader", alice), (board, "member of the committee", bob), (local, "leader", bob),
        (group, "Webmaster", alice),
    ]  # fmt: skip
    assert [row.member for row in positions.board(on=TODAY)] == [alice, bob]
    assert [row.member for row in positions.board(on=date(2025, 12, 31))] == [bob]
    assert not positions.board(on=date(2027, 1, 1)).exists()
    assert str(local) == "Board, Oslo"


@pytest.mark.parametrize(
    ("days", "is_refused"),
    [
        ({"starts_on": date(2026, 12, 31), "ends_on": None}, True),
        ({"starts_on": date(2025, 1, 1), "ends_on": date(2026, 1, 1)}, True),
        ({"starts_on": date(2025, 1, 1), "ends_on": None}, True),
        ({"starts_on": date(2027, 1, 1), "ends_on": None}, False),
        ({"starts_on": date(2025, 1, 1), "ends_on": date(2025, 12, 31)}, False),
        ({"starts_on": date(2027, 2, 1), "ends_on": date(2027, 1, 1)}, True),
    ],
)
def test_two_terms_of_the_same_office_never_overlap(days: dict[str, Any], is_refused: bool) -> None:
    board, alice = make_committee(), make_member()
    elect(board, alice)
    if is_refused:
        with pytest.raises(Refused):
            elect(board, alice, **days)
    else:
        elect(board, alice, **days)
    assert Position.objects.count() == (1 if is_refused else 2)


def test_the_dead_and_organisations_hold_none() -> None:
    board = make_committee()
    dead, company = make_member(), make_member("Firma", "AS", email="firma@example.no")
    Member.objects.filter(pk=company.pk).update(kind="organisation")
    Member.objects.filter(pk=dead.pk).update(died_on=TODAY)
    for member in Member.objects.filter(pk__in=[dead.pk, company.pk]):
        with pytest.raises(Refused):
            elect(board, member)


def test_a_term_ends_on_another_day_and_the_log_says_who() -> None:
    user, member = make_user(), make_member()
    position = elect(make_committee(), member)
    with pytest.raises(Refused):
        positions.end(position=position, last_on=date(2025, 12, 31), by=user)
    positions.end(position=position, last_on=TODAY, by=user)
    assert Position.objects.get().ends_on == TODAY
    assert ModelLogEntry.objects.get(action="membership.position.ended").user == user
