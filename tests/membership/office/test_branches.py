"""Branches in the office: the list, making one with its officers, transferring one and many."""

from typing import Any

import pytest
from django.test import Client

from membership import bulk, roles
from membership.models import Branch, BulkRun, Member
from tests.makers import NOW, TODAY, make_member, make_user
from tests.membership.branch_makers import make_branch, make_officer, with_branches
from tests.membership.office.makers import admin_user, browser_with, fixed_day, names_on, office, page

__all__ = ["admin_user", "fixed_day", "office", "with_branches"]
pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("with_branches")
@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_number_of_questions(office: Client, rows: int, django_assert_num_queries: Any) -> None:
    for number in range(rows):
        make_officer(make_branch(f"B{number}", code=f"B{number}"))
    page(office, "/admin/branches/")
    with django_assert_num_queries(11):
        html = page(office, "/admin/branches/")
    assert html.count("/admin/members/?branch=") == rows


@pytest.mark.usefixtures("with_branches")
def test_a_branch_is_made_with_its_officers(office: Client) -> None:
    officer, other = make_officer(), make_user(roles.TREASURERS)
    form = office.get("/admin/branches/new/").context["form"]
    assert list(form.fields["officers"].queryset) == [officer]
    data = {"name": "Oslo", "code": "OSL", "parent": "", "postcodes": "01-02", "officers": [other.pk]}
    assert "is no postcode" in office.post("/admin/branches/new/", data).content.decode()
    data |= {"postcodes": "0001-1295", "officers": [officer.pk]}
    assert office.post("/admin/branches/new/", data).status_code == 302
    branch = Branch.objects.get()
    assert (branch.name, list(branch.officers.all())) == ("Oslo", [officer])


@pytest.mark.usefixtures("with_branches")
def test_one_is_transferred(office: Client) -> None:
    oslo, member = make_branch("Oslo"), make_member()
    assert "In no branch." in page(office, f"/admin/members/{member.pk}/")
    address = f"/admin/members/{member.pk}/transfer/"
    refused = office.post(address, {"to": oslo.pk, "transferred_on": "2026-03-11"})
    assert "The date is in the future" in refused.content.decode()
    assert office.post(address, {"to": oslo.pk, "transferred_on": "2026-03-01"}).status_code == 302
    assert "no branch → Oslo" in page(office, f"/admin/members/{member.pk}/")


@pytest.mark.usefixtures("with_branches")
def test_a_list_is_transferred_and_filtered(office: Client) -> None:
    oslo, town = make_branch("Oslo"), make_branch("Bergen")
    Branch.objects.filter(pk=town.pk).update(parent=oslo)
    for number in range(2):
        make_member(f"Kari {number}", "Ås", email=f"kari{number}@example.no")
    other = make_member("Berit", "Berg", email="berit@example.no")
    Member.objects.filter(pk=other.pk).update(branch=town)
    answer = office.post(
        "/admin/members/bulk/transfer/?branch=none",
        {"to": oslo.pk, "transferred_on": "2026-03-01", "confirmed": "2"},
    )
    assert answer.status_code == 302
    run = BulkRun.objects.get()
    bulk.carry_on(run_id=run.pk, on=TODAY, at=NOW)
    assert (run.total, BulkRun.objects.get().refused) == (2, [])
    assert Member.objects.filter(branch=oslo).count() == 2
    assert names_on(page(office, f"/admin/members/?branch={oslo.pk}")) == ["Berg, Berit", "Ås, Kari 0", "Ås, Kari 1"]
    assert names_on(page(office, f"/admin/members/?branch={town.pk}")) == ["Berg, Berit"]
    earlier = page(office, f"/admin/members/?branch={oslo.pk}&on=2026-02-28")
    assert names_on(earlier) == ["Berg, Berit"]
    assert "Oslo" in page(office, f"/admin/members/?branch={oslo.pk}&columns=branch")


def test_an_organisation_without_branches_sees_nothing_of_them(office: Client) -> None:
    branch, member = make_branch("Oslo"), make_member()
    assert office.get("/admin/branches/").status_code == 302
    for address in ("", "members/", f"members/?branch={branch.pk}&columns=branch", "members/new/",
                    f"members/{member.pk}/"):  # fmt: skip
        html = page(office, f"/admin/{address}")
        assert "Transfer to another branch" not in html, address
        assert "/admin/branches/" not in html, address
        assert "In no branch" not in html, address
    for address in ("bulk/transfer/", f"{member.pk}/transfer/"):
        assert office.get(f"/admin/members/{address}").status_code == 404


@pytest.mark.usefixtures("with_branches")
def test_only_member_admins_transfer(office: Client) -> None:
    member = make_member()
    for role in (roles.TREASURERS, roles.AUDITORS, roles.EDITORS, roles.BRANCH_OFFICERS):
        browser = browser_with(role)
        assert browser.get(f"/admin/members/{member.pk}/transfer/").status_code in {302, 403}, role
        assert browser.get("/admin/branches/").status_code == 302, role
        assert browser.get("/admin/members/bulk/transfer/").status_code == 403, role
