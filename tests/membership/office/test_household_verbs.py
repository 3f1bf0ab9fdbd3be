"""What the office does with households, payers and seats, through its own screens."""

from typing import Any

import pytest
from django.test import Client

from membership import households, leaving, roles, seats
from membership.models import ContactPerson, Household, Invitation, Member, Seat
from messaging.models import Message
from tests.makers import NOW, TODAY, make_household, make_member, make_non_member
from tests.membership.household_makers import households_by_main, make_company
from tests.membership.office.makers import admin_user, browser_with, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
LIST = "/admin/households/"


def home() -> Household:
    return Household.objects.earliest("pk")


def test_the_office_invites_in_the_main_members_name(office: Client) -> None:
    make_household("Bob", "Berit")
    office.post(f"{LIST}{home().pk}/invite/", {"name": "Bo", "email": "bo2@example.no"})
    assert "Bob Berg" in Message.objects.get(template="household_invitation").body_text
    html = page(office, f"{LIST}{home().pk}/")
    assert "Bo" in html and "Withdraw" in html
    office.post(f"{LIST}invitations/{Invitation.objects.get().pk}/withdraw/")
    assert Invitation.objects.get().state == "withdrawn"
    assert "Withdraw" not in page(office, f"{LIST}{home().pk}/")


def test_a_household_is_split_in_two_steps(office: Client) -> None:
    bob, berit, bo = make_household("Bob", "Berit", "Bo").members
    data = {"people": [bob.pk, bo.pk], "main_member": bo.pk}
    html = office.post(f"{LIST}{home().pk}/split/", data).content.decode()
    assert "Bob Berg, Bo Berg move out together, with Bo Berg as main member." in html
    assert "Berit Berg becomes the main member of those who stay." in html
    assert households_by_main() == {"Bob Berg": {"Bob", "Berit", "Bo"}}
    office.post(f"{LIST}{home().pk}/split/", {**data, "confirmed": "1"})
    assert households_by_main() == {"Berit Berg": {"Berit"}, "Bo Berg": {"Bob", "Bo"}}
    html = office.post(f"{LIST}{home().pk}/split/", {"people": [berit.pk], "main_member": bob.pk}).content.decode()
    assert "Select a valid choice" in html


def test_two_households_are_put_together(office: Client) -> None:
    make_household("Bob", "Berit")
    charlie = make_household("Charlie", "Carla", last_name="Chen").main_member
    dina = make_non_member("Dina", "Dahl")
    html = office.post(f"{LIST}{home().pk}/together/", {"member": charlie.pk}).content.decode()
    assert "Charlie" in html and len(households_by_main()) == 2
    office.post(f"{LIST}{home().pk}/together/", {"member": charlie.pk, "confirmed": "1"})
    office.post(f"{LIST}{home().pk}/together/", {"member": dina.pk, "confirmed": "1"})
    assert households_by_main() == {"Bob Berg": {"Bob", "Berit", "Charlie", "Carla", "Dina"}}


def test_after_a_death_the_office_is_offered_who_takes_over(office: Client) -> None:
    bob, berit, bo = make_household("Bob", "Berit", "Bo").members
    Member.objects.filter(pk=bo.pk).update(born_on="1970-01-01")
    anna = make_member("Anna")
    households.pay_for(people=[anna], payer=bob, at=NOW, by=None)
    data = {"on": "2026-03-09"}
    html = office.post(f"/admin/members/{bob.pk}/death/", data).content.decode()
    assert "Bob Berg pays for 1. Choose another payer afterwards." in html
    answer = office.post(f"/admin/members/{bob.pk}/death/", {**data, "confirmed": "1"})
    assert answer["Location"] == f"/admin/members/{bob.pk}/succession/"
    html = page(office, answer["Location"])
    assert html.index("Bo Berg") < html.index("Berit Berg")  # the oldest is offered first
    assert "Bob Berg pays for 1: Anna Ås." in html
    office.post(answer["Location"], {"main_member": berit.pk, "payer": ""})
    anna.refresh_from_db()
    assert anna.payer is None
    assert households_by_main() == {"Berit Berg": {"Bob", "Berit", "Bo"}}
    assert "Nobody waits for a new main member or payer." in page(office, f"/admin/members/{bob.pk}/succession/")


def test_a_death_that_concerns_nobody_leads_back_to_the_member(office: Client) -> None:
    alice = make_member("Alice")
    answer = office.post(f"/admin/members/{alice.pk}/death/", {"on": "2026-03-09", "confirmed": "1"})
    assert answer["Location"] == f"/admin/members/{alice.pk}/"


def test_the_payer_is_chosen_and_gets_the_invoice(office: Client) -> None:
    from invoicing.models import Invoice

    company, alice = make_company(), make_member("Alice", paid=True)
    office.post(f"/admin/members/{alice.pk}/payer/", {"payer": company.pk})
    html = page(office, f"/admin/members/{company.pk}/")
    assert "Pays for" in html and "Alice Ås" in html
    from membership import renewal
    from tests.makers import at_noon

    new_year = TODAY.replace(year=2027, month=1, day=2)
    renewal.open_due_periods(on=new_year, at=at_noon(new_year))
    invoice = Invoice.objects.get(lines__period__member=alice, issued_on=new_year)
    assert (invoice.member, invoice.buyer_name) == (company, "Bedrift AS")
    office.post(f"/admin/members/{alice.pk}/payer/", {"payer": ""})
    assert "Pays for" not in page(office, f"/admin/members/{company.pk}/")


