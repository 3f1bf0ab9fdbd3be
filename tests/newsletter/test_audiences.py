"""Who gets a newsletter. Alice, Bob and Kåre have said yes; Charlie was never asked, Nina changed her mind."""

import pytest

from membership.models import MembershipType
from messaging import suppression
from newsletter import audiences
from newsletter.models import NewsletterPage
from tests import makers
from tests.newsletter.makers import NOW, TODAY, agree, make_newsletter, make_reader, make_website, withdraw

pytestmark = pytest.mark.django_db


def names(page: NewsletterPage) -> list[str]:
    return [m.first_names for m in audiences.members(page=page, on=TODAY).order_by("first_names")]


@pytest.fixture
def page() -> NewsletterPage:
    make_website()
    make_reader("Alice")
    make_reader("Bob", type_code="UTP", language="en")
    make_reader("Charlie", wants=False)
    withdraw(make_reader("Nina"))
    agree(makers.make_member("Trine", type_code="E", on=TODAY, paid=False, trial=True))
    agree(makers.make_non_member("Gunnar"))
    dead = make_reader("Dag")
    dead.died_on = TODAY
    dead.save()
    return make_newsletter()


def test_everybody_who_said_yes_and_nobody_else(page: NewsletterPage) -> None:
    assert names(page) == ["Alice", "Bob", "Gunnar", "Trine"]


def test_members_only(page: NewsletterPage) -> None:
    page.audience = NewsletterPage.Audience.MEMBERS
    assert names(page) == ["Alice", "Bob", "Trine"]


def test_those_who_have_paid(page: NewsletterPage) -> None:
    page.audience = NewsletterPage.Audience.PAID
    assert names(page) == ["Alice", "Bob"]


def test_by_type_and_language(page: NewsletterPage) -> None:
    page.audience_types.set([MembershipType.objects.get(code="UTP")])
    assert names(page) == ["Bob"]
    page.audience_language = "nb"
    assert names(page) == []
    assert audiences.describe(page) == (
        "Everybody who has said yes to newsletters; only Disabled, pensioner; only those who read Norwegian"
    )


def test_size_counts_addresses_not_people(page: NewsletterPage) -> None:
    make_reader("Allan", email="ALICE@example.no")
    make_reader("Anton", email="")
    make_reader("Kåre", email="kåre@example.no")
    suppression.suppress("bob@example.no", reason="The address was refused three times.", at=NOW)
    assert audiences.size(page=page, on=TODAY) == audiences.Size(members=7, addresses=5, without_address=1, blocked=2)
    assert audiences.size(page=page, on=TODAY).mails == 3
