"""Members by type on a day: numbers only, for those who may see members."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.test import Client

from membership import roles
from tests.makers import make_household, make_member, make_non_member
from tests.membership.office.makers import admin_user, browser_with, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
REPORT = "/admin/reports/members-by-type/"


def everybody() -> None:
    make_member("Old", "Hemmelig", on=date(2025, 2, 1), email="old@example.no")
    make_member("New", "Hemmelig", email="new@example.no")
    make_member("Unpaid", "Hemmelig", paid=False, email="unpaid@example.no")
    make_household("Main", "Second", last_name="Hemmelig")
    make_non_member("Nobody", "Hemmelig", email="")


def numbers(client: Client, **data: Any) -> dict[str, tuple[str, ...]]:
    """Members, paid and not paid by code, without the types that nobody has."""
    answer = client.get(REPORT, {"export": "csv", **data})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return {row[1]: tuple(row[2:]) for row in list(csv.reader(io.StringIO(text)))[1:] if row[2] != "0"}


def test_today_and_on_another_day(office: Client) -> None:
    everybody()
    assert numbers(office) == {"E": ("2", "1", "1"), "FM": ("1", "1", "0"), "FM2": ("1", "1", "0")}
    assert numbers(office, on="2025-06-01") == {"E": ("1", "1", "0")}


def test_the_page_adds_up_and_names_nobody(office: Client) -> None:
    everybody()
    html = page(office, REPORT)
    assert "On 10 March 2026: 4 members, of whom 3 have paid or have a free membership, and 1 have not paid." in html
    assert "Hemmelig" not in html


@pytest.mark.parametrize(("role", "status"), [(roles.TREASURERS, 200), (roles.AUDITORS, 302), (roles.EDITORS, 302)])
def test_who_may_see_it(role: str, status: int) -> None:
    browser = browser_with(role)
    assert browser.get(REPORT).status_code == browser.get(REPORT, {"export": "csv"}).status_code == status
