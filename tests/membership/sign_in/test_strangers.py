"""What strangers learn from the log-in: nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from messaging.models import Message
from tests.makers import make_member
from tests.membership.sign_in.makers import (
    ask_for_code,
)

pytestmark = pytest.mark.django_db


def without_secrets(response: Any, *typed: str) -> str:
    html = response.content.decode()
    for text in typed:
        html = html.replace(text, "TYPED")
    return re.sub(r'(name="csrfmiddlewaretoken" value|nonce)="[^"]*"', "", html)


@pytest.mark.parametrize(
    ("url_name", "fields"),
    [
        ("account_login", {"password": "wrong password"}),
        ("account_request_login_code", {}),
        ("account_reset_password", {}),
    ],
)
def test_strangers_get_the_same_answer(url_name: str, fields: dict[str, str]) -> None:
    make_member(mobile="+4791234567")
    answers = []
    for identifier in ("alice@example.no", "elise@example.no", "91234567", "91234568"):
        client = Client()
        response = client.post(reverse(url_name), {"login": identifier, **fields}, follow=True)
        answers.append((response.redirect_chain, response.status_code, without_secrets(response, identifier)))
    assert answers[0] == answers[1]
    assert answers[2] == answers[3]


def test_strangers_get_no_mail_and_leave_no_row(client: Client) -> None:
    make_member()
    for url_name in ("account_request_login_code", "account_reset_password"):
        client.post(reverse(url_name), {"login": "elise@example.no"})
    ask = Client()
    ask_for_code(ask, "elise@example.no")
    ask.post(reverse("account_confirm_login_code"), {"action": "resend"})
    assert not Message.objects.exists()


def test_a_stranger_costs_as_many_mails_written_as_a_member(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from membership.sign_in import views

    make_member()
    written: list[str] = []
    queue: Callable[..., Any] = views.queue_account_mail
    monkeypatch.setattr(
        views, "queue_account_mail", lambda **kwargs: (written.append(kwargs["email"]), queue(**kwargs))[1]
    )
    for identifier in ("alice@example.no", "elise@example.no"):
        other = Client()
        ask_for_code(other, identifier)
        other.post(reverse("account_confirm_login_code"), {"action": "resend"})
    assert written == ["alice@example.no"] * 2 + ["nobody@example.org"] * 2
