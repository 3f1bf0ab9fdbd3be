"""Entries made and changed: an own price never lasts for ever by oversight."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from wagtail.log_actions import log

from core.models import User
from membership import members, prices
from membership.members import Entry
from membership.models import Member
from tests.makers import NOW, TODAY, make_member, make_type, make_user, person

pytestmark = pytest.mark.django_db
NEW_YEARS_EVE, LAST_YEAR, YESTERDAY = date(2026, 12, 31), date(2025, 12, 31), date(2026, 3, 9)


@pytest.mark.parametrize(
    ("had", "changes", "has"),
    [
        ((None, None), {"special_price": Decimal(250)}, (250, NEW_YEARS_EVE)),
        ((None, None), {"special_price": Decimal(0)}, (0, NEW_YEARS_EVE)),
        ((None, None), {"special_price": Decimal(250), "special_price_until": None}, (250, NEW_YEARS_EVE)),
        ((None, None), {"special_price": Decimal(250), "special_price_until": TODAY}, (250, TODAY)),
        ((100, TODAY), {"special_price": Decimal(250)}, (250, TODAY)),
        ((100, TODAY), {"special_price_until": None}, (100, NEW_YEARS_EVE)),
        ((100, TODAY), {"special_price": None, "special_price_until": None}, (None, None)),
        ((100, None), {"place": "Oslo"}, (100, None)),
        ((100, LAST_YEAR), {"special_price": Decimal(250)}, (250, NEW_YEARS_EVE)),
        ((100, LAST_YEAR), {"special_price": Decimal(250), "special_price_until": LAST_YEAR}, (250, NEW_YEARS_EVE)),
        ((100, LAST_YEAR), {"special_price": Decimal(250), "special_price_until": YESTERDAY}, (250, YESTERDAY)),
        ((100, LAST_YEAR), {"special_price_until": YESTERDAY}, (100, YESTERDAY)),
        ((100, LAST_YEAR), {"special_price": Decimal(100), "special_price_until": LAST_YEAR}, (100, LAST_YEAR)),
        ((100, LAST_YEAR), {"place": "Oslo"}, (100, LAST_YEAR)),
    ],
)
def test_an_own_price_without_a_date_ends_with_the_year(had: Any, changes: dict[str, Any], has: Any) -> None:
    alice = make_member()
    alice.special_price, alice.special_price_until = had
    alice.save()
    members.change(member=alice, changes=changes, at=NOW, by=None)
    alice.refresh_from_db()
    assert (alice.special_price, alice.special_price_until) == has


def test_an_address_may_change_again_and_again_and_each_time_the_old_log_in_is_closed() -> None:
    alice = make_member(email="a@example.no")
    for address in ("b@example.no", "c@example.no", "a@example.no", "b@example.no"):
        members.change(member=alice, changes={"email": address}, at=NOW, by=None)
        alice.refresh_from_db()
        assert alice.user is not None
        assert (alice.user.email, alice.user.is_active) == (address, True)
        assert User.objects.filter(is_active=True).count() == 1
    number = alice.member_number
    assert list(User.objects.order_by("pk").values_list("username", "email")) == [
        (f"m{number}", "a@example.no"), (f"m{number}-2", "b@example.no"), (f"m{number}-3", "c@example.no"),
    ]  # fmt: skip


def test_a_new_member_with_an_address_that_was_given_up_gets_a_log_in_that_opens() -> None:
    """Without the password from then: whoever had the address knows it still."""
    mother = make_member("Mother", email="a@example.no")
    assert mother.user is not None
    mother.user.set_password("from then")
    mother.user.save()
    members.change(member=mother, changes={"email": "b@example.no"}, at=NOW, by=None)
    assert not User.objects.get(email="a@example.no").is_active
    son = make_member("Son", email="A@example.no")
    user = User.objects.get(email="a@example.no")
    assert (son.user, user.is_active, user.has_usable_password()) == (user, True, False)
    assert mother.user != user


def test_a_log_in_that_was_closed_on_purpose_stays_closed() -> None:
    """With a role, with another member, or closed on its own screen: that says nothing of the address."""
    officer, parent, closed = (
        make_user(role, username=name) for role, name in (("Choir leaders", "off"), ("", "par"), ("", "clo"))
    )
    other = make_member("Parent", email=parent.email)
    assert other.user == parent
    User.objects.update(is_active=False)
    log(instance=closed, action="wagtail.edit", user=None)
    for user in (officer, parent, closed):
        assert make_member("New", email=user.email).user == user
    assert not User.objects.filter(is_active=True).exists()


def test_many_addresses_changed_by_a_file_at_once() -> None:
    people = [make_member(f"Kari {n}", email=f"old{n}@example.no") for n in range(3)]
    changes = [(one, {"email": f"new{n}@example.no"}) for n, one in enumerate(people)]
    members.change_many(changes=changes, at=NOW, by=None, source="import")
    assert list(Member.objects.order_by("pk").values_list("user__email", flat=True)) == [
        "new0@example.no", "new1@example.no", "new2@example.no",
    ]  # fmt: skip


def test_whoever_is_registered_with_an_own_price_has_it_until_new_year() -> None:
    entries = [
        Entry(data=person("Per"), office={"special_price": Decimal(250)}),
        Entry(data=person("Pål"), office={"special_price": Decimal(250), "special_price_until": TODAY}),
        Entry(data=person("Espen")),
    ]
    members.create_many(entries=entries, on=TODAY)
    assert list(Member.objects.order_by("pk").values_list("special_price_until", flat=True)) == [
        NEW_YEARS_EVE, TODAY, None,
    ]  # fmt: skip
    per = Member.objects.get(first_names="Per")
    ordinary = make_type("E")
    assert [prices.quote(member=per, type=ordinary, on=day).amount for day in (NEW_YEARS_EVE, date(2027, 1, 1))] == [
        Decimal(250), ordinary.price,
    ]  # fmt: skip
