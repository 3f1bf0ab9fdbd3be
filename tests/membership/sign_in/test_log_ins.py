"""Which log-in somebody means, and who has none."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from core.errors import Refused
from core.models import User
from membership import leaving
from membership.sign_in import log_ins
from tests.makers import NOW, TODAY, make_member, make_non_member, make_user
from tests.membership.sign_in.makers import ask_for_code, everything_about, post_password

pytestmark = pytest.mark.django_db


def test_every_name_of_a_member_leads_to_the_same_log_in() -> None:
    alice = make_member(mobile="+4791234567")
    make_member("Bob", "Berg", mobile="+4799887766")
    assert {log_ins.find(name) for name in everything_about(alice)} == {alice.user}


@pytest.mark.parametrize(
    "text", ["", "  ", "nobody@example.no", "alice", "99", "+47", "x" * 10_000, "<script>", "a\r\nb", "alice@example"]
)
def test_nobody_else_is_found(text: str) -> None:
    make_member(mobile="+4791234567")
    assert log_ins.find(text) is None


def test_a_mobile_of_two_log_ins_identifies_nobody_and_of_one_family_the_family() -> None:
    alice = make_member(mobile="+4791234567")
    make_non_member("Anna", "Ås", email="alice@example.no", mobile="+4791234567")
    assert log_ins.find("91234567") == alice.user
    make_member("Bob", "Berg", mobile="+4791234567")
    assert log_ins.find("91234567") is None


def test_the_dead_and_the_closed_are_not_found() -> None:
    alice, bob = make_member(), make_member("Bob", "Berg")
    leaving.record_death(member=alice, died_on=TODAY, on=TODAY, at=NOW)
    User.objects.filter(pk=bob.user.pk).update(is_active=False)  # type: ignore[union-attr]
    assert [log_ins.find("alice@example.no"), log_ins.find("bob@example.no")] == [None, None]
    make_non_member("Anna", "Ås", email="alice@example.no")
    assert log_ins.find("alice@example.no") == alice.user


def test_demo_log_ins_work_on_ones_own_machine_only(settings: Any) -> None:
    for debug, address, refused in [(True, "a@demo.example", False), (False, "a@example.no", False)]:
        settings.DEBUG = debug
        log_ins.refuse_demo(address)
        assert not refused
    settings.DEBUG = False
    with pytest.raises(Refused) as refusal:
        log_ins.refuse_demo(" A@Demo.Example ")
    assert "does not work here" in refusal.value.sentence


@pytest.mark.parametrize("door", ["password", "code", "user name"])
def test_demo_log_ins_are_refused_with_a_sentence(client: Client, door: str) -> None:
    demo = make_user(username="demo-editor")
    User.objects.filter(pk=demo.pk).update(email="editor@demo.example")
    response = {
        "password": lambda: post_password(client, "editor@demo.example"),
        "code": lambda: ask_for_code(client, "editor@demo.example"),
        "user name": lambda: post_password(client, "demo-editor"),
    }[door]()
    words = [str(message) for message in get_messages(response.wsgi_request)] + [response.content.decode()]
    assert any("demo" in word.casefold() for word in words)
    assert "_auth_user_id" not in client.session
