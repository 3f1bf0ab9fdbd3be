"""My page: where one stands, the terms, the household, and what other apps add."""

from typing import Any
from unittest.mock import MagicMock

import pytest
from django.http import HttpRequest
from pytest_django import DjangoAssertNumQueries
from wagtail import hooks

from membership import consents
from membership.models import Member
from membership.my_page.sections import MyPageNotice, MyPageSection
from tests.makers import NOW, make_household, make_member
from tests.membership.my_page.makers import page, visit

pytestmark = pytest.mark.django_db


def test_the_first_page_says_where_one_stands_and_why() -> None:
    alice = make_member()
    html = page(visit(alice), "my_page")
    for words in ("Active", "10 March 2026 – 31 December 2026", alice.member_number, "paid 10 March 2026"):
        assert words.casefold() in html.casefold(), words


def test_each_term_has_its_price_and_reasons() -> None:
    alice = make_member()
    html = page(visit(alice), "my_memberships")
    assert "Price of" in html and "400" in html


def test_a_trial_that_was_paid_at_once_is_no_term_of_its_own() -> None:
    alice = make_member(trial=True)
    assert [period.is_void for period in alice.periods.order_by("pk")] == [True, False]
    html = page(visit(alice), "my_memberships")
    assert html.count('<th scope="row">') == 1
    assert "9 March 2026" not in html


def test_the_household_page_says_who_pays() -> None:
    joined = make_household("Bob", "Berit", "Bo")
    assert "You are the main member" in page(visit(joined.main_member), "my_household")
    html = page(visit(joined.members[1]), "my_household")
    assert "Bob Berg is the main member" in html
    assert html.count("person-card__name") == 3


@pytest.mark.parametrize(
    ("name", "queries"), [("my_page", 12), ("my_memberships", 8), ("my_household", 12), ("my_consents", 7)]
)
@pytest.mark.parametrize("others", [1, 3])
def test_pages_cost_the_same_for_a_small_and_a_large_household(
    others: int,
    name: str,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The site's menu around it is counted where it belongs.
    monkeypatch.setattr("home.context_processors.menu_of", lambda request: MagicMock())
    bob = make_household("Bob", *["Berit", "Bo", "Brita"][:others]).main_member
    for purpose in ("newsletter", "information", "privacy")[:others]:
        consents.record(member=bob, purpose=purpose, channel="email", is_given=True, at=NOW, source="form")
    client = visit(bob)
    page(client, name)
    with django_assert_num_queries(queries):
        page(client, name)


def test_other_apps_add_sections_and_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = make_member()

    def section() -> MyPageSection:
        return MyPageSection(order=150, name="extra", label="Extra section", url_name="my_household")

    def notice(request: HttpRequest, member: Member, on: Any) -> MyPageNotice | None:
        return MyPageNotice(order=1, template="includes/empty_state.html", context={"title": f"To pay: {member}"})

    def silent(request: HttpRequest, member: Member, on: Any) -> MyPageNotice | None:
        return None

    with hooks.register_temporarily([("my_page_section", section), ("my_page_notice", notice),
                                     ("my_page_notice", silent)]):  # fmt: skip
        html = page(visit(alice), "my_page")
    assert html.index("Overview") < html.index("Extra section") < html.index("My details")
    assert "To pay: Alice Ås" in html
