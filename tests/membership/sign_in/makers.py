"""Somebody who logs in: by every name, with a code or a password."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from core.models import User
from membership.models import Member
from messaging.models import Message

PASSWORD = "correct horse battery"


def log_in_of(member: Member, *, password: str = PASSWORD) -> User:
    user = member.user
    assert user is not None
    user.set_password(password)
    user.save()
    return user


def post_password(client: Client, identifier: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(reverse("account_login"), {"login": identifier, "password": password}, **extra)


def ask_for_code(client: Client, identifier: str, **extra: Any) -> Any:
    return client.post(reverse("account_request_login_code"), {"login": identifier}, **extra)


def code_in(message: Message) -> str:
    found = re.search(r"^ +(\S+)$", message.body_text, re.MULTILINE)
    assert found
    return found[1]


def newest(template: str = "login_code") -> Message:
    return Message.objects.filter(template=template).latest("pk")


def log_in_with_code(client: Client, identifier: str, **query: str) -> Any:
    ask_for_code(client, identifier)
    return client.post(reverse("account_confirm_login_code"), {"code": code_in(newest()), **query})


def everything_about(member: Member) -> list[str]:
    number = member.member_number
    return ["alice@example.no", " ALICE@Example.NO ", "91234567", "912 34 567", "+47 912 34 567", "0047 91234567",
            number, f" {number} ", member.user.username, member.user.username.upper()]  # type: ignore[union-attr]  # fmt: skip
