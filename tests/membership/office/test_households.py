"""Households in the office: the list, the warnings, moving in."""

from typing import Any

import pytest
from django.test import Client

from membership import households, leaving, roles
from membership.models import Household
from tests.makers import NOW, TODAY, make_household, make_non_member
from tests.membership.office.makers import admin_user, browser_with, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
LIST = "/admin/households/"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_number_of_questions(office: Client, rows: int, django_assert_num_queries: Any) -> None:
    for number in range(rows):
        make_household(f"Bob{number}", f"Berit{number}", last_name=f"Berg{number}")
    page(office, LIST)
    with django_assert_num_queries(14):
        html = page(office, LIST)
    assert html.count("Berg") == rows


def test_a_household_is_found_by_anybody_who_lives_there(office: Client) -> None:
    make_household("Bob", "Øydis", last_name="Berg")
    make_household("Carl", "Cecilie", last_name="Dahl")
    html = page(office, f"{LIST}results/", q="øydis")
    assert "Berg, Bob" in html
    assert "Dahl, Carl" not in html


def test_warnings_are_shown_and_stop_nothing(office: Client) -> None:
    joined = make_household("Bob", "Berit")
    leaving.record_death(member=joined.main_member, died_on=TODAY, on=TODAY, at=NOW, by=None)
    household = Household.objects.get()
    html = page(office, f"{LIST}{household.pk}/")
    assert "The main member has died. Choose another main member." in html
    assert "Berit Berg" in html


def test_somebody_moves_in(office: Client) -> None:
    household = make_household("Bob", "Berit").household
    assert household is not None
    charlie = make_non_member("Charlie", "Dahl")
    office.post(f"{LIST}{household.pk}/add/", {"member": charlie.pk})
    charlie.refresh_from_db()
    assert charlie.household == household


def test_who_lives_elsewhere_is_refused_with_the_next_step(office: Client) -> None:
    first = make_household("Bob", "Berit").household
    other = make_household("Carl", "Cecilie", last_name="Dahl")
    assert first is not None
    html = office.post(f"{LIST}{first.pk}/add/", {"member": other.main_member.pk}).content.decode()
    assert "Carl Dahl is in a household already. Remove the person there first." in html


def test_only_those_without_main_member(office: Client) -> None:
    make_household("Bob", "Berit")
    lone = make_non_member("Anne", "Lie")
    household = households.form(members=[lone], main_member=lone, on=TODAY)
    household.main_member = None
    household.save()
    html = page(office, LIST, without_main_member="true")
    assert "Household without main member" in html
    assert "Berg, Bob" not in html


def test_the_treasurer_looks_and_changes_nothing() -> None:
    household = make_household("Bob", "Berit").household
    assert household is not None
    browser = browser_with(roles.TREASURERS)
    html = page(browser, f"{LIST}{household.pk}/")
    assert "Berit Berg" in html
    assert "Add somebody to the household" not in html
    assert browser.post(f"{LIST}{household.pk}/add/", {"member": make_non_member().pk}).status_code == 302
    assert household.members.count() == 2
