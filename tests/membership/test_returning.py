"""An applicant who is in the registry already: the old entry gets the membership, and nobody is doubled."""

import dataclasses
import uuid
from datetime import date
from typing import Any

import pytest
from django.test import Client

from core.errors import Refused
from core.models import User
from membership import applications, campaigns, households, leaving, returning
from membership.consents import ConsentGiven
from membership.models import Application, Campaign, Household, Member, MembershipType
from messaging.models import Message
from tests.makers import (
    NOW,
    TODAY,
    at_noon,
    invoice_of,
    make_household,
    make_member,
    make_non_member,
    make_type,
    make_user,
    person,
)
from tests.membership.office.makers import admin_user, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
JOINED, LEFT = date(2024, 2, 1), date(2026, 2, 20)


@pytest.fixture(autouse=True)
def approval(settings: Any) -> None:
    """An organisation that approves, and lets a gap of 30 days pass."""
    membership = dataclasses.replace(settings.CLIENT.membership, approval=True, gap_days=30)
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=membership)


@pytest.fixture
def mona() -> User:
    return make_user("Member admins")


def former(first_names: str = "Alice", *, left: date = LEFT, **data: Any) -> Member:
    """A member since 2024 who has left."""
    member = make_member(first_names, on=date(2026, 1, 1), **data)
    Member.objects.filter(pk=member.pk).update(member_since=JOINED)
    member.refresh_from_db()
    leaving.resign(member=member, on=left, at=at_noon(left))
    return member


def waiting(*people: Any, code: str = "E", **options: Any) -> Application:
    application = applications.apply(
        token=uuid.uuid4(), people=people or [person("Alice", email="ny@example.no", mobile="+4791234567")],
        wanted_type=make_type(code), language="en", at=NOW,
        consents=[ConsentGiven(purpose="statutes"), ConsentGiven(purpose="newsletter", channel="email")], **options,
    )  # fmt: skip
    return applications.confirm(application=application, at=NOW)


def test_the_old_entry_takes_over_what_was_typed_and_gets_the_membership(mona: User) -> None:
    alice = former(address_line_2="Inngang B")
    number = alice.member_number
    application = returning.approve_as(application=waiting(), entry=alice, at=NOW, by=mona)
    alice = Member.objects.get()
    assert (alice.member_number, alice.email, alice.mobile, alice.language) == (
        number, "ny@example.no", "+4791234567", "en",
    )  # fmt: skip
    assert alice.address_line_2 == "Inngang B", "what was left empty changes nothing"
    assert alice.user is not None
    assert alice.user.email == "ny@example.no"
    assert alice.member_since == JOINED, "the gap is shorter than the organisation allows"
    term = alice.periods.latest("starts_on")
    assert (term.type.code, term.wanted_type, term.starts_on) == ("PR", make_type("E"), TODAY)
    assert {(c.purpose, c.channel) for c in alice.consents.all()} == {("statutes", ""), ("newsletter", "email")}
    assert (application.state, application.main_member) == ("joined", alice)
    assert application.possible_duplicates.count() == 0
    assert Message.objects.get(kind="welcome").address == "ny@example.no"
    returning.approve_as(application=application, entry=alice, at=NOW, by=mona)
    assert alice.periods.count() == 2


def test_after_too_long_a_gap_member_since_begins_anew(mona: User) -> None:
    alice = former(left=date(2026, 1, 20))
    returning.approve_as(application=waiting(), entry=alice, at=NOW, by=mona)
    alice.refresh_from_db()
    assert alice.member_since == TODAY


def test_a_family_comes_back_with_one_who_was_there(mona: User) -> None:
    alice = former()
    application = waiting(person("Alice", email="alice@example.no"), person("Bo", email=""), code="FM")
    returning.approve_as(application=application, entry=alice, at=NOW, by=mona)
    home = Household.objects.get()
    assert (home.main_member, home.members.count(), Member.objects.count()) == (alice, 2, 2)
    bo = Member.objects.get(first_names="Bo")
    assert [c.purpose for c in bo.consents.all()] == ["statutes"], "what is voluntary Bo says for herself"
    assert bo.periods.get().paid_with == alice.periods.latest("starts_on")


