"""One member in the office: all on one screen, every look logged, office-only fields absent without the right."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from wagtail.models import ModelLogEntry

from core.models import User
from membership import consents, members, roles
from membership.models import Household, Member, MembershipType
from tests.makers import NOW, TODAY, make_household, make_member, make_non_member
from tests.membership.office.makers import admin_user, browser_of, browser_with, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
QUERIES = 33


def secret_member() -> Member:
    """Somebody whose every office-only field would show if it leaked."""
    member = make_member("Alice", "Ås", mobile="+4791234567")
    member.office_notes = "Skylder for kaffe"
    member.legacy_id = 987654
    member.special_price = Decimal("573.00")
    member.special_price_until = date(2031, 7, 8)
    member.converts_to = MembershipType.objects.get(code="UTP")
    member.login_link_sent_at = NOW.replace(year=2024, month=8, day=19)
    member.save()
    return member


SECRETS = ("kaffe", "987654", "573", "8 July 2031", "2031", "pensioner", "19.08.2024", "Only for the office")


def entries(member: Member) -> list[tuple[str, Any]]:
    rows = ModelLogEntry.objects.for_instance(member).order_by("timestamp", "pk")
    return [(row.action, row.data) for row in rows]


def test_the_page_shows_everything(office: Client) -> None:
    member = secret_member()
    consents.record(
        member=member, purpose="newsletter", channel="email", is_given=True, at=NOW, source="my_page", by=None
    )
    html = page(office, f"/admin/members/{member.pk}/")
    for text in (
        "Alice Ås", "alice@example.no", "912 34 567", "Fjordgata 1", "17 May 1980", "active",
        "Individual (ordinary membership) from 10 March 2026 until 31 December 2026", "kr\u00a0400", "Newsletter",
        *SECRETS[:4],
    ):  # fmt: skip
        assert text in html, text
    assert re.findall(r'<section class="office-panel" id="([a-z-]+)"', html)[:3] == [
        "contact",
        "office-only",
        "household",
    ]


@pytest.mark.parametrize("periods", [1, 3])
def test_the_page_asks_the_same_number_of_questions_however_long_the_history(
    office: Client, periods: int, django_assert_num_queries: Any
) -> None:
    member = make_member(on=date(2026, 1, 1))
    for year in range(periods - 1):
        earlier = make_member(f"E{year}", "Ås", on=date(2024 - year, 1, 1)).periods.get()
        earlier.member = member
        earlier.save()
    page(office, f"/admin/members/{member.pk}/")
    with django_assert_num_queries(QUERIES):
        page(office, f"/admin/members/{member.pk}/")


def test_looking_leaves_a_line_without_values(office: Client, admin_user: User) -> None:
    member = secret_member()
    page(office, f"/admin/members/{member.pk}/")
    entry = ModelLogEntry.objects.for_instance(member).get(action="membership.member.viewed")
    assert (entry.user, entry.data) == (admin_user, {})


def test_without_the_right_office_fields_are_absent() -> None:
    member = secret_member()
    members.change(member=member, changes={"office_notes": "Skylder for kake"}, at=NOW, by=None)
    members.change(member=member, changes={"place": "Oslo", "special_price": Decimal("99")}, at=NOW, by=None)
    browser = browser_with(roles.TREASURERS)
    html = page(browser, f"/admin/members/{member.pk}/")
    assert "Alice Ås" in html
    for secret in (*SECRETS, "kake", "Office notes", "office notes", "own price"):
        assert secret not in re.sub(r"<(script|style)\b.*?</\1>|csrf\S+|nonce\S+|\?v=\w+", "", html, flags=re.S), secret
    assert "Changed: place" in html


def test_with_the_right_the_log_names_the_office_fields(office: Client) -> None:
    member = secret_member()
    members.change(member=member, changes={"office_notes": "Skylder for kake"}, at=NOW, by=None)
    assert "Changed: office notes" in page(office, f"/admin/members/{member.pk}/")


def form_of(client: Client, address: str) -> dict[str, str]:
    """Every field on the page's form with the value it has, as a browser would send it."""
    form = client.get(address).context["form"]
    data = {}
    for field in form:
        value = field.value()
        data[field.html_name] = "" if value is None else getattr(value, "pk", value)
    return {name: value for name, value in data.items() if value is not False}


def test_editing_changes_through_the_story_and_logs_names_only(office: Client, admin_user: User) -> None:
    member = secret_member()
    address = f"/admin/members/{member.pk}/edit/"
    data = form_of(office, address) | {
        "first_names": "Ålice", "mobile": "900 12 345", "postcode": "0150", "place": "", "office_notes": "Betalt",
    }  # fmt: skip
    answer = office.post(address, data)
    assert answer["Location"] == f"/admin/members/{member.pk}/"
    member.refresh_from_db()
    assert (member.first_names, member.mobile, member.place, member.office_notes) == (
        "Ålice", "+4790012345", "OSLO", "Betalt",
    )  # fmt: skip
    assert "ålice" in member.search_text
    entry = ModelLogEntry.objects.for_instance(member).get(action="membership.member.changed")
    assert entry.user == admin_user
    assert set(entry.data["fields"]) == {"first_names", "mobile", "postcode", "place", "office_notes"}
    assert "Betalt" not in str(entry.data)


