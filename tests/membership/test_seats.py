"""Seats: as many as there are, held once, and worth something only while the organisation belongs."""

import datetime

import pytest

from core.errors import Refused
from core.models import User
from membership import invitations, leaving, members_group, periods, roles, seats
from membership.models import ContactPerson, Member, Seat
from tests.makers import NOW, TODAY, make_member, make_non_member, person
from tests.membership.household_makers import make_company

pytestmark = pytest.mark.django_db


def insiders() -> set[str]:
    return set(User.objects.filter(groups__name=roles.MEMBERS).values_list("email", flat=True))


def take(company: Member, member: Member) -> Seat:
    return seats.take(organisation=company, member=member, on=TODAY)


def test_seats_are_counted_from_the_type_or_the_organisation() -> None:
    company = make_company(seats=2)
    assert seats.count(organisation=company, on=TODAY) == 2
    seats.set_number(organisation=company, number=5)
    assert seats.count(organisation=company, on=TODAY) == 5
    seats.set_number(organisation=company, number=None)
    assert seats.count(organisation=company, on=TODAY) == 2


def test_the_last_seat_is_given_once() -> None:
    company = make_company(seats=1)
    ole, per = make_non_member("Ole", "Olsen"), make_non_member("Per", "Persen")
    first = take(company, ole)
    assert take(company, ole) == first
    with pytest.raises(Refused, match=r"All seats of Bedrift AS are taken or offered: 1"):
        take(company, per)
    seats.leave(seat=first, on=TODAY)
    take(company, per)
    assert [(seat.member, seat.left_on) for seat in Seat.objects.all()] == [(ole, TODAY), (per, None)]


def test_an_offer_keeps_its_seat_and_its_holder_gets_it() -> None:
    company = make_company(seats=1)
    row = invitations.invite_to_seat(organisation=company, inviter=None, email="ole@example.no", on=TODAY, at=NOW)
    with pytest.raises(Refused, match="taken or offered"):
        invitations.invite_to_seat(organisation=company, inviter=None, email="per@example.no", on=TODAY, at=NOW)
    ole = invitations.accept_new(
        invitation=row, data=person("Ole", "Olsen", address_line_1="", postcode="", place=""), consents=[],
        language="nb", on=TODAY, at=NOW,
    )  # fmt: skip
    assert company.seats.held().get().member == ole
    assert (ole.periods.count(), ole.household, ole.address_line_1) == (0, None, "")


def test_persons_have_no_seats_and_organisations_take_none() -> None:
    company, alice = make_company(), make_member("Alice")
    with pytest.raises(Refused, match="Alice Ås is a person"):
        take(alice, make_non_member())
    with pytest.raises(Refused, match="Alice Ås is a person"):
        seats.set_number(organisation=alice, number=3)
    with pytest.raises(Refused, match="living person"):
        take(company, company)
    with pytest.raises(Refused, match="Contact persons are people"):
        seats.name_contact(organisation=company, member=company)
    assert Seat.objects.count() == 0


def test_rights_follow_the_organisations_term_and_only_its() -> None:
    company = make_company()
    ole, alice = make_non_member("Ole", "Olsen"), make_member("Alice")
    take(company, ole)
    take(company, alice)
    assert insiders() == {"post@bedrift.example", "ole@example.no", "alice@example.no"}
    periods.end(period=company.periods.get(), on=TODAY, reason="resigned")
    assert insiders() == {"alice@example.no"}
    with pytest.raises(Refused, match="no running membership, and so no seats"):
        take(company, make_non_member("Siv", "Sivertsen"))


def test_the_night_takes_in_what_the_calendar_changes() -> None:
    company = make_company()
    take(company, make_non_member("Ole", "Olsen"))
    after = datetime.date(2027, 1, 1)
    members_group.synchronise(on=after)
    assert insiders() == set()
    assert members_group.synchronise(on=after).counts == {}
    members_group.synchronise(on=TODAY)
    assert insiders() == {"post@bedrift.example", "ole@example.no"}


def test_the_dead_have_no_rights_and_keep_no_seat() -> None:
    company = make_company()
    ole = make_non_member("Ole", "Olsen")
    take(company, ole)
    seats.name_contact(organisation=company, member=ole)
    leaving.record_death(member=ole, died_on=TODAY, on=TODAY, at=NOW)
    assert insiders() == {"post@bedrift.example"}
    assert not company.seats.held().exists() and not company.contacts.exists()


def test_leaving_twice_changes_nothing() -> None:
    seat = take(make_company(), make_non_member("Ole", "Olsen"))
    seats.leave(seat=seat, on=TODAY)
    seats.leave(seat=seat, on=TODAY + datetime.timedelta(days=3))
    seat.refresh_from_db()
    assert seat.left_on == TODAY


def test_contact_persons_give_out_the_seats_of_theirs_only() -> None:
    company, kari = make_company(), make_non_member("Kari", "Kvam")
    contact = seats.name_contact(organisation=company, member=kari, what_for="Invoices")
    assert seats.name_contact(organisation=company, member=kari, what_for="All") == contact
    assert ContactPerson.objects.get().what_for == "All"
    assert seats.organisations_of(member=kari) == [company]
    assert seats.organisations_of(member=company) == [company]
    assert seats.organisations_of(member=make_member("Alice")) == []
    seats.drop_contact(contact=contact)
    assert seats.organisations_of(member=kari) == []
