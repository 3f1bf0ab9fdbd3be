"""Logging in with a password, where it leads, and the second step."""

import pytest
from django.test import Client
from django.urls import reverse

from core.models import User
from membership import leaving
from messaging.models import Message
from tests.makers import NOW, TODAY, make_member, make_user
from tests.membership.sign_in.makers import (
    PASSWORD,
    ask_for_code,
    everything_about,
    log_in_of,
    log_in_with_code,
    post_password,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", range(10))
def test_a_password_lets_in_by_every_name(client: Client, name: int) -> None:
    alice = make_member(mobile="+4791234567")
    log_in_of(alice)
    assert post_password(client, everything_about(alice)[name]).url == reverse("my_page")


def test_the_sixth_wrong_password_is_refused_whatever_the_name_case_or_forwarded_address() -> None:
    alice = make_member(mobile="+4791234567")
    log_in_of(alice)
    for number, name in enumerate(everything_about(alice)[:5]):
        post_password(Client(), name, "wrong", headers={"X-Forwarded-For": f"192.0.2.{number}"})
    client = Client(headers={"accept-language": "en"})
    response = post_password(client, "Alice@EXAMPLE.no", headers={"X-Forwarded-For": "198.51.100.7"})
    assert "_auth_user_id" not in client.session
    assert "Wait five minutes" in response.context["form"].errors.as_text()


@pytest.mark.parametrize(
    "fields",
    [{}, {"login": ""}, {"login": "alice@example.no", "password": ""}, {"login": "a" * 10_000, "password": "x"},
     {"login": "a\x00b", "password": "x"}, {"login": "<script>alert(1)</script>", "password": "x"},
     {"login": "alice@example.no\r\nBcc: x@example.no", "password": "x"}],
)  # fmt: skip
def test_bad_input_is_answered_with_sentences(client: Client, fields: dict[str, str]) -> None:
    make_member()
    for url_name in ("account_login", "account_request_login_code", "account_reset_password"):
        response = client.post(reverse(url_name), fields)
        if response.status_code == 200:
            assert response.context["form"].errors
            assert b"<script>alert" not in response.content
            assert b"Error:" in response.content or b"Feil:" in response.content
        else:
            assert response.status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("wanted", ["//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example",
                                    "javascript:alert(1)", "\\\\evil.example"])  # fmt: skip
def test_next_stays_on_our_site(client: Client, wanted: str) -> None:
    alice = make_member()
    log_in_of(alice)
    response = client.post(
        reverse("account_login"), {"login": "alice@example.no", "password": PASSWORD, "next": wanted}
    )
    assert response.url == reverse("my_page")
    assert log_in_with_code(Client(), "alice@example.no", next=wanted).url == reverse("my_page")


def test_next_on_our_site_is_followed(client: Client) -> None:
    make_member()
    assert log_in_with_code(client, "alice@example.no", next="/min-side/husstand/").url == "/min-side/husstand/"


def test_the_dead_cannot_come_in_by_any_door(client: Client) -> None:
    alice = make_member()
    user = log_in_of(alice)
    client.force_login(user)
    leaving.record_death(member=alice, died_on=TODAY, on=TODAY, at=NOW)
    assert client.get(reverse("my_page")).url == reverse("my_page_nobody")
    fresh = Client()
    post_password(fresh, "alice@example.no")
    post_password(fresh, user.username)
    ask_for_code(fresh, "alice@example.no")
    assert "_auth_user_id" not in fresh.session
    assert not Message.objects.filter(template="login_code").exists()


def test_the_office_lands_in_the_office_and_members_on_my_page(client: Client) -> None:
    make_user("admin", username="boss")
    assert post_password(client, "boss").url == reverse("wagtailadmin_home")
    alice = make_member()
    log_in_of(alice)
    assert post_password(Client(), "alice@example.no").url == reverse("my_page")


@pytest.mark.parametrize("door", ["/admin/login/", "/konto/login/"])
def test_the_second_step_is_asked_for(client: Client, door: str) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    boss = make_user("admin", username="boss")
    TOTP.activate(boss, generate_totp_secret())
    page = client.get(door, follow=True)
    assert page.redirect_chain[-1:] in ([], [("/konto/login/", 302)])
    response = post_password(client, "boss")
    assert response.url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    assert client.get(reverse("wagtailadmin_home")).status_code == 302


def test_nobody_signs_up(client: Client) -> None:
    client.post(reverse("account_signup"), {"email": "new@example.no", "password1": PASSWORD})
    assert not User.objects.exists()
