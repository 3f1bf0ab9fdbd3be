"""Seats on My page: who sees, gives and frees which."""

import pytest
from django.urls import reverse

from membership import seats
from membership.models import Invitation, Member, Seat
from messaging.models import Message
from tests.makers import NOW, TODAY, make_member, make_non_member
from tests.membership.household_makers import browser, link_in, make_company

pytestmark = pytest.mark.django_db


def offer(company: Member, email: str) -> None:
    answer = browser(company).post(reverse("my_seats_of", args=[company.pk]), {"name": "", "email": email})
    assert answer.status_code == 302


def test_the_organisations_own_log_in_gives_out_and_takes_back() -> None:
    company = make_company(seats=2)
    ole = make_non_member("Ole", "Olsen")
    seat = seats.take(organisation=company, member=ole, on=TODAY)
    offer(company, "per@example.no")
    page = browser(company).get(reverse("my_seats_of", args=[company.pk])).content.decode()
    assert "0 of 2 seats are free." in page and "Ole Olsen" in page and "per@example.no" in page
    assert "Send the invitation" not in page
    browser(company).post(reverse("my_seat_withdraw", args=[Invitation.objects.get().pk]))
    assert (
        "Free the seat of Ole Olsen" in browser(company).get(reverse("my_seat_leave", args=[seat.pk])).content.decode()
    )
    browser(company).post(reverse("my_seat_leave", args=[seat.pk]))
    page = browser(company).get(reverse("my_seats_of", args=[company.pk])).content.decode()
    assert "2 of 2 seats are free." in page and "Ole Olsen" not in page


def test_strangers_see_and_do_nothing() -> None:
    company = make_company()
    ole = make_non_member("Ole", "Olsen")
    seat = seats.take(organisation=company, member=ole, on=TODAY)
    offer(company, "per@example.no")
    for member in (make_member("Alice"), ole):
        client = browser(member)
        assert client.get(reverse("my_seats_of", args=[company.pk])).status_code == 404
        assert client.post(reverse("my_seat_withdraw", args=[Invitation.objects.get().pk])).status_code == 404
    assert (
        browser(Member.objects.get(first_names="Alice")).post(reverse("my_seat_leave", args=[seat.pk])).status_code
        == 404
    )
    assert Seat.objects.held().count() == 1
    assert (
        "You have no seat" in browser(Member.objects.get(first_names="Alice")).get(reverse("my_seats")).content.decode()
    )


def test_a_seat_says_until_when_and_that_it_is_worth_nothing_without_its_organisation() -> None:
    company = make_company()
    ole = make_non_member("Ole", "Olsen")
    seats.take(organisation=company, member=ole, on=TODAY)
    assert "membership runs until 31 December 2026" in browser(ole).get(reverse("my_seats")).content.decode()
    company.periods.update(ended_on="2026-03-01", end_reason="resigned", starts_on="2026-01-01")
    assert "so the seat gives no rights" in browser(ole).get(reverse("my_seats")).content.decode()


def test_whoever_is_in_the_registry_takes_the_seat_as_themselves() -> None:
    company, alice = make_company(), make_member("Alice")
    offer(company, "alice@example.no")
    link = link_in(Message.objects.get(template="seat_invitation"))
    browser(alice).post(link, {"answer": "as", "member": alice.pk})
    assert Seat.objects.get().member == alice
    assert alice.periods.get().type.code == "E"
    assert Member.objects.count() == 2 and NOW


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_seats_costs_the_same_for_many(count: int, django_assert_num_queries: object) -> None:
    company = make_company(seats=9)
    for number in range(count):
        seats.take(organisation=company, member=make_non_member(f"Ole{number}", "Olsen"), on=TODAY)
        offer(company, f"per{number}@example.no")
    client = browser(company)
    address = reverse("my_seats_of", args=[company.pk])
    client.get(address)
    with django_assert_num_queries(QUERIES):  # type: ignore[operator]
        client.get(address)


QUERIES = 9
