"""Applications in the office: who waits, who they might be already, yes and no by POST only."""

import uuid
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from wagtail.models import ModelLogEntry

from core.models import User
from membership import applications, roles
from membership.models import Application, Member
from messaging.models import Message
from tests.makers import NOW, make_member, make_type, person
from tests.membership.office.makers import admin_user, browser_with, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
LIST = "/admin/applications/"


def apply(first_names: str = "Kari", last_name: str = "Nordmann", **data: Any) -> Application:
    """A form that came in from the website."""
    return applications.apply(
        token=uuid.uuid4(), people=[person(first_names, last_name, **data)], wanted_type=make_type("E"), consents=(),
        language="nb", at=NOW,
    )  # fmt: skip


def waiting(monkeypatch: pytest.MonkeyPatch, *arguments: str, **data: Any) -> Application:
    """A confirmed form in an organisation that wants to approve."""
    import dataclasses

    client = settings.CLIENT
    membership = dataclasses.replace(client.membership, approval=True)
    monkeypatch.setattr(settings, "CLIENT", dataclasses.replace(client, membership=membership))
    return applications.confirm(application=apply(*arguments, **data), at=NOW)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_number_of_questions(office: Client, rows: int, django_assert_num_queries: Any) -> None:
    for number in range(rows):
        apply(f"Kari {number}", email=f"kari{number}@example.no")
    page(office, LIST)
    with django_assert_num_queries(10):
        html = page(office, LIST)
    assert html.count("Kari ") == rows


def test_the_list_is_narrowed_to_those_who_wait_for_the_office(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    apply("Unconfirmed", email="u@example.no")
    waiting(monkeypatch, "Waiting", email="w@example.no")
    html = page(office, LIST, state="approval")
    assert "Waiting Nordmann" in html
    assert "Unconfirmed Nordmann" not in html


def test_possible_duplicates_stand_beside_the_form(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    member = make_member("Kari M.", "Nordmann", email="kari@example.no")
    application = waiting(monkeypatch, email="kari@example.no")
    html = page(office, f"{LIST}{application.pk}/")
    assert f'href="/admin/members/{member.pk}/"' in html
    assert "perhaps in the registry already" in page(office, LIST)


def test_approving(office: Client, monkeypatch: pytest.MonkeyPatch, admin_user: User) -> None:
    application = waiting(monkeypatch)
    address = f"{LIST}{application.pk}/approve/"
    office.get(address)
    assert not Member.objects.exists()
    answer = office.post(address)
    assert answer["Location"] == f"{LIST}{application.pk}/"
    member = Member.objects.get()
    application.refresh_from_db()
    assert (application.state, application.main_member) == ("joined", member)
    assert f'href="/admin/members/{member.pk}/"' in page(office, f"{LIST}{application.pk}/")


def test_refusing_needs_a_reason_and_keeps_it_in_the_log(
    office: Client, monkeypatch: pytest.MonkeyPatch, admin_user: User
) -> None:
    application = waiting(monkeypatch)
    address = f"{LIST}{application.pk}/refuse/"
    assert "This must be filled in." in office.post(address, {"reason": ""}).content.decode()
    office.post(address, {"reason": "Bor ikke her"})
    application.refresh_from_db()
    assert application.state == "refused"
    entry = ModelLogEntry.objects.for_instance(application).get()
    assert (entry.user, entry.data) == (admin_user, {"reason": "Bor ikke her"})


def test_the_applicant_is_told_in_the_offices_words(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"{LIST}{waiting(monkeypatch).pk}/refuse/"
    assert "The applicant gets a short e-mail" in page(office, address)
    office.post(address, {"reason": "Bor ikke her", "words": "Takk for praten!"})
    mail = Message.objects.get(kind="application_refused")
    assert (mail.address, "Takk for praten!" in mail.body_text, "Bor ikke her" in mail.body_text) == (
        "kari@example.no", True, False,
    )  # fmt: skip


def test_an_address_nobody_confirmed_is_not_written_to(office: Client) -> None:
    application = apply()
    address = f"{LIST}{application.pk}/refuse/"
    html = page(office, address)
    assert "has never been confirmed, so no e-mail is sent" in html
    assert 'name="words"' not in html
    office.post(address, {"reason": "Søppel", "words": "Takk for praten!"})
    application.refresh_from_db()
    assert application.state == "refused"
    assert not Message.objects.filter(kind="application_refused").exists()


def test_what_has_joined_cannot_be_refused(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    application = applications.confirm(application=apply(), at=NOW)
    html = office.post(f"{LIST}{application.pk}/refuse/", {"reason": "Angrer"}).content.decode()
    assert "They have joined already." in html


@pytest.mark.parametrize("role", [roles.TREASURERS, roles.AUDITORS, roles.EDITORS])
def test_without_the_right_there_are_no_applications(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    application = waiting(monkeypatch)
    browser = browser_with(role)
    for address in (LIST, f"{LIST}results/", f"{LIST}{application.pk}/"):
        answer = browser.get(address)
        assert answer.status_code == 302
        assert b"Nordmann" not in answer.content
    browser.post(f"{LIST}{application.pk}/approve/")
    browser.post(f"{LIST}{application.pk}/refuse/", {"reason": "x"})
    application.refresh_from_db()
    assert application.state == "approval"


def test_names_with_markup_are_inert(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    application = waiting(monkeypatch, '"><img src=x onerror=1>')
    for address in (LIST, f"{LIST}{application.pk}/", f"{LIST}{application.pk}/refuse/"):
        assert "<img src=x" not in page(office, address)
