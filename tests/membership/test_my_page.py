"""My page: what members see and change, and what they must never see."""

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from unittest.mock import MagicMock

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from wagtail import hooks

from core.models import User
from membership import consents, leaving, roles
from membership.models import Consent, ConsentText, Member
from membership.my_page_sections import MyPageNotice, MyPageSection
from messaging.models import Message
from tests.makers import NOW, TODAY, make_household, make_member, make_non_member, make_user, set_up_client

pytestmark = pytest.mark.django_db

PAGES = (
    "my_page", "my_memberships", "my_household", "my_details", "my_consents", "my_log_in", "my_leaving",
    "my_leaving_confirm",
)  # fmt: skip


@pytest.fixture(autouse=True)
def the_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The views read the clock; here it stands still."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    yield


def visit(member: Member, language: str = "en") -> Client:
    """The member's browser, logged in."""
    client = Client(headers={"accept-language": language})
    assert member.user is not None
    client.force_login(member.user)
    return client


def page(client: Client, name: str) -> str:
    response = client.get(reverse(name))
    assert response.status_code == 200, (name, response)
    return response.content.decode()


# --- who sees what ---------------------------------------------------------------------------------------------------


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


# --- who are you? ----------------------------------------------------------------------------------------------------


def family() -> tuple[Member, Member, Client]:
    alice = make_member("Alice")
    anna = make_non_member("Anna", "Ås", email="ALICE@example.no")
    assert anna.user == alice.user
    return alice, anna, visit(alice)


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


# --- status, memberships, household ----------------------------------------------------------------------------------


def test_the_first_page_says_where_one_stands_and_why() -> None:
    alice = make_member()
    html = page(visit(alice), "my_page")
    for words in ("Active", "10 March 2026 – 31 December 2026", alice.member_number, "paid 10 March 2026"):
        assert words.casefold() in html.casefold(), words


def test_each_term_has_its_price_and_reasons() -> None:
    alice = make_member()
    html = page(visit(alice), "my_memberships")
    assert "Price of" in html and "400" in html


def test_the_household_page_says_who_pays() -> None:
    joined = make_household("Bob", "Berit", "Bo")
    assert "You are the main member" in page(visit(joined.main_member), "my_household")
    html = page(visit(joined.members[1]), "my_household")
    assert "Bob Berg is the main member" in html
    assert html.count("person-card__name") == 3