def test_saving_without_a_change_writes_nothing(office: Client) -> None:
    member = secret_member()
    address = f"/admin/members/{member.pk}/edit/"
    before = entries(member)
    office.post(address, form_of(office, address))
    assert [entry for entry in entries(member) if entry[0] != "membership.member.viewed"] == before


def test_an_editor_without_the_right_can_neither_see_nor_send_office_fields() -> None:
    member = secret_member()
    browser = browser_with(roles.MEMBER_ADMINS)
    from django.contrib.auth.models import Group, Permission

    Group.objects.get(name=roles.MEMBER_ADMINS).permissions.remove(Permission.objects.get(codename="see_office_fields"))
    address = f"/admin/members/{member.pk}/edit/"
    html = page(browser, address)
    for name in ("office_notes", "special_price", "converts_to", "legacy_id", "login_link_sent_at"):
        assert f'name="{name}"' not in html
    browser.post(address, form_of(browser, address) | {"last_name": "Ny", "office_notes": "X", "special_price": "1"})
    member.refresh_from_db()
    assert (member.last_name, member.office_notes, member.special_price) == ("Ny", "Skylder for kaffe", Decimal("573"))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"last_name": ""}, "This must be filled in."),
        ({"last_name": "x" * 10_000}, "This is too long: 10000 characters. Use at most 120."),
        ({"last_name": "Ås\r\nBcc: x"}, "Write this on one line"),
        ({"born_on": "29.02.2025"}, "was not a leap year"),
        ({"born_on": "01.01.2099"}, "The date of birth is in the future. Check the year."),
        ({"email": "alice@example.no."}, "The address ends with a dot or comma."),
        ({"mobile": "12"}, "This is not a phone number."),
        ({"postcode": "701"}, "A Norwegian postcode has four digits."),
        ({"kind": "organisation"}, "An organisation has none."),
        ({"organisation_number": "988077917"}, "A person has none."),
        ({"special_price": "-1"}, ""),
    ],
)
def test_wrong_input_gets_a_sentence_and_keeps_what_was_typed(
    office: Client, typed: dict[str, str], sentence: str
) -> None:
    member = make_member()
    address = f"/admin/members/{member.pk}/edit/"
    answer = office.post(address, form_of(office, address) | {"first_names": "Ny", **typed})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in html
    assert 'value="Ny"' in html
    member.refresh_from_db()
    assert member.first_names == "Alice"


def test_an_own_price_without_a_date_ends_with_the_year(office: Client) -> None:
    member = make_member()
    address = f"/admin/members/{member.pk}/edit/"
    assert "Empty: 31 December of the year in which the price is given." in page(office, address)
    office.post(address, form_of(office, address) | {"special_price": "250"})
    member.refresh_from_db()
    assert (member.special_price, member.special_price_until) == (Decimal(250), date(2026, 12, 31))


def test_nobody_pays_for_themselves(office: Client) -> None:
    member = make_member()
    address = f"/admin/members/{member.pk}/edit/"
    html = office.post(address, form_of(office, address) | {"payer": member.pk}).content.decode()
    assert "Choose somebody else than the member, or nobody." in html


NEW = {
    "kind": "person", "first_names": "Kari", "last_name": "Nordmann", "born_on": "31.12.1990",
    "email": "kari@example.no",
    "mobile": "", "language": "nb", "address_line_1": "Vei 1", "postcode": "7010", "place": "", "country": "NO",
    "starts_on": "10.03.2026", "wanted_type": "", "household_of": "",
}  # fmt: skip


def test_registering_without_a_membership(office: Client) -> None:
    office.post("/admin/members/new/", NEW)
    member = Member.objects.get()
    assert (member.full_name, member.place, list(member.periods.all())) == ("Kari Nordmann", "TRONDHEIM", [])


@pytest.mark.parametrize(("trial", "code"), [({"with_trial": "on"}, "PR"), ({}, "E")])
def test_registering_a_member(office: Client, trial: dict[str, str], code: str) -> None:
    wanted = MembershipType.objects.get(code="E")
    answer = office.post("/admin/members/new/", NEW | {"wanted_type": wanted.pk} | trial)
    period = Member.objects.get().periods.get()
    assert answer["Location"] == f"/admin/members/{period.member_id}/"
    assert (period.type.code, period.starts_on, period.source) == (code, TODAY, "office")