def test_the_rest_of_a_family_that_may_be_there_already_is_listed(mona: User, office: Client) -> None:
    """They are registered anew: the screen says so beforehand, and the application names who to merge with."""
    alice, bo = former(), former("Bo", email="bo@example.no")
    application = waiting(person("Alice", email="alice@example.no"), person("Bo", email="bo@example.no"), code="FM")
    first = office.post(f"/admin/applications/{application.pk}/same-person/", {"entry": alice.pk}).content.decode()
    assert "Registered anew, and moved in with Alice Ås: Bo Ås." in first
    assert f"They may be in the registry already: Bo Ås ({bo.member_number})." in first
    assert "Nobody is registered twice" not in first
    returning.approve_as(application=application, entry=alice, at=NOW, by=mona)
    assert list(application.possible_duplicates.all()) == [bo]
    assert Member.objects.filter(first_names="Bo").count() == 2


def gone(*names: str, last_name: str = "Berg") -> list[Member]:
    """A household whose membership has lapsed, the main member first."""
    family = make_household(*names, last_name=last_name, on=date(2026, 1, 1))
    for member in reversed(family.members):
        leaving.resign(member=member, on=LEFT, at=at_noon(LEFT))
    return [Member.objects.get(pk=member.pk) for member in family.members]


def test_a_family_that_was_there_comes_back_with_its_entries(mona: User, office: Client) -> None:
    bob, berit, bo = gone("Bob", "Berit", "Bo")
    before = Member.objects.filter(pk__in=[berit.pk, bo.pk]).order_by("pk").values()
    kept = list(before)
    form = [person("Bob", "Berg", place="Oslo"), person("Ny", "Berg", born_on=date(2025, 5, 1), email=""),
            person("bo", " BERG", email="tyv@example.no", mobile="+4799999999"), person("Berit", "Berg")]  # fmt: skip
    application = waiting(*form, code="FM")
    first = office.post(f"/admin/applications/{application.pk}/same-person/", {"entry": bob.pk}).content.decode()
    assert "back with their own entries, as these are: Bo Berg, Berit Berg." in first
    assert "Registered anew, and moved in with Bob Berg: Ny Berg." in first
    returning.approve_as(application=application, entry=bob, at=NOW, by=mona)
    ny = Member.objects.get(first_names="Ny")
    assert Member.objects.count() == 4
    assert list(before) == kept, "what somebody else typed changes nothing of theirs"
    terms = [(one, one.periods.latest("starts_on")) for one in (bob, ny, bo, berit)]
    assert {(term.starts_on, term.covers(TODAY)) for _one, term in terms} == {(TODAY, True)}
    assert {term.paid_with for _one, term in terms[1:]} == {terms[0][1]}
    assert {one.household_id for one, _term in terms} == {bob.household_id} | {ny.household_id}
    assert [c.purpose for c in bo.consents.filter(at=NOW)] == ["statutes"]
    assert application.possible_duplicates.count() == 0


@pytest.mark.parametrize("trick", ["other address", "born otherwise", "called otherwise", "lives elsewhere",
                                   "member still", "has died", "two alike"])  # fmt: skip
def test_whoever_may_be_mistaken_is_reached_by_nobodys_form(mona: User, trick: str) -> None:
    bob, berit, bo = gone("Bob", "Berit", "Bo")
    typed = person("Bo", "Berg")
    applicant = person("Bob", "Berg", email="tyv@example.no" if trick == "other address" else bob.email)
    if trick == "born otherwise":
        typed = person("Bo", "Berg", born_on=date(1980, 5, 18))
    elif trick == "called otherwise":
        typed = person("Boe", "Berg")
    elif trick == "lives elsewhere":
        households.remove(member=bo)
    elif trick == "member still":
        bo.periods.update(ended_on=None, end_reason="")
    elif trick == "has died":
        Member.objects.filter(pk=bo.pk).update(died_on=TODAY)
    elif trick == "two alike":
        Member.objects.filter(pk=berit.pk).update(first_names="Bo")
    application = waiting(applicant, typed, code="FM")
    assert returning.recognised(application=application, entry=bob) == {}
    number = bo.periods.count()
    returning.approve_as(application=application, entry=bob, at=NOW, by=mona)
    assert Member.objects.count() == 4 and bo.periods.count() == number