@pytest.mark.parametrize(
    ("name", "queries"), [("my_page", 9), ("my_memberships", 8), ("my_household", 8), ("my_consents", 8)]
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


# --- my details ------------------------------------------------------------------------------------------------------

GOOD = {
    "first_names": "Alice", "last_name": "Åsen", "mobile": "912 34 567", "address_line_1": "Nygata 2",
    "address_line_2": "", "postcode": "0150", "place": "", "country": "NO", "language": "en", "gender": "",
}  # fmt: skip


def test_details_are_changed_and_logged_without_values() -> None:
    alice = make_member()
    response = visit(alice).post(reverse("my_details"), GOOD)
    assert response.url == reverse("my_details")
    alice.refresh_from_db()
    assert (alice.last_name, alice.mobile, alice.address_line_1, alice.postcode) == (
        "Åsen", "+4791234567", "Nygata 2", "0150",
    )  # fmt: skip
    assert alice.language == "en"


def test_only_what_members_may_edit_is_taken_from_a_post() -> None:
    alice = make_member()
    sent = {**GOOD, "office_notes": "x", "special_price": "1", "special_price_until": "2030-01-01", "legacy_id": "7",
            "email": "evil@example.no", "member_number": "1000", "born_on": "2020-01-01", "user": "1", "payer": "1",
            "household": "", "kind": "organisation", "died_on": "2020-01-01"}  # fmt: skip
    before = Member.objects.values().get(pk=alice.pk)
    visit(alice).post(reverse("my_details"), sent)
    after = Member.objects.values().get(pk=alice.pk)
    assert {name for name in after if after[name] != before[name]} <= {
        "last_name", "mobile", "address_line_1", "postcode", "place", "language", "search_text",
    }  # fmt: skip


WRONG = [
    ({"last_name": ""}, "last_name"),
    ({"last_name": "x" * 10_000}, "last_name"),
    ({"first_names": "A\r\nBcc: x"}, "first_names"),
    ({"mobile": "123"}, "mobile"),
    ({"mobile": "22 33 44 55"}, "mobile"),
    ({"postcode": "15"}, "postcode"),
    ({"address_line_1": "x" * 200}, "address_line_1"),
    ({"country": "XX"}, "country"),
    ({"language": "de"}, "language"),
    ({"last_name": "a\x00b"}, "last_name"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG)
def test_what_is_wrong_is_said_and_nothing_is_lost_or_written(wrong: dict[str, str], field: str) -> None:
    alice = make_member()
    before = Member.objects.values().get(pk=alice.pk)
    response = visit(alice).post(reverse("my_details"), {**GOOD, **wrong})
    html = response.content.decode()
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert "<title>Error: My details" in html
    assert "Nygata 2" in html or "address_line_1" in wrong
    assert Member.objects.values().get(pk=alice.pk) == before


def test_what_is_typed_is_inert() -> None:
    alice = make_member()
    client = visit(alice)
    client.post(reverse("my_details"), {**GOOD, "last_name": '"><img src=x onerror=1>'})
    for name in PAGES:
        assert "<img src=x" not in page(client, name)


def test_an_organisation_has_no_first_name_or_gender() -> None:
    acme = make_member("Acme", "Acme AS", born_on=None, email="post@acme.example")
    Member.objects.filter(pk=acme.pk).update(kind="organisation", first_names="")
    html = page(visit(acme), "my_details")
    assert 'name="first_names"' not in html and 'name="gender"' not in html


# --- consents --------------------------------------------------------------------------------------------------------


def answer(client: Client, choice: str, given: str, text: int | None = None) -> Any:
    purpose, channel = choice.split(":") if ":" in choice else (choice, "")
    found = ConsentText.objects.filter(purpose=purpose, channel=channel, language="en").first()
    pk = text or (found.pk if found else 0)
    return client.post(reverse("my_consents"), {"choice": choice, "given": given, "text": pk})


def test_giving_and_withdrawing_is_one_button_each_and_leaves_a_history() -> None:
    set_up_client()
    alice = make_member()
    client = visit(alice)
    for given in ("yes", "yes", "no", "no", "yes"):
        assert answer(client, "newsletter:email", given).url == reverse("my_consents")
    events = [(e.is_given, e.source, e.by, e.text.text if e.text else "") for e in alice.consents.all()]
    text = "I would like the newsletter by e-mail."
    assert events == [(given, "my_page", alice.user, text) for given in (True, False, True)]
    assert text in page(client, "my_consents")
    assert Member.objects.consenting("newsletter", "email").get() == alice


def test_words_that_changed_meanwhile_are_read_again() -> None:
    set_up_client()
    alice = make_member()
    old = ConsentText.objects.get(purpose="newsletter", language="en")
    ConsentText.objects.create(purpose="newsletter", channel="email", language="en", version=2, text="New words",
                               valid_from=TODAY)  # fmt: skip
    client = visit(alice)
    answer(client, "newsletter:email", "yes", text=old.pk)
    assert not alice.consents.exists()
    assert "New words" in page(client, "my_consents")


@pytest.mark.parametrize("choice", ["statutes", "privacy:", "newsletter:sms", "x", "", "newsletter:email:more"])
def test_only_what_is_a_choice_can_be_answered(choice: str) -> None:
    set_up_client()
    alice = make_member()
    response = visit(alice).post(reverse("my_consents"), {"choice": choice, "given": "no", "text": 1})
    assert response.status_code == 404
    assert not Consent.objects.exists()


def test_nothing_is_given_by_opening_an_address() -> None:
    set_up_client()
    alice = make_member()
    visit(alice).get(reverse("my_consents"), {"choice": "newsletter:email", "given": "yes"})
    assert consents.standing(member=alice) == {}


# --- leaving ---------------------------------------------------------------------------------------------------------


def test_leaving_takes_two_steps_and_gives_a_receipt() -> None:
    alice, bob = make_member(), make_member("Bob", "Berg")
    client = visit(alice)
    assert reverse("my_leaving_confirm") in page(client, "my_leaving")
    assert "10 March 2026" in page(client, "my_leaving_confirm")
    assert alice.periods.filter(ended_on__isnull=True).exists()
    response = client.post(reverse("my_leaving_confirm"), {"last_on": TODAY.isoformat()})
    assert response.url == reverse("my_leaving_receipt")
    assert "10 March 2026" in page(client, "my_leaving_receipt")
    assert alice.periods.get().end_reason == "resigned"
    assert bob.periods.get().end_reason == ""
    mail = Message.objects.get(template="resigned")
    assert (mail.address, "10. mars 2026" in mail.body_text) == ("alice@example.no", True)
    again = client.post(reverse("my_leaving_confirm"), {"last_on": TODAY.isoformat()})
    assert again.url == reverse("my_leaving")
    assert Message.objects.filter(template="resigned").count() == 1


def test_a_paid_term_is_kept_where_the_organisation_has_it_so(settings: Any) -> None:
    alice = make_member()
    membership = dataclasses.replace(settings.CLIENT.membership, leaving="period_end")
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=membership)
    client = visit(alice)
    assert "31 December 2026" in page(client, "my_leaving_confirm")
    client.post(reverse("my_leaving_confirm"), {"last_on": "2026-12-31"})
    assert alice.periods.get().last_day == TODAY.replace(month=12, day=31)


@pytest.mark.parametrize("sent", [{}, {"last_on": "2026-03-09"}, {"last_on": "never"}])
def test_nobody_leaves_on_another_day_than_the_page_said(sent: dict[str, str]) -> None:
    alice = make_member()
    assert visit(alice).post(reverse("my_leaving_confirm"), sent).status_code == 200
    assert alice.periods.get().end_reason == ""


def test_the_main_member_reads_what_happens_to_the_household() -> None:
    joined = make_household("Bob", "Berit")
    assert "Only you leave" in page(visit(joined.main_member), "my_leaving")
    assert "Only you leave" not in page(visit(joined.members[1]), "my_leaving")


def test_opening_the_pages_of_leaving_does_nothing() -> None:
    alice = make_member()
    client = visit(alice)
    for name in ("my_leaving", "my_leaving_confirm", "my_leaving_receipt"):
        client.get(reverse(name), {"last_on": TODAY.isoformat()})
    assert alice.periods.get().end_reason == ""


def test_without_a_membership_there_is_nothing_to_leave() -> None:
    nina = make_non_member()
    client = visit(nina)
    assert "no membership to leave" in page(client, "my_leaving")
    assert client.get(reverse("my_leaving_confirm")).url == reverse("my_leaving")


def test_a_post_without_the_token_does_nothing() -> None:
    alice = make_member()
    client = Client(enforce_csrf_checks=True)
    assert alice.user is not None
    client.force_login(alice.user)
    for name, sent in [("my_leaving_confirm", {"last_on": TODAY.isoformat()}), ("my_details", GOOD),
                       ("my_consents", {"choice": "newsletter:email", "given": "yes"})]:  # fmt: skip
        assert client.post(reverse(name), sent).status_code == 403
