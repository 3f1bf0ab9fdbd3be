"""Fields that only the office may know: whatever somebody without the right sends, they stay as they are."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from membership import roles
from membership.models import Member
from membership.models.members import OFFICE_ONLY
from tests.makers import make_type
from tests.membership.branch_makers import with_branches
from tests.membership.office.makers import fixed_day
from tests.membership.office.test_member import form_of
from tests.membership.secret_makers import MAY_CHANGE, WITHOUT, World, world

__all__ = ["fixed_day", "with_branches", "world"]
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("with_branches"),
    # Wagtail leaves the files of scaled pictures open.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

# --- nothing is written -----------------------------------------------------------------------------------------------

FORGED = {
    "legacy_id": "1", "office_notes": "Skrevet", "special_price": "1.00", "special_price_until": "2027-01-01",
    "converts_to": "", "login_link_sent_at": "", "payer": "",
}  # fmt: skip
Door = Callable[[World, str, str, str], None]


def by_the_edit_form(world: World, role: str, name: str, value: str) -> None:
    address = f"/admin/members/{world.alice.pk}/edit/"
    whole = form_of(world.browsers[roles.MEMBER_ADMINS], address)
    world.browsers[role].post(address, {**whole, "last_name": "Nytt", **FORGED, name: value})


def by_my_page(world: World, role: str, name: str, value: str) -> None:
    data = {"first_names": "Alice", "last_name": "Synlig", "email": "alice@example.no", "address_line_1": "Nygata 2",
            "postcode": "7010", "place": "Trondheim", "country": "NO", "language": "nb"}  # fmt: skip
    world.browsers[role].post("/min-side/opplysninger/", {**data, name: value})


def by_a_verb_of_its_own(world: World, role: str, name: str, value: str) -> None:
    browser, alice = world.browsers[role], world.alice.pk
    browser.post(f"/admin/members/{alice}/payer/", {"payer": value if name == "payer" else ""})
    browser.post(f"/admin/members/{world.payer.pk}/succession/", {"payer": ""})


def by_something_done_with_a_list(world: World, role: str, name: str, value: str) -> None:
    count = str(Member.objects.count())
    for verb, data in (("note", {"note": "Skrevet"}), ("payer", {"payer": ""}), ("language", {"language": "nb"})):
        world.browsers[role].post(f"/admin/members/bulk/{verb}/", {**data, name: value, "confirmed": count})


def by_merging(world: World, role: str, name: str, value: str) -> None:
    """The other entry of the pair has none of these values; the one kept has them all."""
    alice, twin = str(world.alice.pk), str(world.twin.pk)
    address = f"/admin/duplicates/{world.pair.pk}/merge/"
    world.browsers[role].post(address, {"keep": alice, "email": alice, name: twin, "confirmed": "on"})


DOORS = (by_the_edit_form, by_my_page, by_a_verb_of_its_own, by_something_done_with_a_list, by_merging)


def secrets_of(world: World) -> dict[str, Any]:
    return Member.objects.values(*OFFICE_ONLY).get(pk=world.alice.pk)


@pytest.mark.parametrize("role", WITHOUT)
def test_nobody_without_the_right_writes_any_of_them(world: World, role: str) -> None:
    world.write_secrets()
    before = secrets_of(world)
    assert None not in before.values() and "" not in before.values()
    wrong = []
    for door in DOORS:
        for name, value in FORGED.items():
            door(world, role, name, value)
            wrong += [(door.__name__, name)] if secrets_of(world) != before else []
        if door is by_the_edit_form:  # which was open, for the rest
            assert Member.objects.get(pk=world.alice.pk).last_name == ("Nytt" if role in MAY_CHANGE else "Synlig")
    assert wrong == []


@pytest.mark.parametrize("role", WITHOUT)
def test_nobody_without_the_right_registers_with_any_of_them(world: World, role: str) -> None:
    data: dict[str, Any] = {
        "kind": "person", "first_names": "Nora", "last_name": "Nydal", "postcode": "7010", "place": "Trondheim",
        "country": "NO", "language": "nb", "starts_on": "2026-03-10", "branch": world.branch.pk, **FORGED,
        "converts_to": make_type("UTP").pk, "payer": world.payer.pk, "login_link_sent_at": "2019-03-10 10:00",
    }  # fmt: skip
    world.browsers[role].post("/admin/members/new/", data)
    found = list(Member.objects.filter(last_name="Nydal").values(*OFFICE_ONLY))
    nothing = {**dict.fromkeys(OFFICE_ONLY), "office_notes": ""}
    assert found == ([nothing] if role in MAY_CHANGE else [])


def test_with_the_right_the_form_writes_every_one(world: World) -> None:
    world.write_secrets()
    by_the_edit_form(world, roles.MEMBER_ADMINS, "legacy_id", "1")
    assert secrets_of(world) == {
        "legacy_id": 1, "office_notes": "Skrevet", "special_price": Decimal("1.00"),
        "special_price_until": date(2027, 1, 1), "converts_to": None, "login_link_sent_at": None, "payer": None,
    }  # fmt: skip


def test_every_field_of_the_office_is_in_the_proof() -> None:
    assert set(FORGED) == set(OFFICE_ONLY)
