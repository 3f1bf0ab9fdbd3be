"""The office's day with a voter roll: rule, preview, freezing, appeals, the file; and who may not."""

import re
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client
from wagtail.models import ModelLogEntry

from membership import roles, voter_rolls
from membership.models import Branch, MembershipType, VoterRoll
from tests.makers import TODAY, make_member, make_user
from tests.membership.office.makers import admin_user, browser_of, browser_with, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db


def answers(**data: Any) -> dict[str, Any]:
    types = MembershipType.objects.filter(code__in=["E", "FM"]).values_list("pk", flat=True)
    return {"name": "General meeting", "counts_on": "2026-03-10", "types": list(types), "statuses": ["active"]} | data


def new_roll(office: Client, **data: Any) -> str:
    """The address of a roll made through the form."""
    answer = office.post("/admin/voter-rolls/new/", answers(**data))
    assert answer.status_code == 302, answer.context["form"].errors
    return str(answer["Location"])


def frozen_roll(office: Client) -> str:
    address = new_roll(office)
    assert office.post(f"{address}freeze/", {"confirmed": "1"}).status_code == 302
    return address


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_non_member_never_votes_whatever_the_mark_says(office: Client) -> None:
    make_member("Alice")
    MembershipType.objects.filter(code="NUL").update(has_vote=True)
    none = MembershipType.objects.get(code="NUL")
    assert none not in MembershipType.objects.voting()
    assert f'value="{none.pk}"' not in page(office, "/admin/voter-rolls/new/")
    refused = office.post("/admin/voter-rolls/new/", answers(types=[none.pk]))
    assert "types" in refused.context["form"].errors and not VoterRoll.objects.exists()


def test_from_the_rule_to_the_file(office: Client) -> None:
    make_member("Alice")
    unpaid = make_member("Una", paid=False)
    form = page(office, "/admin/voter-rolls/new/")
    assert form.count("checked") == MembershipType.objects.voting().count() + 1
    address = new_roll(office)
    html = words(page(office, address))
    assert "preview" in html
    assert "1 member may vote" in html
    assert "1 who belonged is left out: the status gives no vote 1" in html
    assert "Una Ås" in page(office, f"{address}people/?why=status")

    html = words(office.post(f"{address}freeze/").content.decode())
    assert "1 members may vote. 1 who belonged may not; the reason is kept for each." in html
    assert VoterRoll.objects.get().frozen_at is None
    assert office.post(f"{address}freeze/", {"confirmed": "1"}).status_code == 302
    make_member("Late", "Joiner")

    asked = {"member": unpaid.pk, "wants": "add", "raised_by": "Una", "reason": "Paid in cash", "received_on": TODAY}
    assert office.post(f"{address}appeal/", asked).status_code == 302
    appeal = VoterRoll.objects.get().appeals.get()
    decision = {"is_upheld": "yes", "by": "The board", "on": TODAY, "explanation": "Receipt shown"}
    assert office.post(f"{address}appeals/{appeal.pk}/", decision).status_code == 302
    html = words(page(office, address))
    assert "2 members may vote" in html
    assert "Una: Paid in cash upheld 10.03.2026, The board: Receipt shown" in html

    answer = office.post(f"{address}export/")
    assert "no-store" in answer["Cache-Control"]
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    assert sheet is not None
    rows = [[cell or "" for cell in row[1:4]] + [row[-1] or ""] for row in sheet.iter_rows(values_only=True)]
    assert rows == [
        ["Surname", "First names", "Place", "Voted"], ["Ås", "Alice", "Trondheim", ""], ["Ås", "Una", "Trondheim", ""],
    ]  # fmt: skip
    exported = ModelLogEntry.objects.filter(action="membership.member.exported")
    assert {entry.data["purpose"] for entry in exported} == {"Voter roll: General meeting"}
    assert exported.count() == 2


def test_a_frozen_rule_is_history_and_a_preview_is_no_file(office: Client) -> None:
    make_member("Alice")
    address = new_roll(office)
    assert office.get(f"{address}edit/").status_code == 200
    assert office.post(f"{address}export/").status_code == 302
    assert not ModelLogEntry.objects.filter(action="membership.member.exported").exists()
    assert "not frozen yet" in office.post(f"{address}appeal/", {
        "member": make_member("B").pk, "wants": "add", "raised_by": "B", "reason": "x", "received_on": TODAY,
    }).content.decode()  # fmt: skip
    office.post(f"{address}freeze/", {"confirmed": "1"})
    assert office.get(f"{address}edit/").status_code == 302
    assert office.post(f"{address}edit/", answers(name="Other")).status_code == 302
    assert VoterRoll.objects.get().name == "General meeting"
    assert office.post(f"{address}freeze/", {"confirmed": "1"}).status_code == 200


@pytest.mark.parametrize(("address", "queries"), [("", 12), ("people/", 12)])
def test_more_members_take_no_more_queries(
    office: Client, address: str, queries: int, django_assert_num_queries: Any
) -> None:
    make_member("Alice")
    roll = new_roll(office)
    page(office, roll + address)
    for count in (1, 3):
        with django_assert_num_queries(queries):
            page(office, roll + address)
        if count == 1:
            make_member("B")
            make_member("C")


def test_only_member_admins(office: Client) -> None:
    make_member("Alice")
    address = frozen_roll(office)
    for role in (roles.TREASURERS, roles.AUDITORS, roles.EDITORS, roles.BRANCH_OFFICERS):
        browser = browser_with(role)
        for place in ("/admin/voter-rolls/", "/admin/voter-rolls/new/", address, f"{address}people/",
                      f"{address}freeze/", f"{address}appeal/", f"{address}export/"):  # fmt: skip
            assert (role, place, browser.get(place).status_code) == (role, place, 302)


def test_who_sees_one_branch_sees_its_rolls_only(office: Client) -> None:
    """A role somebody made by hand: the right to voter rolls, and no right to every branch."""
    from django.contrib.auth.models import Group, Permission

    mine, other = (Branch.objects.create(name=name, code=name) for name in ("Mine", "Other"))
    make_member("Alice")
    rolls = []
    for branch in (mine, other, None):
        roll = VoterRoll.objects.create(name=f"Of {branch}", counts_on=date(2026, 3, 1), branch=branch)
        roll.types.set(MembershipType.objects.all())
        rolls.append(roll)
    group = Group.objects.create(name="By hand")
    group.permissions.set(Permission.objects.filter(codename__in=["access_admin", "view_voterroll", "view_member"]))
    user = make_user("By hand")
    mine.officers.add(user)
    browser = browser_of(user)
    html = page(browser, "/admin/voter-rolls/")
    assert "Of Mine" in html
    assert "Of Other" not in html
    assert "Of None" not in html
    for place in ("", "people/"):
        found = [browser.get(f"/admin/voter-rolls/{roll.pk}/{place}").status_code for roll in rolls]
        assert found == [200, 404, 404]
    assert voter_rolls.count(roll=rolls[0]).voting == 0
