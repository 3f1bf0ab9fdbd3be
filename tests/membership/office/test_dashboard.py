"""The office's first page: numbers that are links to exactly those they count, for those who may see them."""

import re
from datetime import date

import pytest
from django.http import HttpRequest
from django.test import Client
from wagtail import hooks

from core.models import User
from membership import roles
from membership.office import dashboard
from membership.office.numbers import OfficeNumber, office_numbers
from messaging.models import Message
from tests.makers import NOW, TODAY, make_household, make_member, make_non_member, make_user
from tests.membership.office.makers import admin_user, browser_with, fixed_day, names_on, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db


def everybody() -> None:
    make_member("Old", "Ås", on=date(2026, 1, 5), email="old@example.no")
    make_member("New", "Ås", on=date(2026, 3, 2), email="new@example.no")
    make_member("Trial", "Ås", on=date(2026, 2, 20), trial=True, paid=False, email="trial@example.no")
    make_member("Late", "Ås", on=date(2026, 3, 9), trial=True, paid=False, email="late@example.no")
    make_non_member("Nobody", "Ås", email="nobody@example.no")


def numbers_of(html: str) -> dict[str, tuple[int, str]]:
    """Each number by its label, with its address."""
    found = re.findall(
        r'class="office-number[^"]*" href="([^"]*)">\s*<span[^>]*>(\d+)</span>\s*<span[^>]*>([^<]*)</span>', html
    )
    return {label: (int(count), address.replace("&amp;", "&")) for address, count, label in found}


def test_each_number_leads_to_the_list_of_those_it_counts(office: Client) -> None:
    everybody()
    numbers = numbers_of(page(office, "/admin/"))
    expected = {
        "Members": {"Old", "New", "Trial", "Late"},
        "New this month": {"New", "Late"},
        "Trials ending within 14 days": {"Trial"},
    }
    for label, names in expected.items():
        count, address = numbers[label]
        assert {name.split(", ")[1] for name in names_on(page(office, address))} == names, label
        assert count == len(names)


def test_who_joined_last_stands_first_whenever_they_were_registered(office: Client) -> None:
    everybody()
    make_member("Imported", "Ås", on=date(1999, 5, 17), email="imported@example.no")
    latest = page(office, "/admin/").partition('id="latest"')[2].partition("</section>")[0]
    names = re.findall(r'<a href="[^"]*">([^<]*) Ås</a>', latest)
    assert names == ["Late", "New", "Trial", "Old", "Imported"]


@pytest.mark.parametrize(
    ("role", "labels"),
    [
        (roles.MEMBER_ADMINS, {"Members", "New this month", "Applications waiting", "Trials ending within 14 days"}),
        (roles.TREASURERS, {"Members", "New this month", "Trials ending within 14 days"}),
        (roles.AUDITORS, set()),
        (roles.EDITORS, set()),
    ],
)
def test_only_numbers_one_may_see(role: str, labels: set[str]) -> None:
    everybody()
    html = page(browser_with(role), "/admin/")
    ours = {"Members", "New this month", "Applications waiting", "Trials ending within 14 days"}
    assert set(numbers_of(html)) & ours == labels
    assert ("Joined last" in html, "Members by month" in html) == (bool(labels), bool(labels))
    assert ("Late Ås" in html) == bool(labels)


def test_members_by_month() -> None:
    make_member("Old", "Ås", on=date(2025, 11, 5), email="old@example.no")
    make_household("Bob", "Berit", on=date(2026, 2, 28))
    rows = dashboard.members_by_month(on=TODAY, user=make_user("admin"))
    assert [count for _day, count in rows] == [0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 2, 2]
    assert (rows[0][0], rows[-2][0], rows[-1][0]) == (date(2025, 4, 30), date(2026, 2, 28), TODAY)


def test_an_empty_registry_shows_how_to_begin(office: Client) -> None:
    html = page(office, "/admin/")
    assert "Getting started" in html
    make_member()
    assert "Getting started" not in page(office, "/admin/")


def test_a_zero_has_no_colour_and_order_is_kept(rf: object, admin_user: User) -> None:
    request = HttpRequest()
    request.user = admin_user
    zero = OfficeNumber(order=1, label="Zero", count=0, url="/", tone="bad")
    with hooks.register_temporarily("office_number", lambda request, on: zero):
        numbers = office_numbers(request=request, on=TODAY)
    assert numbers[0].shown_tone == ""
    assert [number.order for number in numbers] == sorted(number.order for number in numbers)


def test_messages_in_trouble_lead_to_exactly_those(office: Client) -> None:
    for number, state in enumerate(("failed", "unknown", "bounced", "sent", "queued")):
        Message.objects.create(
            kind="welcome", recipient_ref=f"member:{number}", address=f"{state}@example.no", language="nb",
            unique_key=state, state=state, queued_at=NOW,
        )  # fmt: skip
    count, address = numbers_of(page(office, "/admin/"))["Messages in trouble"]
    html = page(office, address)
    shown = {state for state in ("failed", "unknown", "bounced", "sent", "queued") if f"{state}@example.no" in html}
    assert (count, shown) == (3, {"failed", "unknown", "bounced"})
