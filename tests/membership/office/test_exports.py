"""Exports of the registry: the right, the purpose, the filtered rows only, and a line in each member's log."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from wagtail.models import ModelLogEntry

from core.models import User
from membership import roles
from membership.models import Member
from tests.makers import make_member, make_non_member
from tests.membership.office.makers import admin_user, browser_with, fixed_day, office, page
from tests.membership.office.test_member import secret_member

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
EXPORT = "/admin/members/export/"
HEADINGS = [
    "Member number", "Surname", "First names", "Person or organisation", "Date of birth", "E-mail", "Mobile",
    "Work phone", "Address", "Address, second line", "Postcode", "Place", "Country", "Language", "Status",
    "Membership type", "Member since", "Registered on", "Organisation number", "Contact person", "Household",
    "Recruited by",
]  # fmt: skip
OFFICE_HEADINGS = [
    "Payer", "Office notes", "Own price", "Own price until", "Converts to", "Old id", "Log-in link sent",
]  # fmt: skip


def exported(client: Client, query: str = "", **data: str) -> list[list[str]]:
    """The rows of the CSV file."""
    answer = client.post(EXPORT + query, {"purpose": "Årsmøte", "file_type": "csv", "columns": "every", **data})
    assert answer["Content-Type"].startswith("text/csv"), answer.content.decode()
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_the_file_holds_the_filtered_rows_and_no_other(office: Client) -> None:
    make_member("Alice", "Ås", mobile="+4791234567")
    make_member("Bob", "Berg", email="bob@example.no", born_on=date(1950, 1, 2))
    rows = exported(office, "?q=ås&status=active")
    assert rows[0] == HEADINGS + OFFICE_HEADINGS
    assert [row[:17] for row in rows[1:]] == [
        ["1", "Ås", "Alice", "person", "1980-05-17", "alice@example.no", "912 34 567", "", "Fjordgata 1", "", "7010",
         "Trondheim", "Norway", "Norwegian", "active", "Individual (ordinary membership)", "2026-03-10"],
    ]  # fmt: skip


def test_the_file_shows_what_the_list_shows(office: Client) -> None:
    make_member("Alice", "Ås", mobile="+4791234567")
    assert exported(office, columns="shown") == [
        ["Surname", "First names", "Member number", "Status", "Membership type", "Postcode", "Place", "E-mail",
         "Mobile"],
        ["Ås", "Alice", "1", "active", "Individual (ordinary membership)", "7010", "Trondheim", "alice@example.no",
         "912 34 567"],
    ]  # fmt: skip
    assert exported(office, "?columns=born_on&columns=household", columns="shown") == [
        ["Surname", "First names", "Date of birth", "Household"],
        ["Ås", "Alice", "1980-05-17", ""],
    ]


def test_excel(office: Client) -> None:
    make_member("Alice", "=Ås")
    answer = office.post(EXPORT, {"purpose": "Årsmøte", "file_type": "xlsx", "columns": "every"})
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert list(rows[0]) == HEADINGS + OFFICE_HEADINGS
    assert rows[1][:3] == ("1", "'=Ås", "Alice")


def test_without_the_right_to_office_fields_their_columns_do_not_exist() -> None:
    secret_member()
    browser = browser_with(roles.MEMBER_ADMINS)
    from django.contrib.auth.models import Group, Permission

    Group.objects.get(name=roles.MEMBER_ADMINS).permissions.remove(Permission.objects.get(codename="see_office_fields"))
    rows = exported(browser)
    assert rows[0] == HEADINGS
    assert "kaffe" not in str(rows) and "987654" not in str(rows)


@pytest.mark.parametrize("role", [roles.TREASURERS, roles.AUDITORS, roles.EDITORS])
@pytest.mark.parametrize("query", ["", "?export=csv", "?q=Alice"])
def test_without_the_right_there_is_no_file(role: str, query: str) -> None:
    make_member()
    browser = browser_with(role)
    for answer in (browser.get(EXPORT + query), browser.post(EXPORT + query, {"purpose": "x", "file_type": "csv"})):
        assert answer.status_code == 403
        assert b"alice@example.no" not in answer.content
    assert not ModelLogEntry.objects.filter(action="membership.member.exported").exists()


@pytest.mark.parametrize("purpose", ["", "   ", "x" * 251, "a\r\nb"])
def test_without_a_purpose_there_is_no_file(office: Client, purpose: str) -> None:
    make_member()
    answer = office.post(EXPORT, {"purpose": purpose, "file_type": "csv"})
    assert answer["Content-Type"].startswith("text/html")
    assert not ModelLogEntry.objects.filter(action="membership.member.exported").exists()


def test_each_member_on_the_list_can_see_who_exported_it_and_why(office: Client, admin_user: User) -> None:
    alice, bob = make_member("Alice", "Ås"), make_member("Bob", "Berg", email="bob@example.no")
    make_non_member("Nina", "Nei")
    exported(office, "?status=active")
    entries = ModelLogEntry.objects.filter(action="membership.member.exported")
    assert {(entry.object_id, entry.user, entry.data["purpose"], entry.data["file"]) for entry in entries} == {
        (str(alice.pk), admin_user, "Årsmøte", "csv"),
        (str(bob.pk), admin_user, "Årsmøte", "csv"),
    }
    assert len({entry.uuid for entry in entries}) == 1
    assert "On an exported list: Årsmøte" in page(office, f"/admin/members/{alice.pk}/")


def test_the_form_says_how_many_and_which_columns(office: Client) -> None:
    make_member("Alice", "Ås")
    make_member("Bob", "Berg", email="bob@example.no")
    html = page(office, EXPORT, q="ås")
    assert "Export 1 member" in html
    assert ", ".join(HEADINGS) in html


def test_an_empty_list_gives_no_file(office: Client) -> None:
    answer = office.post(EXPORT + "?q=ingen", {"purpose": "Årsmøte", "file_type": "csv", "columns": "shown"})
    assert answer["Location"] == "/admin/members/?q=ingen"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_export_asks_the_same_number_of_questions(
    office: Client, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        make_member(f"Kari {number}", "Ås", email=f"kari{number}@example.no")
    exported(office)
    with django_assert_num_queries(13):
        assert len(exported(office)) == rows + 1
    assert Member.objects.count() == rows
