"""The office is open to those with a second step, unless the organisation has deferred it."""

import dataclasses
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from membership import roles
from membership.sign_in.checks import check_second_step
from tests.makers import make_member, make_user, set_up_client

pytestmark = pytest.mark.django_db
OFFICE = "/admin/"


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    set_up_client()
    site = dataclasses.replace(settings.CLIENT.site, office_second_step="required")
    settings.CLIENT = dataclasses.replace(settings.CLIENT, site=site)


@pytest.mark.parametrize("role", [roles.MEMBER_ADMINS, roles.TREASURERS, roles.EDITORS, "admin"])
@pytest.mark.parametrize("address", [OFFICE, f"{OFFICE}members/", f"{OFFICE}members/export/"])
def test_without_a_second_step_the_office_leads_to_making_one(client: Client, role: str, address: str) -> None:
    client.force_login(make_user(role))
    for answer in (client.get(address), client.post(address)):
        assert answer["Location"] == reverse("mfa_activate_totp")


def test_with_a_second_step_the_office_is_open(client: Client) -> None:
    boss = make_user("admin")
    TOTP.activate(boss, generate_totp_secret())
    client.force_login(boss)
    assert client.get(OFFICE).status_code == 200


def test_members_need_none(client: Client) -> None:
    alice = make_member()
    assert alice.user is not None
    client.force_login(alice.user)
    assert client.get(reverse("my_page")).status_code == 200
    assert client.get(OFFICE)["Location"].startswith(reverse("account_login"))


def test_the_way_to_a_second_step_is_open_and_says_why(client: Client) -> None:
    client.force_login(make_user("admin"))
    html = client.get(OFFICE, follow=True).content.decode()
    assert "The office needs a second step at log-in." in html


def test_where_it_is_deferred_the_deploy_check_reminds(settings: Any) -> None:
    assert check_second_step() == []
    site = dataclasses.replace(settings.CLIENT.site, office_second_step="deferred")
    settings.CLIENT = dataclasses.replace(settings.CLIENT, site=site)
    assert [message.id for message in check_second_step()] == ["membership.I001"]
