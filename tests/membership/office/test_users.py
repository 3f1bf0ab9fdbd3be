"""Log-ins in Wagtail's settings: no password by hand, nobody changes their own roles or a more powerful log-in."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from core.models import User
from membership import roles
from tests.makers import make_member, make_user, set_up_client
from tests.membership.office.makers import browser_of, page

pytestmark = pytest.mark.django_db
NEW = {"username": "kari", "email": "kari@example.org", "first_name": "Kari", "last_name": "Dahl"}


@pytest.fixture
def administrator(db: Any) -> User:
    set_up_client()
    return make_user(roles.ADMINISTRATORS)


@pytest.fixture
def browser(administrator: User) -> Client:
    return browser_of(administrator)


def group(name: str) -> Group:
    return Group.objects.get(name=name)


def groups_of(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def test_a_new_log_in_has_no_password_and_is_no_superuser(browser: Client) -> None:
    html = page(browser, "/admin/users/new/")
    assert 'type="password"' not in html
    assert 'name="is_superuser"' not in html
    data = NEW | {
        "groups": [group(roles.EDITORS).pk],
        "is_superuser": "on",
        "password1": "x" * 12,
        "password2": "x" * 12,
    }
    browser.post("/admin/users/new/", data)
    user = User.objects.get(username="kari")
    assert (user.has_usable_password(), user.is_superuser, groups_of(user)) == (False, False, {roles.EDITORS})


def test_names_are_not_asked_of_a_members_log_in(browser: Client) -> None:
    member = make_member("Alice", "Ås")
    assert member.user is not None
    address = f"/admin/users/edit/{member.user.pk}/"
    data = {"username": member.user.username, "email": member.user.email, "is_active": "on", "groups": []}
    assert browser.post(address, data).status_code == 302


def test_the_members_of_a_log_in_are_a_click_away(browser: Client) -> None:
    member = make_member("Alice", "Ås")
    assert member.user is not None
    html = page(browser, f"/admin/users/edit/{member.user.pk}/")
    assert "Member: Alice Ås" in html
    assert f'href="/admin/members/{member.pk}/"' in html


def test_nobody_changes_their_own_roles(browser: Client, administrator: User) -> None:
    address = f"/admin/users/edit/{administrator.pk}/"
    html = page(browser, address)
    for name in ("groups", "is_active", "is_superuser"):
        assert f'name="{name}"' not in html
    browser.post(address, NEW | {"groups": [group(roles.TREASURERS).pk], "is_superuser": "on"})
    administrator.refresh_from_db()
    assert (administrator.username, groups_of(administrator)) == ("kari", {roles.ADMINISTRATORS})
    assert (administrator.is_active, administrator.is_superuser) == (True, False)


def test_a_superuser_does_not_either() -> None:
    superuser = make_user("admin")
    html = page(browser_of(superuser), f"/admin/users/edit/{superuser.pk}/")
    assert 'name="groups"' not in html


def test_a_more_powerful_log_in_is_out_of_reach(browser: Client) -> None:
    superuser = make_user("admin")
    for verb in ("edit", "delete"):
        address = f"/admin/users/{verb}/{superuser.pk}/"
        assert browser.get(address).status_code == 302
        browser.post(address, NEW)
    superuser.refresh_from_db()
    assert superuser.username != "kari"


def test_who_may_only_change_log_ins_gives_no_role_above_their_own() -> None:
    set_up_client()
    clerk = make_user(roles.EDITORS)
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=["change_user", "view_user"]))
    browser, other = browser_of(clerk), make_user()
    offered = set(browser.get(f"/admin/users/edit/{other.pk}/").context["form"].fields["groups"].queryset)
    assert {row.name for row in offered} == {roles.EDITORS, roles.MEMBERS}
    data = {
        "username": "other",
        "email": "o@example.org",
        "is_active": "on",
        "groups": [group(roles.ADMINISTRATORS).pk],
    }
    browser.post(f"/admin/users/edit/{other.pk}/", data)
    assert groups_of(other) == set()
    assert browser.get(f"/admin/users/edit/{make_user(roles.TREASURERS).pk}/").status_code == 302


@pytest.mark.parametrize("action", ["assign_role", "set_active_state", "delete"])
def test_many_at_once_leave_ones_own_and_the_powerful_alone(browser: Client, administrator: User, action: str) -> None:
    superuser, other = make_user("admin"), make_user()
    data = {"role": group(roles.TREASURERS).pk, "mark_as_active": "", "next": "/admin/users/"}
    for forbidden in (administrator, superuser):
        browser.post(f"/admin/bulk/core/user/{action}/?id={forbidden.pk}&id={other.pk}", data)
    assert {administrator, superuser} <= set(User.objects.filter(is_active=True))
    assert groups_of(administrator) == {roles.ADMINISTRATORS}
    assert groups_of(superuser) == groups_of(other) == set()


def test_many_others_at_once_get_a_role(browser: Client) -> None:
    first, second = make_user(), make_user()
    address = f"/admin/bulk/core/user/assign_role/?id={first.pk}&id={second.pk}"
    browser.post(address, {"role": group(roles.TREASURERS).pk, "next": "/admin/users/"})
    assert groups_of(first) == groups_of(second) == {roles.TREASURERS}