@pytest.mark.parametrize("has_trial", [True, False])
def test_the_price_that_a_code_promised_counts(mona: User, office: Client, has_trial: bool) -> None:
    """Though a code is for the first period: the form said so, and took the use."""
    MembershipType.objects.filter(code="PR").update(is_given_at_signup=has_trial)
    campaign = Campaign.objects.create(code="HALV", name="Half", percent=50, valid_from=date(2026, 1, 1))
    alice = former()
    application = waiting(campaign=campaign)
    first = office.post(f"/admin/applications/{application.pk}/same-person/", {"entry": alice.pk}).content.decode()
    assert "200" in first and "Campaign “Half”" in first
    returning.approve_as(application=application, entry=alice, at=NOW, by=mona)
    assert alice.periods.latest("pk").price == 200
    assert [r["code"] for r in alice.periods.latest("pk").reasons] == ["base", "campaign"]
    assert invoice_of(alice).total == 200
    assert campaigns.uses(campaign) == 1


def test_the_recruiter_and_only_the_first_is_remembered(mona: User) -> None:
    vera, per = make_member("Vera", "Verver"), make_member("Per", "Verver")
    alice, bob = former(), former("Bob")
    Member.objects.filter(pk=bob.pk).update(recruited_by=per)
    for entry, name in ((alice, "Alice"), (bob, "Bob")):
        application = waiting(person(name), recruiter_number=vera.member_number)
        returning.approve_as(application=application, entry=entry, at=NOW, by=mona)
    assert list(Member.objects.filter(last_name="Ås").order_by("pk").values_list("recruited_by", flat=True)) == [
        vera.pk, per.pk,
    ]  # fmt: skip


def test_who_cannot_be_meant_is_refused_and_nothing_is_written(mona: User) -> None:
    alice = former()
    stranger = make_non_member("Nils", "Annen", email="n@example.no", born_on=date(1950, 1, 1), postcode="0150")
    member = make_member("Alice", email="alice@example.no")
    dead = former("Alice", email="d@example.no")
    Member.objects.filter(pk=dead.pk).update(died_on=TODAY)
    application = waiting()
    before = list(Member.objects.order_by("pk").values())
    for entry, sentence in ((stranger, "is not like anybody on the form"), (dead, "is not like anybody"),
                            (member, "has a membership until")):  # fmt: skip
        with pytest.raises(Refused, match=sentence):
            returning.approve_as(application=application, entry=entry, at=NOW, by=mona)
    assert list(Member.objects.order_by("pk").values()) == before
    applications.refuse(application=application, at=NOW, by=mona, reason="x")
    with pytest.raises(Refused, match="not waiting"):
        returning.approve_as(application=application, entry=alice, at=NOW, by=mona)


def test_who_lives_in_anothers_household_moves_out_first(mona: User) -> None:
    berit = make_household("Bob", "Berit").members[1]
    leaving.resign(member=berit, on=LEFT, at=at_noon(LEFT))
    application = waiting(person("Berit", "Berg", email="b@example.no"), person("Bo", "Berg", email=""), code="FM")
    with pytest.raises(Refused, match="lives in the household of Bob Berg"):
        returning.approve_as(application=application, entry=berit, at=NOW, by=mona)


def test_in_the_office_in_two_steps(office: Client) -> None:
    alice = former()
    application = waiting()
    address = f"/admin/applications/{application.pk}/same-person/"
    assert f"{address}?entry={alice.pk}" in page(office, f"/admin/applications/{application.pk}/")
    assert f"number {alice.member_number}, 17 May 1980" in page(office, address, entry=alice.pk)
    first = office.post(address, {"entry": alice.pk}).content.decode()
    assert f"Alice Ås, number {alice.member_number}, comes back as" in first
    assert "E-mail: “alice@example.no” becomes “ny@example.no”." in first
    assert Member.objects.get().email == "alice@example.no"
    office.post(address, {"entry": alice.pk, "confirmed": "1"})
    assert Member.objects.get().email == "ny@example.no"
    assert "This is the same person" not in page(office, f"/admin/applications/{application.pk}/")


def test_an_entry_that_the_form_cannot_mean_is_not_on_offer(office: Client) -> None:
    application = waiting()
    stranger = make_non_member("Nils", "Annen", email="n@example.no", born_on=date(1950, 1, 1), postcode="0150")
    address = f"/admin/applications/{application.pk}/same-person/"
    assert "Nils" not in page(office, address)
    assert office.post(address, {"entry": stranger.pk, "confirmed": "1"}).status_code == 200
    stranger.refresh_from_db()
    assert stranger.email == "n@example.no"
