"""My page: whose it is, and what nobody else may see."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from core.models import User
from membership import leaving, roles
from membership.models import Member
from tests.makers import NOW, TODAY, make_household, make_member, make_user
from tests.membership.my_page.makers import PAGES, family, page, visit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", [*PAGES, "my_leaving_receipt", "my_page_choose", "my_page_nobody"])
def test_strangers_log_in_first_and_come_back(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert response.url == f"{reverse('account_login')}?next={reverse(name)}"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_answers_and_is_never_kept(name: str) -> None:
    response = visit(make_household("Bob", "Berit").main_member).get(reverse(name))
    assert (response.status_code, "no-store" in response["Cache-Control"]) == (200, True)
    assert response.content.count(b"<h1>") == 1


@pytest.mark.parametrize("name", PAGES)
def test_what_is_the_offices_is_on_no_page(name: str) -> None:
    alice = make_household("Alice", "Anna").main_member
    bob = make_member("Bob", "Berg", mobile="+4791111111")
    Member.objects.filter(pk=alice.pk).update(
        office_notes="SECRET", special_price=Decimal("123.45"), special_price_until=TODAY, legacy_id=987654321,
        converts_to=alice.periods.get().type, login_link_sent_at=NOW, payer=bob,
    )  # fmt: skip
    html = page(visit(alice), name)
    for leak in ("SECRET", "123", "987654321", "office_notes", "special_price", "legacy_id", "converts_to", "payer",
                 "Bob Berg", "bob@example.no", "911 11 111"):  # fmt: skip
        assert leak not in html, leak


@pytest.mark.parametrize("name", PAGES)
def test_the_household_sees_names_and_statuses_only(name: str) -> None:
    joined = make_household("Bob", "Berit")
    berit = joined.members[1]
    Member.objects.filter(pk=berit.pk).update(mobile="+4798765432", address_line_1="Hemmelig gate 9")
    html = page(visit(joined.main_member), name)
    for leak in ("berit@example.no", "987 65 432", "Hemmelig gate 9", f">{berit.member_number}<", "17 May 1980"):
        assert leak not in html or (leak == "17 May 1980" and name == "my_details"), leak


def test_there_is_no_address_with_somebody_in_it() -> None:
    assert all("<" not in reverse(name) and not any(c.isdigit() for c in reverse(name)) for name in PAGES)


def test_a_log_in_without_member_is_told_so(client: Client) -> None:
    client.force_login(make_user(roles.EDITORS))
    assert client.get(reverse("my_page")).url == reverse("my_page_nobody")
    assert client.get(reverse("my_page_nobody")).status_code == 200
    assert client.get(reverse("my_log_in")).status_code == 200


def test_the_office_gets_a_link_to_the_office_and_members_none() -> None:
    alice = make_member()
    assert reverse("wagtailadmin_home") not in page(visit(alice), "my_page")
    User.objects.filter(pk=alice.user_id).update(is_superuser=True)
    assert reverse("wagtailadmin_home") in page(visit(Member.objects.get(pk=alice.pk)), "my_page")


def test_a_family_says_who_it_is_once_and_can_change() -> None:
    alice, anna, client = family()
    make_member("Bob", "Berg")
    response = client.get(reverse("my_household"))
    assert response.url == f"{reverse('my_page_choose')}?next=%2Fmin-side%2Fhusstand%2F"
    html = client.get(response.url).content.decode()
    assert ("Alice Ås" in html, "Anna Ås" in html, "Bob Berg" in html) == (True, True, False)
    answer = client.post(reverse("my_page_choose"), {"member": anna.pk, "next": "/min-side/husstand/"})
    assert answer.url == "/min-side/husstand/"
    assert "Hello, Anna" in page(client, "my_page")
    client.post(reverse("my_page_choose"), {"member": alice.pk})
    assert "Hello, Alice" in page(client, "my_page")


@pytest.mark.parametrize("wanted", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:x"])
def test_the_chooser_leads_nowhere_else(wanted: str) -> None:
    alice, _anna, client = family()
    assert client.post(reverse("my_page_choose"), {"member": alice.pk, "next": wanted}).url == reverse("my_page")


@pytest.mark.parametrize("who", ["bob", "nobody", "text"])
def test_nobody_can_choose_to_be_another(who: str) -> None:
    _alice, _anna, client = family()
    bob = make_member("Bob", "Berg")
    chosen = {"bob": str(bob.pk), "nobody": "99999", "text": "'; --"}[who]
    assert client.post(reverse("my_page_choose"), {"member": chosen}).status_code == 404
    session = client.session
    session["my_page_member"] = bob.pk
    session.save()
    assert client.get(reverse("my_page")).url.startswith(reverse("my_page_choose"))


def test_a_choice_ends_when_the_member_gets_a_log_in_of_their_own() -> None:
    alice, anna, client = family()
    client.post(reverse("my_page_choose"), {"member": anna.pk})
    Member.objects.filter(pk=anna.pk).update(user=make_user())
    assert "Hello, Alice" in page(client, "my_page")
    assert alice.user is not None


def test_the_dead_are_not_on_the_list() -> None:
    alice, anna, client = family()
    leaving.record_death(member=alice, died_on=TODAY, on=TODAY, at=NOW)
    assert f"Hello, {anna.first_names}" in page(client, "my_page")
