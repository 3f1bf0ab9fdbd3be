"""Branches: where a postcode leads, transfers with their history, and who belonged where on a day."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import ModelLogEntry

from core.errors import Refused
from membership import branches
from membership.models import BranchTransfer, Member
from membership.models.branches import read_postcodes
from tests.makers import NOW, TODAY, make_member, make_user
from tests.membership.branch_makers import make_branch, with_branches

__all__ = ["with_branches"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_branches")]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", []),
        ("7010", [("7010", "7010")]),
        ("0150-0199, 7010", [("0150", "0199"), ("7010", "7010")]),
        ("0150 – 0199;94", [("0150", "0199"), ("9400", "9499")]),
        ("7\n8", [("7000", "7999"), ("8000", "8999")]),
    ],
)
def test_postcodes_are_read_as_people_write_them(text: str, pairs: list[tuple[str, str]]) -> None:
    assert read_postcodes(text) == pairs


@pytest.mark.parametrize("text", ["Oslo", "01501", "0199-0150", "01-02", "0150-", "०१५०-0199"])
def test_what_is_no_postcode_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read_postcodes(text)


def test_the_narrowest_range_wins() -> None:
    county, town = make_branch("Trøndelag", postcodes="70"), make_branch("Midtbyen", postcodes="7010-7014")
    assert branches.of_postcodes(["7010", "7099", "0150", "", "70100"]) == [town, county, None, None, None]


def test_who_joins_comes_to_the_branch_of_the_postcode() -> None:
    town = make_branch("Trondheim", postcodes="70")
    here, abroad = make_member("Alice"), make_member("Sven", country="SE")
    assert (here.branch, abroad.branch) == (town, None)


def test_without_branches_nobody_is_in_one(settings: Any) -> None:
    import dataclasses

    make_branch("Trondheim", postcodes="70")
    membership = dataclasses.replace(settings.CLIENT.membership, branches=False)
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=membership)
    assert make_member().branch is None


def transfer(member: Member, to: Any, on: date, **data: Any) -> bool:
    return branches.transfer(member=member, to=to, on=on, today=TODAY, at=NOW, by=data.get("by"))


def test_a_transfer_leaves_its_history() -> None:
    oslo, bergen, user = make_branch("Oslo"), make_branch("Bergen"), make_user()
    member = make_member()
    assert transfer(member, oslo, date(2026, 1, 1), by=user)
    assert transfer(member, bergen, date(2026, 2, 1), by=user)
    assert not transfer(member, bergen, date(2026, 3, 1), by=user)
    rows = BranchTransfer.objects.order_by("on").values_list("from_branch", "to_branch", "on", "made_by")
    assert list(rows) == [
        (None, oslo.pk, date(2026, 1, 1), user.pk),
        (oslo.pk, bergen.pk, date(2026, 2, 1), user.pk),
    ]
    entries = ModelLogEntry.objects.filter(action="membership.member.transferred")
    assert [entry.data for entry in entries] == [{}, {}]


@pytest.mark.parametrize(("on", "code"), [(date(2026, 3, 11), "future"), (date(2026, 1, 31), "history")])
def test_history_is_added_to_and_never_ahead(on: date, code: str) -> None:
    oslo, bergen = make_branch("Oslo"), make_branch("Bergen")
    member = make_member()
    transfer(member, oslo, date(2026, 2, 1))
    with pytest.raises(Refused) as refused:
        transfer(member, bergen, on)
    assert refused.value.code == code
    assert Member.objects.get(pk=member.pk).branch == oslo


def test_who_was_where_on_a_day() -> None:
    oslo, bergen = make_branch("Oslo", postcodes="70"), make_branch("Bergen")
    make_member("Stayer")
    mover, leaver = make_member("Mover"), make_member("Leaver")
    transfer(mover, bergen, date(2026, 2, 1))
    transfer(leaver, None, date(2026, 2, 1))

    def at(branch: Any, on: date, **data: Any) -> set[str]:
        found = branches.in_branches(Member.objects.all(), [branch.pk], on=on, **data)
        return {member.first_names for member in found}

    assert at(oslo, date(2026, 1, 31)) == {"Mover", "Stayer", "Leaver"}
    assert at(bergen, date(2026, 1, 31)) == set()
    assert at(oslo, date(2026, 2, 1)) == {"Stayer"}
    assert at(bergen, date(2026, 2, 1)) == {"Mover"}
    assert at(bergen, date(2026, 2, 1), with_none=True) == {"Mover", "Leaver"}


def test_a_branch_never_lies_below_itself() -> None:
    county = make_branch("County")
    town = make_branch("Town", parent=county)
    county.parent = town
    with pytest.raises(ValidationError):
        county.clean()