def test_registering_into_a_household_makes_it_when_there_is_none(office: Client) -> None:
    alice = make_member("Alice", "Ås")
    secondary = MembershipType.objects.get(code="FM2")
    office.post("/admin/members/new/", NEW | {"wanted_type": secondary.pk, "household_of": alice.pk})
    household = Household.objects.get()
    assert household.main_member == alice
    assert {member.first_names for member in household.members.all()} == {"Alice", "Kari"}


def test_registering_somebody_who_is_there_already_asks_first(office: Client) -> None:
    make_member("Kari", "Nordmann", email="kari@example.no")
    html = office.post("/admin/members/new/", NEW).content.decode()
    assert "Somebody like this is in the registry already." in html
    assert Member.objects.count() == 1
    office.post("/admin/members/new/", NEW | {"is_somebody_else": "on"})
    assert Member.objects.count() == 2


def test_a_type_that_does_not_fit_is_refused_with_nothing_written(office: Client) -> None:
    young = MembershipType.objects.get(code="UNG")
    html = office.post("/admin/members/new/", NEW | {"wanted_type": young.pk}).content.decode()
    assert "26 or younger at the end of the year" in html
    assert not Member.objects.exists()


def test_resigning_takes_two_steps(office: Client) -> None:
    member = make_member(on=date(2026, 1, 5))
    address = f"/admin/members/{member.pk}/resign/"
    html = office.post(address, {"on": "01.03.2026"}).content.decode()
    assert "Alice Ås leaves, as asked on 1 March 2026." in html
    assert member.periods.get().ended_on is None
    answer = office.post(address, {"on": "01.03.2026", "confirmed": "1"})
    assert answer["Location"] == f"/admin/members/{member.pk}/"
    assert (member.periods.get().ended_on, member.periods.get().end_reason) == (date(2026, 3, 1), "resigned")


@pytest.mark.parametrize("verb", ["resign", "death"])
def test_the_future_is_not_recorded(office: Client, verb: str) -> None:
    member = make_member()
    html = office.post(f"/admin/members/{member.pk}/{verb}/", {"on": "11.03.2026"}).content.decode()
    assert "The date is in the future." in html


def test_leaving_twice_is_refused_with_a_sentence(office: Client) -> None:
    member = make_non_member()
    answer = office.post(f"/admin/members/{member.pk}/resign/", {"on": "01.03.2026", "confirmed": "1"})
    assert "has no membership to leave." in answer.content.decode()


def test_recording_a_death(office: Client) -> None:
    member = make_member(on=date(2026, 1, 5))
    office.post(f"/admin/members/{member.pk}/death/", {"on": "01.03.2026", "confirmed": "1"})
    member.refresh_from_db()
    assert member.died_on == date(2026, 3, 1)
    assert (
        "resign" not in page(office, f"/admin/members/{member.pk}/").split("office-panels")[0].split("office-head")[1]
    )


def test_excluding_keeps_the_reason_in_the_log(office: Client) -> None:
    member = make_member(on=date(2026, 1, 5))
    data = {"on": "01.03.2026", "reason": "Vedtak 4/26", "confirmed": "1"}
    office.post(f"/admin/members/{member.pk}/exclude/", data)
    assert "Excluded: Vedtak 4/26" in page(office, f"/admin/members/{member.pk}/")


def test_moving_in_handing_over_and_moving_out(office: Client) -> None:
    joined = make_household("Bob", "Berit")
    bob, berit = joined.members
    charlie = make_non_member("Charlie", "Dahl")
    office.post(f"/admin/members/{bob.pk}/move-in/", {"member": charlie.pk})
    office.post(f"/admin/members/{berit.pk}/hand-over/")
    office.post(f"/admin/members/{bob.pk}/move-out/")
    household = Household.objects.get()
    assert household.main_member == berit
    assert {member.first_names for member in household.members.all()} == {"Berit", "Charlie"}
    html = office.post(f"/admin/members/{berit.pk}/move-out/").content.decode()
    assert "is the main member. Choose another main member first." in html


@pytest.mark.parametrize("verb", ["resign", "exclude", "death", "move-in", "move-out", "hand-over", "edit"])
def test_nothing_is_done_by_looking_or_without_the_right(office: Client, verb: str) -> None:
    bob = make_household("Bob", "Berit").main_member
    address = f"/admin/members/{bob.pk}/{verb}/"
    assert office.get(address).status_code == 200
    treasurer = browser_of(User.objects.get(pk=browser_with(roles.TREASURERS).session["_auth_user_id"]))
    assert treasurer.get(address).status_code == 302
    assert treasurer.post(address, {"on": "01.03.2026", "confirmed": "1"}).status_code == 302
    bob.refresh_from_db()
    assert (bob.died_on, bob.household_id is None, bob.periods.get().ended_on) == (None, False, None)


def test_another_member_that_is_not_there_is_not_found(office: Client) -> None:
    for verb in ("", "edit/", "resign/"):
        assert office.get(f"/admin/members/999999/{verb}").status_code == 404
