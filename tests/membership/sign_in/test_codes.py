"""Logging in with a code from the mail."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from messaging.models import Message
from tests.makers import make_member
from tests.membership.sign_in.makers import ask_for_code, code_in, everything_about, log_in_with_code, newest

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parents[2] / "golden" / "mails"


@pytest.mark.parametrize("name", range(10))
def test_a_code_lets_in_by_every_name_and_goes_to_the_registers_address(client: Client, name: int) -> None:
    alice = make_member(mobile="+4791234567")
    response = log_in_with_code(client, everything_about(alice)[name])
    assert response.url == reverse("my_page")
    assert newest().address == "alice@example.no"
    assert client.session["_auth_user_id"] == str(alice.user_id)


def test_three_wrong_codes_end_it(client: Client) -> None:
    make_member()
    ask_for_code(client, "alice@example.no")
    right = code_in(newest())
    for _attempt in range(3):
        client.post(reverse("account_confirm_login_code"), {"code": "WRONG"})
    client.post(reverse("account_confirm_login_code"), {"code": right})
    assert "_auth_user_id" not in client.session


def test_a_code_is_bound_to_its_session(client: Client) -> None:
    make_member()
    ask_for_code(client, "alice@example.no")
    other = Client()
    ask_for_code(other, "elise@example.no")
    other.post(reverse("account_confirm_login_code"), {"code": code_in(newest())})
    assert "_auth_user_id" not in other.session


def test_a_code_works_for_ten_minutes(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from allauth.account.internal.flows import code_verification

    make_member()
    ask_for_code(client, "alice@example.no")
    started = code_verification.time.time()
    monkeypatch.setattr(code_verification.time, "time", lambda: started + 601)
    client.post(reverse("account_confirm_login_code"), {"code": code_in(newest())})
    assert "_auth_user_id" not in client.session


def test_a_new_code_replaces_the_old(client: Client) -> None:
    make_member()
    ask_for_code(client, "alice@example.no")
    old = code_in(newest())
    client.post(reverse("account_confirm_login_code"), {"action": "resend"})
    assert Message.objects.filter(template="login_code").count() == 2
    client.post(reverse("account_confirm_login_code"), {"code": old})
    assert "_auth_user_id" not in client.session
    client.post(reverse("account_confirm_login_code"), {"code": code_in(newest())})
    assert "_auth_user_id" in client.session


def test_ten_codes_an_hour_go_to_one_mailbox(client: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    alice = make_member(mobile="+4791234567")
    for name in everything_about(alice) * 2:
        ask_for_code(Client(), name)
    assert Message.objects.filter(template="login_code").count() == 10


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_code_mail_is_golden(client: Client, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("membership.sign_in.views.AccountAdapter.generate_login_code", lambda self: "QWER-TYUI")
    make_member()
    with override(language):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        ask_for_code(client, "alice@example.no")
    message = newest()
    found = f"Subject: {message.subject}\n\n{message.body_text}"
    assert found == (GOLDEN / f"login_code.{language}.txt").read_text(encoding="utf-8")
    assert "QWER-TYUI" in message.body_html
