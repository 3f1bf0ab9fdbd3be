"""The office's door: allauth's log-in and nothing else, with the second factor."""

import pytest
from django.test import Client

from membership import roles
from tests.makers import make_user, set_up_client
from tests.membership.sign_in.makers import PASSWORD

pytestmark = pytest.mark.django_db


def is_in_the_office(browser: Client) -> bool:
    return browser.get("/admin/").status_code == 200


def test_wagtails_own_log_in_lets_nobody_in() -> None:
    set_up_client()
    user = make_user(roles.ADMINISTRATORS)
    browser = Client()
    answer = browser.post("/admin/login/", {"username": user.username, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/konto/login/")
    assert not is_in_the_office(browser)


def test_the_office_asks_for_allauths_log_in() -> None:
    answer = Client().get("/admin/members/")
    assert answer["Location"] == "/konto/login/?next=/admin/members/"


def test_a_second_factor_cannot_be_gone_round() -> None:
    """A log-in with TOTP: the password alone does not open the office, at either door."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    set_up_client()
    user = make_user(roles.ADMINISTRATORS)
    TOTP.activate(user, generate_totp_secret())
    for door, name in (("/admin/login/", "username"), ("/konto/login/", "login")):
        browser = Client()
        browser.post(door, {name: user.username, "password": PASSWORD})
        assert not is_in_the_office(browser), door
