"""The office: what will be erased, keeping somebody back, asking on somebody's behalf, recording a consent."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from membership import leaving, roles
from membership.models import Consent, ErasureHold, ErasureRequest, Member
from messaging.models import Message, State
from tests.makers import TODAY, at_noon, make_member, make_non_member
from tests.membership.office.makers import admin_user, browser_with, fixed_day, names_on, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db

LONG_AGO = date(2025, 3, 1)


def left(first_names: str, *, on: date = LONG_AGO) -> Member:
    member = make_member(first_names, on=date(2025, 1, 5), email=f"{first_names.lower()}@example.no")
    leaving.resign(member=member, on=on, at=at_noon(on))
    Message.objects.filter(state=State.QUEUED).update(state=State.SENT)
    return member


def test_the_list_says_who_why_when_and_what_keeps_them(office: Client) -> None:
    alice = left("Alice")
    left("Beate", on=LONG_AGO + timedelta(days=25))
    make_member("Bob")
    ErasureHold.objects.create(member=alice, reason="<b>Complaint", at=at_noon(TODAY))
    html = page(office, reverse("erasures"))
    assert names_on(html) == ["Ås, Alice", "Ås, Beate"]
    assert "1 March 2026" in html and "The membership ended on 1 March 2025." in html
    assert "The office keeps the entry: &lt;b&gt;Complaint" in html and "Within 30 days" in html
    assert names_on(page(office, reverse("erasures"), days="0")) == ["Ås, Alice"]
    assert "export" not in office.get(reverse("erasures"), {"export": "csv"}).headers.get("Content-Disposition", "")


def test_nobody_due_is_said_so(office: Client) -> None:
    make_member("Bob")
    assert "nobody is erased." in page(office, reverse("erasures"))


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_few_and_many(office: Client, number: int, django_assert_num_queries: Any) -> None:
    for index in range(number):
        left(f"Name{index}")
    page(office, reverse("erasures"))
    with django_assert_num_queries(25):
        page(office, reverse("erasures"))


def test_keeping_back_and_letting_go(office: Client) -> None:
    alice = left("Alice")
    address = reverse("members:inspect", args=[alice.pk])
    assert "Keep from being erased" in page(office, address)
    missing = office.post(reverse("members:hold_back", args=[alice.pk]), {"reason": " "})
    assert missing.status_code == 200 and not ErasureHold.objects.exists()
    office.post(reverse("members:hold_back", args=[alice.pk]), {"reason": "A complaint"})
    assert ErasureHold.objects.get().reason == "A complaint"
    shown = page(office, address)
    assert "The office keeps the entry: A complaint" in shown and "Let go" in shown
    office.post(reverse("members:let_go", args=[alice.pk]))
    assert not ErasureHold.objects.exists()


def test_keeping_back_needs_its_right(office: Client, admin_user: Any) -> None:
    right = Permission.objects.get(codename="hold_back_erasure")
    Group.objects.get(name=roles.MEMBER_ADMINS).permissions.remove(right)
    alice = left("Alice")
    assert "Keep from being erased" not in page(office, reverse("members:inspect", args=[alice.pk]))
    office.post(reverse("members:hold_back", args=[alice.pk]), {"reason": "A complaint"})
    assert not ErasureHold.objects.exists()


def test_a_request_by_letter_takes_two_steps(office: Client) -> None:
    nina, bob = make_non_member(), make_member("Bob")
    assert "kept until somebody asks" in page(office, reverse("members:inspect", args=[nina.pk]))
    address = reverse("members:erasure", args=[nina.pk])
    assert "Invoices and payments stay in the books." in office.post(address).content.decode()
    assert not ErasureRequest.objects.exists()
    office.post(address, {"confirmed": "1"})
    assert ErasureRequest.objects.get().member == nina
    refused = office.post(reverse("members:erasure", args=[bob.pk]), {"confirmed": "1"}).content.decode()
    assert "Bob Ås is a member. Leave first" in refused
    assert 'id="erasure"' not in page(office, reverse("members:inspect", args=[bob.pk]))


def test_the_treasurer_sees_nothing_of_it() -> None:
    alice = left("Alice")
    client = browser_with(roles.TREASURERS)
    assert 'id="erasure"' not in page(client, reverse("members:inspect", args=[alice.pk]))
    assert client.get(reverse("erasures")).status_code == 302


def test_a_consent_said_on_the_telephone_is_recorded_with_the_words(office: Client, admin_user: Any) -> None:
    bob = make_member("Bob")
    address = reverse("members:consent", args=[bob.pk])
    assert "Jeg vil gjerne" in page(office, address)
    for given in ("yes", "yes", "no"):
        office.post(address, {"choice": "newsletter:email", "given": given})
    events = [(row.is_given, row.source, row.by, row.text and row.text.language) for row in Consent.objects.all()]
    assert events == [(given, "office", admin_user, "nb") for given in (False, True)]
    assert office.post(address, {"choice": "statutes:", "given": "no"}).status_code == 200
    assert Consent.objects.count() == 2
