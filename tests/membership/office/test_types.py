"""Membership types and consent texts in the office."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from core.models import User
from membership import roles
from membership.models import ConsentText, MembershipType
from tests.makers import make_member
from tests.membership.office.makers import admin_user, browser_with, fixed_day, office, page
from tests.membership.office.test_member import form_of

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
TYPES = "/admin/membership-types/"
TEXTS = "/admin/consent-texts/"


def test_the_table_is_the_old_registers(office: Client) -> None:
    html = page(office, TYPES)
    for heading in ("W", "si", "conv.", "sel."):
        assert f">{heading}" in " ".join(html.split()).replace("> ", ">"), heading


def test_help_texts_keep_the_old_letters(office: Client) -> None:
    html = page(office, f"{TYPES}{MembershipType.objects.get(code='E').pk}/edit/")
    for letters in ("“W”", "“si”", "“conv.”", "“sel.”"):
        assert letters in html
    assert "A new price counts for memberships opened from now on." in html


def test_a_new_price_leaves_what_is_opened_alone(office: Client) -> None:
    member = make_member()
    type_ = MembershipType.objects.get(code="E")
    address = f"{TYPES}{type_.pk}/edit/"
    office.post(address, form_of(office, address) | {"price": "450"})
    type_.refresh_from_db()
    assert (type_.price, member.periods.get().price) == (Decimal("450"), Decimal("400"))


def test_amounts_are_read_and_written_as_norwegians_write_them(admin_user: User) -> None:
    norwegian = Client(headers={"accept-language": "nb"})
    norwegian.force_login(admin_user)
    type_ = MembershipType.objects.get(code="E")
    address = f"{TYPES}{type_.pk}/edit/"
    for typed, stored, shown in (("450,50", "450.50", "450,50"), ("75.25", "75.25", "75,25")):
        assert norwegian.post(address, form_of(norwegian, address) | {"price": typed}).status_code == 302
        type_.refresh_from_db()
        assert type_.price == Decimal(stored)
        assert f'value="{shown}"' in page(norwegian, address)


@pytest.mark.parametrize(
    "typed",
    [
        {"price": "-1"},
        {"late_from": "13-40", "late_price": "100"},
        {"late_from": "02-30", "late_price": "100"},
        {"late_price": "100"},
        {"late_runs_to_next_year": "on"},
        {"late_from": "10-01", "late_price": "100", "late_factor": "0.5"},
        {"late_from": "10-01", "late_factor": "1.5"},
        {"late_from": "10-01", "late_runs_to_next_year": "on", "term": "rolling_year"},
        {"age_from": "27", "age_to": "26"},
        {"ages_into": "UTP"},
        {"ages_into": "E", "age_to": "26"},
        {"converts_to": "E"},
        {"frequency": "never"},
        {"seats": "3"},
        {"branch_percent": "101"},
        {"vat_percent": "-1"},
        {"code": "FM"},
        {"code": ""},
    ],
)
def test_impossible_values_are_refused(office: Client, typed: dict[str, str]) -> None:
    type_ = MembershipType.objects.get(code="E")
    address = f"{TYPES}{type_.pk}/edit/"
    keys = {row.code: str(row.pk) for row in MembershipType.objects.all()}
    typed = {name: keys[text] if name in {"ages_into", "converts_to"} else text for name, text in typed.items()}
    answer = office.post(address, form_of(office, address) | {"name_nb": "Ny", **typed})
    assert answer.status_code == 200
    assert 'value="Ny"' in answer.content.decode()
    type_.refresh_from_db()
    assert type_.name_nb != "Ny"


def test_every_field_can_be_set_and_says_what_it_means(office: Client) -> None:
    fields = [field for field in MembershipType._meta.get_fields() if getattr(field, "editable", False)]
    address = f"{TYPES}{MembershipType.objects.get(code='E').pk}/edit/"
    html = page(office, address)
    for field in fields:
        if field.name == "id":
            continue
        assert f'name="{field.name}"' in html, field.name
        if not field.name.startswith(("name_", "text_")):
            assert field.help_text, field.name
    typed = {
        "code": "E2", "price": "410", "frequency": "yearly", "term": "calendar_year", "notice_days": "20",
        "age_from": "18", "age_to": "66", "late_from": "10-01", "late_factor": "0.5", "branch_percent": "25",
        "vat_percent": "0", "order": "3",
    }  # fmt: skip
    office.post(address, form_of(office, address) | typed)
    type_ = MembershipType.objects.get(code="E2")
    assert {name: str(getattr(type_, name)).removesuffix(".00").removesuffix("00") for name in typed} == typed


def test_what_cannot_work_together_is_said_above_the_table(office: Client) -> None:
    sentence = "No membership type is selectable, so nobody can join. Mark at least one type as selectable."
    assert sentence not in page(office, TYPES)
    MembershipType.objects.update(is_selectable=False)
    assert sentence in page(office, TYPES)


def test_types_and_texts_are_never_deleted_here(office: Client) -> None:
    type_, text = MembershipType.objects.first(), ConsentText.objects.first()
    assert type_ is not None and text is not None
    for address in (f"{TYPES}{type_.pk}/delete/", f"{TYPES}delete/{type_.pk}/", f"{TEXTS}{text.pk}/edit/"):
        assert office.get(address).status_code == 404


def test_a_changed_text_is_a_new_version(office: Client) -> None:
    old = ConsentText.objects.get(purpose="newsletter", language="nb")
    data = form_of(office, f"{TEXTS}new/?from={old.pk}")
    assert data["text"] == old.text
    office.post(f"{TEXTS}new/", data | {"text": "Ja takk!", "valid_from": "10.03.2026"})
    rows = ConsentText.objects.filter(purpose="newsletter", language="nb").order_by("version")
    assert [(row.version, row.text) for row in rows] == [(1, old.text), (2, "Ja takk!")]
    assert rows[1].valid_from == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("role", "types", "texts"),
    [
        (roles.TREASURERS, 200, 302),
        (roles.AUDITORS, 302, 302),
        (roles.EDITORS, 302, 302),
        (roles.MEMBER_ADMINS, 200, 200),
    ],
)
def test_who_sees_what(role: str, types: int, texts: int) -> None:
    browser = browser_with(role)
    assert (browser.get(TYPES).status_code, browser.get(TEXTS).status_code) == (types, texts)


def test_the_treasurer_cannot_change_a_price() -> None:
    browser = browser_with(roles.TREASURERS)
    type_ = MembershipType.objects.get(code="E")
    answer: Any = browser.post(f"{TYPES}{type_.pk}/edit/", {"price": "1"})
    assert answer.status_code == 302
    type_.refresh_from_db()
    assert type_.price == Decimal("400")
