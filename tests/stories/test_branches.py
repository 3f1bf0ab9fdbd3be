"""Branches: Nora moves from Oslo to Bergen. The officer of each sees those of their own branch, and nobody else."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import User
from membership import branches, roles
from membership.models import Branch, BranchTransfer, Member
from tests.makers import TODAY, at_noon, make_member, make_user, set_up_client
from tests.membership.branch_makers import make_officer, with_branches
from tests.membership.office.makers import browser_of, names_on

__all__ = ["with_branches"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_branches")]
MOVES_ON = TODAY + timedelta(days=40)
LATER = TODAY + timedelta(days=50)


@pytest.fixture(autouse=True)
def office_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[date]]:
    """The day on which the office sits at its screens; the test turns the leaf."""
    days = [TODAY]
    monkeypatch.setattr(timezone, "now", lambda: at_noon(days[-1]))
    yield days


class Organisation:
    """A county with two branches, an officer for each and one for the county, and the office above them."""

    def __init__(self) -> None:
        set_up_client()
        self.east = Branch.objects.create(name="Østlandet", code="EAST")
        self.oslo = Branch.objects.create(name="Oslo", code="OSL", parent=self.east, postcodes="0001-1299")
        self.bergen = Branch.objects.create(name="Bergen", code="BGO", postcodes="5000-5299")
        self.of_oslo, self.of_bergen = make_officer(self.oslo), make_officer(self.bergen)
        self.of_the_east = make_officer(self.east)
        self.admin = make_user(roles.MEMBER_ADMINS)
        self.nora = self._join("Nora", "0150")
        self.olav = self._join("Olav", "0560")
        self.berit = self._join("Berit", "5003")
        self.nils = self._join("Nils", "9730")

    def _join(self, name: str, postcode: str) -> Member:
        return make_member(name, "Nes", email=f"{name.lower()}@example.no", postcode=postcode)


def registry(user: User, **asked: Any) -> list[str]:
    """The first names on the registry's list, as somebody sees it."""
    answer = browser_of(user).get("/admin/members/", asked)
    assert answer.status_code == 200
    return [name.partition(", ")[2] for name in names_on(answer.content.decode())]


def may_open(user: User, member: Member) -> bool:
    """Whether the member's page is there for somebody, and says so by the name on it."""
    answer = browser_of(user).get(f"/admin/members/{member.pk}/")
    assert answer.status_code in {200, 404}
    return answer.status_code == 200 and member.full_name in answer.content.decode()


def transfer(browser: Client, member: Member, to: Branch, on: date) -> Any:
    """Transfer by the office's screen."""
    data = {"to": to.pk, "transferred_on": on.isoformat()}
    return browser.post(f"/admin/members/{member.pk}/transfer/", data)


def test_a_member_moves_and_the_officers_see_what_they_should(office_day: list[date]) -> None:
    here = Organisation()
    assert [member.branch for member in (here.nora, here.berit, here.nils)] == [here.oslo, here.bergen, None]
    assert registry(here.admin) == ["Berit", "Nils", "Nora", "Olav"]
    assert registry(here.of_oslo) == ["Nora", "Olav"]
    assert registry(here.of_the_east) == ["Nora", "Olav"], "what lies below a county is the county's too"
    assert registry(here.of_bergen) == ["Berit"]
    assert [may_open(user, here.nora) for user in (here.of_oslo, here.of_bergen)] == [True, False]

    refused = transfer(browser_of(here.of_oslo), here.nora, here.bergen, TODAY)
    assert refused.status_code in {302, 403, 404}
    assert not BranchTransfer.objects.exists(), "an officer does not send members away; the office does"

    office_day.append(LATER)
    answer = transfer(browser_of(here.admin), here.nora, here.bergen, MOVES_ON)
    assert answer.status_code == 302, answer.content.decode()
    assert registry(here.of_oslo) == registry(here.of_the_east) == ["Olav"]
    assert registry(here.of_bergen) == ["Berit", "Nora"]
    assert [may_open(user, here.nora) for user in (here.of_oslo, here.of_the_east, here.of_bergen)] == [
        False, False, True,
    ]  # fmt: skip
    there = browser_of(here.of_bergen).get(f"/admin/members/{here.nora.pk}/").content.decode()
    assert "Bergen" in there
    moves = BranchTransfer.objects.values_list("member__first_names", "from_branch__code", "to_branch__code", "on")
    assert list(moves) == [("Nora", "OSL", "BGO", MOVES_ON)]


def test_the_register_knows_who_belonged_where_on_a_day(office_day: list[date]) -> None:
    here = Organisation()
    office_day.append(LATER)
    transfer(browser_of(here.admin), here.nora, here.bergen, MOVES_ON)

    def in_oslo(on: date) -> list[str]:
        return registry(here.admin, branch=here.oslo.pk, on=on.isoformat())

    the_day_before = MOVES_ON - timedelta(days=1)
    assert in_oslo(the_day_before) == ["Nora", "Olav"]
    assert in_oslo(MOVES_ON) == ["Olav"]
    of_bergen = branches.in_branches(Member.objects.all(), [here.bergen.pk], on=the_day_before)
    assert [member.first_names for member in of_bergen] == ["Berit"]
    assert registry(here.of_bergen, on=the_day_before.isoformat()) == ["Berit", "Nora"], "a member is theirs today"


def test_an_officer_exports_and_searches_within_the_branch_only(office_day: list[date]) -> None:
    here = Organisation()
    assert registry(here.of_oslo, q="Nes") == ["Nora", "Olav"]
    assert registry(here.of_oslo, q="Berit") == []
    assert registry(here.of_oslo, branch=here.bergen.pk) in ([], ["Nora", "Olav"]), "another branch is no choice"
    sent = {"purpose": "Årsmøtet", "columns": "shown", "file_type": "csv"}
    file = browser_of(here.of_oslo).post("/admin/members/export/", sent)
    words = b"".join(file).decode() if file.streaming else file.content.decode()
    assert ("Nora" in words, "Olav" in words, "Berit" in words, "Nils" in words) == (True, True, False, False)

    office_day.append(LATER)
    transfer(browser_of(here.admin), here.nora, here.bergen, MOVES_ON)
    file = browser_of(here.of_oslo).post("/admin/members/export/", sent)
    words = b"".join(file).decode() if file.streaming else file.content.decode()
    assert ("Nora" in words, "Olav" in words) == (False, True)
