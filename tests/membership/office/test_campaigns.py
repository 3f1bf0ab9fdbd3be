"""Campaigns and recruiters in the office."""

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from wagtail.models import ModelLogEntry

from core.models import User
from membership import roles
from membership.models import Campaign, Member
from tests.makers import make_member, make_type
from tests.membership.branch_makers import make_branch, make_officer, with_branches
from tests.membership.office.makers import admin_user, browser_of, browser_with, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office", "with_branches"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def with_campaigns(settings: Any) -> None:
    membership = dataclasses.replace(settings.CLIENT.membership, campaigns=True)
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=membership)


@pytest.mark.usefixtures("with_campaigns")
def test_a_campaign_is_made(office: Client) -> None:
    data = {"code": "vår 2026", "name": "Vår", "percent": "", "price": "", "valid_from": "2026-03-01",
            "valid_to": "2026-02-01", "types": [], "max_uses": ""}  # fmt: skip
    html = office.post("/admin/campaigns/new/", data).content.decode()
    assert "not both" in html
    html = office.post("/admin/campaigns/new/", data | {"percent": "25"}).content.decode()
    assert "would end before it starts" in html
    assert office.post("/admin/campaigns/new/", data | {"percent": "25", "valid_to": ""}).status_code == 302
    assert Campaign.objects.get().code == "VÅR2026"


@pytest.mark.usefixtures("with_campaigns")
def test_a_discount_is_written_as_norwegians_write_it_and_is_for_memberships_only(admin_user: User) -> None:
    norwegian = Client(headers={"accept-language": "nb"})
    norwegian.force_login(admin_user)
    member = make_type("E")
    data = {"code": "VAR", "name": "Vår", "percent": "12,5", "price": "", "valid_from": "01.03.2026", "valid_to": "",
            "types": [member.pk], "max_uses": ""}  # fmt: skip
    refused = norwegian.post("/admin/campaigns/new/", data | {"types": [make_type("NUL").pk]})
    assert refused.status_code == 200 and not Campaign.objects.exists()
    assert norwegian.post("/admin/campaigns/new/", data).status_code == 302
    made = Campaign.objects.get()
    assert (made.percent, list(made.types.all())) == (Decimal("12.5"), [member])
    assert 'value="12,50"' in page(norwegian, f"/admin/campaigns/{made.pk}/edit/")


@pytest.mark.usefixtures("with_campaigns")
@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_number_of_questions(office: Client, rows: int, django_assert_num_queries: Any) -> None:
    for number in range(rows):
        Campaign.objects.create(code=f"C{number}", name="Spring", percent=25, valid_from=date(2026, 3, 1))
    page(office, "/admin/campaigns/")
    with django_assert_num_queries(10):
        html = page(office, "/admin/campaigns/")
    assert html.count("25 %") == rows


def test_an_organisation_without_campaigns_sees_nothing_of_them(office: Client) -> None:
    assert office.get("/admin/campaigns/").status_code == 302
    assert "/admin/campaigns/" not in page(office, "/admin/")


def recruit(number: int) -> None:
    recruiter = make_member(f"Rolf {number}", "Rask", email=f"rolf{number}@example.no")
    new = make_member(f"New {number}", "Ny", email=f"new{number}@example.no")
    Member.objects.filter(pk=new.pk).update(recruited_by=recruiter)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_recruiters_ask_the_same_number_of_questions(
    office: Client, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        recruit(number)
    page(office, "/admin/reports/recruiters/")
    with django_assert_num_queries(10):
        html = page(office, "/admin/reports/recruiters/")
    assert html.count("Rask, Rolf") == rows
    assert "Rask" not in page(office, "/admin/reports/recruiters/?days_from=2026-03-11")


def test_the_recruiters_are_exported_for_a_purpose(office: Client) -> None:
    recruit(1)
    address = "/admin/reports/recruiters/export/"
    assert "This must be filled in." in office.post(address, {"purpose": "", "file_type": "csv"}).content.decode()
    answer = office.post(address, {"purpose": "thanks", "file_type": "csv"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    number = Member.objects.get(first_names="Rolf 1").member_number
    assert lines == ["Name;Member number;Recruited;Of these have paid", f"Rolf 1 Rask;{number};1;1"]
    assert ModelLogEntry.objects.get(action="membership.member.exported").data["purpose"] == "thanks"


def test_who_may_not_export_does_not() -> None:
    recruit(1)
    browser = browser_with(roles.TREASURERS)
    assert "Export this list" not in page(browser, "/admin/reports/recruiters/")
    for answer in (browser.get("/admin/reports/recruiters/export/"), browser.post("/admin/reports/recruiters/export/")):
        assert answer.status_code == 403


def test_the_page_of_a_member_says_who_recruited_them_and_whom_they_recruited(office: Client) -> None:
    campaign = Campaign.objects.create(code="VAR", name="Spring is here", percent=25, valid_from=date(2026, 3, 1))
    rolf, alone = make_member("Rolf"), make_member("Alone", email="alone@example.no")
    for number in range(12):
        new = make_member(f"New {number}", "Ny", email=f"new{number}@example.no")
        Member.objects.filter(pk=new.pk).update(recruited_by=rolf, campaign=campaign)
    html = page(office, f"/admin/members/{rolf.pk}/").partition('id="recruiting"')[2].partition("</section>")[0]
    assert "Recruited by" not in html
    assert html.count("/admin/members/") == 10
    assert "2 more" in html
    html = page(office, f"/admin/members/{new.pk}/").partition('id="recruiting"')[2].partition("</section>")[0]
    assert [word for word in ("Rolf Ås", "Spring is here", "VAR", "Has recruited") if word in html] == [
        "Rolf Ås", "Spring is here", "VAR",
    ]  # fmt: skip
    assert "recruiting" not in page(office, f"/admin/members/{alone.pk}/")


@pytest.mark.usefixtures("with_branches")
def test_an_officer_learns_only_that_there_is_somebody_in_another_branch() -> None:
    oslo, bergen = make_branch("Oslo"), make_branch("Bergen")
    rolf, rita, ola = (make_member(name, email=f"{name}@example.no".lower()) for name in ("Rolf", "Rita", "Ola"))
    Member.objects.filter(pk=rolf.pk).update(branch=bergen)
    Member.objects.filter(pk__in=[rita.pk, ola.pk]).update(branch=oslo, recruited_by=rolf)
    Member.objects.filter(pk=rolf.pk).update(recruited_by=rita)
    officers = {branch: browser_of(make_officer(branch)) for branch in (oslo, bergen)}
    seen = page(officers[oslo], f"/admin/members/{ola.pk}/")
    assert ("somebody outside your branch" in seen, "Rolf" in seen) == (True, False)
    seen = page(officers[bergen], f"/admin/members/{rolf.pk}/")
    assert ("2 more" in seen, "Rita" in seen, "Ola" in seen) == (True, False, False)
