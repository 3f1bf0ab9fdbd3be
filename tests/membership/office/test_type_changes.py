"""Changing somebody's type in the office: the price and its reasons first, then the deed; and for a whole list."""

import re
from datetime import date

import pytest
from django.test import Client
from django.utils.html import strip_tags

from invoicing.models import Invoice
from membership.models import Member, MembershipType
from tests.makers import TODAY, make_member, make_type
from tests.membership.office.makers import admin_user, fixed_day, office, page
from tests.membership.office.test_bulk import do
from tests.membership.test_type_changes import pay, terms

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
LAST = date(2026, 12, 31)


def address(member: Member) -> str:
    return f"/admin/members/{member.pk}/change-type/"


def answers(code: str, begins: str) -> dict[str, object]:
    return {"to": make_type(code).pk, "begins": begins}


def test_from_today_in_two_steps_with_the_difference_said_before(office: Client) -> None:
    alice = make_member(on=date(2026, 1, 5), paid=False)
    pay(alice)
    assert address(alice) in page(office, f"/admin/members/{alice.pk}/")
    form = page(office, address(alice))
    assert make_type("PR").name not in form and make_type("NUL").name not in form

    first = office.post(address(alice), answers("FM", "now")).content.decode()
    assert "Alice Ås has “Family membership (main member)” from 10 March 2026 until 31 December 2026." in first
    assert "The new invoice is" in first and "200" in first
    said = strip_tags(first).replace("\u00a0", " ")
    assert re.search(
        r"The new invoice is [^:]*200[^:]*: Changed to another type by the office; Price of Family membership "
        r"\(main member\) [^;]*600[^;]*; Paid already for Individual \(ordinary membership\) [^;]*400", said
    )  # fmt: skip
    assert terms(alice) == [("E", date(2026, 1, 5), LAST, 400, True)] and Invoice.objects.count() == 1

    office.post(address(alice), answers("FM", "now") | {"confirmed": "1"})
    assert terms(alice)[1] == ("FM", TODAY, LAST, 200, False)


def test_what_is_not_paid_is_said_to_be_credited(office: Client) -> None:
    alice = make_member(paid=False)
    first = office.post(address(alice), answers("UTP", "now")).content.decode()
    assert "The invoice that is not paid is credited." in first
    cheaper = make_member("Carl", paid=False)
    pay(cheaper)
    assert "Nothing is to be paid, and nothing is paid back" in (
        office.post(address(cheaper), answers("UTP", "now")).content.decode()
    )


def test_from_the_next_term_is_remembered_and_shown(office: Client) -> None:
    alice = make_member()
    first = office.post(address(alice), answers("UTP", "next")).content.decode()
    assert "keeps “Individual (ordinary membership)” until 31 December 2026, and is renewed as" in first
    assert "By today&#x27;s prices that will cost" in first
    office.post(address(alice), answers("UTP", "next") | {"confirmed": "1"})
    assert alice.periods.get().next_type == make_type("UTP")
    assert f"renewed as {make_type('UTP').name}" in page(office, f"/admin/members/{alice.pk}/")


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "1"}])
def test_a_refusal_stands_on_the_form_in_either_step(office: Client, confirmed: dict[str, str]) -> None:
    alice = make_member()
    answer = office.post(address(alice), answers("E", "now") | confirmed)
    assert answer.status_code == 200
    assert "Alice Ås has “Individual (ordinary membership)” already." in answer.content.decode()
    assert alice.periods.count() == 1


def test_types_for_organisations_are_not_offered_to_persons(office: Client) -> None:
    alice = make_member()
    company = MembershipType.objects.create(code="BED", name_nb="Bedrift", price=1, is_for_organisations=True)
    assert "Bedrift" not in page(office, address(alice))
    assert office.post(address(alice), {"to": company.pk, "begins": "now", "confirmed": "1"}).status_code == 200
    assert alice.periods.get().type.code == "E"


def test_everybody_on_a_list_is_renewed_as_another_type(office: Client) -> None:
    alice, bob = make_member("Alice"), make_member("Bob", type_code="UTP")
    run = do(office, "next_type", to=str(make_type("UTP").pk), typed_count="2")
    assert (run.state, run.changed, [row["member"] for row in run.refused]) == ("done", 1, [bob.pk])
    assert alice.periods.get().next_type == make_type("UTP")
