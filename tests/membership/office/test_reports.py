"""The reports of numbers: by type and more on a day, joined and left, who stays. Numbers only, no names."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.test import Client

from membership import roles
from tests.makers import make_household, make_member, make_non_member, make_type
from tests.membership.office.makers import admin_user, browser_with, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
MEMBERS, MOVEMENTS, COHORTS = (
    "/admin/reports/members/", "/admin/reports/joined-and-left/", "/admin/reports/who-stays/",
)  # fmt: skip
REPORTS = (MEMBERS, MOVEMENTS, COHORTS)


def everybody() -> None:
    make_member("Old", "Hemmelig", on=date(2025, 2, 1), email="old@example.no")
    make_member("New", "Hemmelig", email="new@example.no")
    make_member("Unpaid", "Hemmelig", paid=False, email="unpaid@example.no")
    make_household("Main", "Second", last_name="Hemmelig")
    make_non_member("Nobody", "Hemmelig", email="")


def file_rows(client: Client, address: str, **data: Any) -> list[list[str]]:
    answer = client.get(address, {"export": "csv", **data})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def by_code(client: Client, **data: Any) -> dict[str, tuple[str, ...]]:
    """Members, paid and not paid by code, without the types that nobody has."""
    return {row[1]: tuple(row[2:]) for row in file_rows(client, MEMBERS, **data)[1:] if row[2] != "0"}


def test_today_and_on_another_day(office: Client) -> None:
    everybody()
    assert by_code(office) == {"E": ("2", "1", "1"), "FM": ("1", "1", "0"), "FM2": ("1", "1", "0")}
    assert by_code(office, on="2025-06-01") == {"E": ("1", "1", "0")}


@pytest.mark.parametrize("by", ["type", "age", "area", "nonsense"])
def test_the_page_adds_up_and_names_nobody(office: Client, by: str) -> None:
    everybody()
    html = page(office, MEMBERS, by=by)
    assert "On 10 March 2026: 4 members, of whom 3 have paid or have a free membership, and 1 have not paid." in html
    assert "Hemmelig" not in html


def test_a_group_leads_to_just_these_in_the_registry(office: Client) -> None:
    everybody()
    make_member("Gone", "Hemmelig", on=date(2025, 2, 1))
    type_ = make_type("FM")
    link = (
        "/admin/members/?status=trial&amp;status=active&amp;status=awaiting_payment&amp;status=overdue"
        f"&amp;on=2026-03-10&amp;type={type_.pk}"
    )
    assert f'<a href="{link}">' in page(office, MEMBERS)
    html = page(office, link.replace("&amp;", "&"))
    assert "Hemmelig, Main" in html
    assert "Hemmelig, Second" not in html


def test_joined_and_left_and_who_stays(office: Client) -> None:
    everybody()
    rows = file_rows(office, MOVEMENTS)
    assert rows[0] == ["Month", "Joined", "Came back", "Not renewed", "Left", "Net", "Members at the end"]
    assert rows[-1] == ["March 2026", "4", "0", "0", "0", "4", "4"]
    assert rows[-4] == ["December 2025", "0", "0", "1", "1", "-1", "1"]
    assert file_rows(office, COHORTS) == [
        ["Joined in", "Joined", "2025", "10.03.2026"], ["2025", "1", "1", "0"], ["2026", "4", "", "4"],
    ]  # fmt: skip
    for address in (MOVEMENTS, COHORTS):
        assert "Hemmelig" not in page(office, address)


def test_nobody_there_yet(office: Client) -> None:
    for address in REPORTS:
        page(office, address, on="2020-02-29")
    assert "There is nothing to count yet." in page(office, COHORTS)


@pytest.mark.parametrize("address", REPORTS)
@pytest.mark.parametrize("export", ["csv", "xlsx", "", "nonsense"])
def test_who_may_see_it(address: str, export: str) -> None:
    expected = {roles.TREASURERS: 200, roles.AUDITORS: 302, roles.EDITORS: 302, roles.BRANCH_OFFICERS: 200}
    found = {role: browser_with(role).get(address, {"export": export}).status_code for role in expected}
    assert found == expected


@pytest.mark.parametrize(("address", "queries"), [(MEMBERS, 10), (MOVEMENTS, 11), (COHORTS, 9)])
def test_more_members_take_no_more_queries(
    office: Client, address: str, queries: int, django_assert_num_queries: Any
) -> None:
    page(office, address)
    for name in ("A", "B", "C"):
        make_member(name, "Hemmelig", on=date(2025, 2, 1))
        if name != "B":
            with django_assert_num_queries(queries):
                page(office, address)
