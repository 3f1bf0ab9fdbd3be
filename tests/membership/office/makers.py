"""What the tests of the office's screens share: somebody logged in with a role, on a fixed day."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import User
from membership import roles
from tests.makers import NOW, make_user, set_up_client


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is TODAY, whenever the tests run."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def admin_user(db: Any) -> User:
    """A member admin."""
    set_up_client()
    return make_user(roles.MEMBER_ADMINS)


@pytest.fixture
def office(admin_user: User) -> Client:
    """A member admin's browser, in English."""
    return browser_of(admin_user)


def browser_of(user: User) -> Client:
    """Somebody's browser, logged in, in English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def browser_with(role: str) -> Client:
    """The browser of somebody with that role."""
    set_up_client()
    return browser_of(make_user(role))


def names_on(html: str) -> list[str]:
    """The names on a list of members, in its order."""
    return re.findall(r'<div class="title-wrapper">\s*<a href="[^"]*">([^<]*)</a>', html)


def page(client: Client, address: str, **data: Any) -> str:
    """A page that must be there."""
    answer = client.get(address, data)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()
