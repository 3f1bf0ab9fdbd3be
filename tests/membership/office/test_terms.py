"""A new membership for somebody who is in the registry already."""

from datetime import date

import pytest
from django.test import Client

from membership import leaving, periods
from membership.models import Member
from tests.makers import TODAY, at_noon, make_member, make_non_member, make_type
from tests.membership.office.makers import admin_user, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db


def test_a_former_member_comes_back_in_two_steps(office: Client) -> None:
    member = make_member(on=date(2025, 2, 1))
    left = date(2025, 8, 31)
    leaving.resign(member=member, on=left, at=at_noon(left))
    address = f"/admin/members/{member.pk}/come-back/"
    assert address in page(office, f"/admin/members/{member.pk}/")
    assert "Resigned; the membership ended on 31 August 2025." in page(office, address)

    data = {"wanted_type": make_type("E").pk, "on": "10.03.2026"}
    first = office.post(address, data).content.decode()
    assert "gets “Individual (ordinary membership)” from 10 March 2026 until 31 December 2026." in first
    assert ": Price of Individual (ordinary membership)." in first
    assert member.periods.count() == 1

    office.post(address, data | {"confirmed": "1"})
    member = Member.objects.get()
    new = member.periods.latest("starts_on")
    assert (new.starts_on, new.type.code, new.source, member.member_since) == (TODAY, "E", "office", TODAY)


def test_a_payer_becomes_a_member_and_who_is_one_is_refused(office: Client) -> None:
    nina = make_non_member()
    data = {"wanted_type": make_type("E").pk, "on": "10.03.2026", "confirmed": "1"}
    address = f"/admin/members/{nina.pk}/come-back/"
    assert office.post(address, data).status_code == 302
    again = office.post(address, data)
    assert again.status_code == 200
    assert "has a membership until 31 December 2026 already" in again.content.decode()
    assert nina.periods.count() == 1


def test_a_term_that_never_ran_has_no_last_day_before_its_first(office: Client) -> None:
    alice = make_member("Alice", trial=True)
    bob = make_member("Bob", on=date(2026, 4, 1))
    periods.end(period=bob.periods.get(), on=TODAY, reason="resigned")
    for member, words, day in (
        (alice, "converted the same day", "09.03.2026"),
        (bob, "never began: resigned", "31.03.2026"),
    ):
        html = page(office, f"/admin/members/{member.pk}/")
        assert (words in html, day in html) == (True, False), member
