"""The report of countable members: numbers for who may see members, names by POST and with a line in the log."""

import csv
import io
from datetime import date

import pytest
from django.test import Client
from wagtail.models import ModelLogEntry

from membership import roles
from membership.models import MembershipType
from tests.makers import make_member
from tests.membership.office.makers import admin_user, browser_with, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
REPORT = "/admin/reports/countable/"


def two() -> None:
    make_member("Ung", on=date(2025, 2, 1), born_on=date(2005, 1, 1))
    make_member("Gammel", on=date(2025, 2, 1), born_on=date(1950, 1, 1))


def test_the_page_and_its_list(office: Client) -> None:
    two()
    html = page(office, REPORT, purpose="any", takes_marked="on")
    assert "For 2025, 1 of 2 members count: 0 to 25 years old." in html
    assert "Ung Ås" in html
    assert "Gammel Ås" not in html
    assert "Gammel Ås" in page(office, REPORT, purpose="any", takes_marked="on", why="too_old")
    assert "Nobody belonged at the end of that year." in page(office, REPORT, year="1999")
    page(office, REPORT, year="abc", age_to="-1", why="nonsense", p="x")


def test_the_file_stands_in_the_log_of_each(office: Client) -> None:
    two()
    answer = office.post(f"{REPORT}?purpose=any&takes_marked=on", {"export": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = [[row[2], row[-1]] for row in csv.reader(io.StringIO(text), delimiter=";")]
    assert rows == [["First names", "Counts, or why not"], ["Gammel", "Too old"], ["Ung", "Counts"]]
    logged = ModelLogEntry.objects.filter(action="membership.member.exported")
    assert [entry.data["purpose"] for entry in logged] == ["Countable members 2025"] * 2


def test_names_leave_only_with_the_right_to_export() -> None:
    two()
    browser = browser_with(roles.TREASURERS)
    assert "Everybody with the reason" not in page(browser, REPORT)
    assert browser.post(REPORT, {"export": "csv"}).status_code == 302
    assert not ModelLogEntry.objects.filter(action="membership.member.exported").exists()
    assert browser_with(roles.AUDITORS).get(REPORT).status_code == 302


def test_the_type_is_called_what_the_reader_calls_it(office: Client) -> None:
    make_member("Ung", on=date(2025, 2, 1), born_on=date(2005, 1, 1))
    MembershipType.objects.filter(code="E").update(name_nb="Enslig", name_en="Single")
    assert "Single" in page(office, REPORT, purpose="any", takes_marked="on")
    MembershipType.objects.filter(code="E").update(name_en="")
    assert "Enslig" in page(office, REPORT, purpose="any", takes_marked="on")