@pytest.mark.parametrize("count", [1, 3])
def test_a_payers_people_cost_the_same_for_many(office: Client, count: int, django_assert_num_queries: Any) -> None:
    payer = make_non_member("Kari", "Kommune")
    for number in range(count):
        households.pay_for(people=[make_member(f"Alice{number}")], payer=payer, at=NOW, by=None)
    page(office, f"/admin/members/{payer.pk}/pays-for/")
    with django_assert_num_queries(PAYS_FOR):
        html = page(office, f"/admin/members/{payer.pk}/pays-for/")
    assert html.count("Alice") == count


@pytest.mark.parametrize("count", [1, 3])
def test_the_panels_of_an_organisation_cost_the_same_for_many(
    office: Client, count: int, django_assert_num_queries: Any
) -> None:
    company = make_company(seats=9)
    for number in range(count):
        person = make_non_member(f"Ole{number}", "Olsen")
        seats.take(organisation=company, member=person, on=TODAY)
        seats.name_contact(organisation=company, member=person)
        households.pay_for(people=[person], payer=company, at=NOW, by=None)
    page(office, f"/admin/members/{company.pk}/")
    with django_assert_num_queries(ORGANISATION):
        page(office, f"/admin/members/{company.pk}/")


PAYS_FOR, ORGANISATION = 13, 37


def test_seats_and_contact_persons(office: Client) -> None:
    company, ole = make_company(seats=0), make_non_member("Ole", "Olsen")
    address = f"/admin/members/{company.pk}/"
    html = office.post(f"{address}seats-give/", {"member": ole.pk}).content.decode()
    assert "All seats of Bedrift AS are taken or offered: 0" in html
    office.post(f"{address}seats/", {"number": "2"})
    office.post(f"{address}seats-give/", {"member": ole.pk})
    office.post(f"{address}seats-invite/", {"name": "", "email": "per@example.no"})
    office.post(f"{address}contacts-name/", {"member": ole.pk, "what_for": "Invoices"})
    html = page(office, address)
    assert "1 of 2 seats are taken." in html and "Invoices" in html and "per@example.no" in html
    assert "Bedrift AS" in page(office, f"/admin/members/{ole.pk}/")
    office.post(f"/admin/members/seats/{Seat.objects.get().pk}/free/")
    office.post(f"/admin/members/contacts/{ContactPerson.objects.get().pk}/remove/")
    office.post(f"{LIST}invitations/{Invitation.objects.get().pk}/withdraw/")
    assert (Seat.objects.held().count(), ContactPerson.objects.count()) == (0, 0)
    assert Invitation.objects.get().state == "withdrawn"


def test_households_to_look_at_and_their_number(office: Client) -> None:
    bob = make_household("Bob", "Berit").main_member
    make_household("Charlie", "Carla", last_name="Chen")
    berit = make_household("Dag", "Dina", last_name="Dahl").members[1]
    households.remove(member=berit)
    leaving.record_death(member=bob, died_on=TODAY, on=TODAY, at=NOW)
    html = page(office, LIST, to_look_at="true")
    assert "The main member has died. Choose another main member." in html
    assert "Berg, Bob" in html and "Chen, Charlie" not in html
    assert "People to look at who are in no household" in html and "Dina Dahl" in html
    html = page(office, LIST, to_look_at="false")
    assert "Chen, Charlie" in html and "Berg, Bob" not in html and "Dina Dahl" not in html
    first_page = page(office, "/admin/")
    assert "Households to look at" in first_page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_to_look_at_costs_the_same_for_many(
    office: Client, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        joined = make_household(f"Bob{number}", f"Berit{number}", last_name=f"Berg{number}")
        leaving.record_death(member=joined.main_member, died_on=TODAY, on=TODAY, at=NOW)
        households.remove(member=make_household(f"Dag{number}", f"Dina{number}", last_name="Dahl").members[1])
    page(office, LIST, to_look_at="true")
    with django_assert_num_queries(TO_LOOK_AT):
        html = page(office, LIST, to_look_at="true")
    assert html.count("The main member has died") == count


TO_LOOK_AT = 17


def test_the_treasurer_looks_and_changes_nothing() -> None:
    company, ole = make_company(), make_non_member("Ole", "Olsen")
    seat = seats.take(organisation=company, member=ole, on=TODAY)
    browser = browser_with(roles.TREASURERS)
    html = page(browser, f"/admin/members/{company.pk}/")
    assert "Ole Olsen" in html and "Free the seat" not in html and "Change the number" not in html
    assert browser.post(f"/admin/members/seats/{seat.pk}/free/").status_code == 302
    assert Seat.objects.held().count() == 1
