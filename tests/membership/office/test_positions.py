"""Committees and offices in the office."""

from typing import Any

import pytest
from django.test import Client

from membership import roles
from membership.models import Committee, Position
from tests.makers import make_member
from tests.membership.office.makers import admin_user, browser_with, fixed_day, office, page
from tests.membership.test_positions import elect, make_committee

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db


def test_a_committee_is_made_filled_and_ended(office: Client) -> None:
    assert "There are no committees yet" in page(office, "/admin/committees/")
    assert office.post("/admin/committees/new/", {"name": "Board", "is_board": "on", "branch": ""}).status_code == 302
    committee, member = Committee.objects.get(), make_member("Alice", "Ås")
    address = f"/admin/committees/{committee.pk}/"
    data = {"member": member.pk, "office": "1", "title": "", "starts_on": "2026-03-01", "ends_on": "2026-02-01"}
    assert "The last day is before the first" in office.post(f"{address}elect/", data).content.decode()
    assert office.post(f"{address}elect/", data | {"ends_on": ""}).status_code == 302
    position = Position.objects.get()
    html = page(office, address)
    assert "Alice Ås" in html and "leader" in html
    assert "leader" in page(office, f"/admin/members/{member.pk}/")
    assert office.post(f"/admin/committees/offices/{position.pk}/end/", {"last_on": "2026-03-05"}).status_code == 302
    assert "Nobody holds an office here." in page(office, address)
    assert "Alice Ås" in page(office, address)
    assert "Alice Ås" not in page(office, "/admin/reports/offices/")
    assert "Alice Ås" in page(office, "/admin/reports/offices/?on=2026-03-05")


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("address", ["committees/", "committees/{pk}/", "reports/offices/"])
def test_each_list_asks_the_same_number_of_questions(
    office: Client, rows: int, address: str, django_assert_num_queries: Any
) -> None:
    board = make_committee()
    for number in range(rows):
        elect(board, make_member(f"Kari {number}", "Ås", email=f"kari{number}@example.no"))
        make_committee(f"Group {number}")
    address = f"/admin/{address.format(pk=board.pk)}"
    page(office, address)
    with django_assert_num_queries(10):
        page(office, address)


def test_others_have_no_committees() -> None:
    elect(make_committee(), make_member("Alice", "Hemmelig"))
    board = Committee.objects.get()
    for role in (roles.TREASURERS, roles.AUDITORS, roles.EDITORS, roles.BRANCH_OFFICERS):
        browser = browser_with(role)
        for address in ("committees/", f"committees/{board.pk}/", f"committees/{board.pk}/elect/", "reports/offices/"):
            assert browser.get(f"/admin/{address}").status_code in {302, 403, 404}, (role, address)
