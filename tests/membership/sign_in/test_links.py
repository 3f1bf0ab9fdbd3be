"""Log-in links: opened as often as one likes, used once, never by GET, and never round the second factor."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core import signing
from django.test import Client
from wagtail.models import ModelLogEntry

from core.errors import Refused
from membership.models import Member
from membership.sign_in import links
from messaging.models import Message
from tests.makers import NOW, make_member, make_user
from tests.membership.office.makers import admin_user, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db


def link_of(message: Message) -> str:
    """The address in the mail, without the host."""
    found = re.search(r"https?://[^/]+(/innlogging/\S+)", message.body_text)
    assert found
    return found[1]


def sent_to(member: Member) -> Message:
    return links.send(member=member, at=NOW, by=None)


def is_logged_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def test_the_office_sends_one_and_it_is_remembered(office: Client) -> None:
    member = make_member("Alice", "Ås")
    assert "works once, within seven days" in page(office, f"/admin/members/{member.pk}/login-link/")
    assert not Message.objects.filter(kind="login_link").exists()
    office.post(f"/admin/members/{member.pk}/login-link/")
    message = Message.objects.get(kind="login_link")
    member.refresh_from_db()
    assert (message.address, message.recipient_ref, member.login_link_sent_at) == (
        "alice@example.no",
        member.recipient_ref,
        NOW,
    )
    assert ModelLogEntry.objects.for_instance(member).filter(action="membership.member.login_link_sent").exists()


def test_looking_does_not_use_it_and_the_button_works_once() -> None:
    member = make_member("Alice", "Ås")
    address = link_of(sent_to(member))
    browser = Client(headers={"accept-language": "en"})
    for _time in range(3):
        answer = browser.get(address)
        assert (answer.status_code, is_logged_in(browser)) == (200, False)
        assert "no-store" in answer["Cache-Control"]
    assert "The link is for Alice Ås." in browser.get(address).content.decode()
    browser.post(address)
    assert is_logged_in(browser)
    other = Client(headers={"accept-language": "en"})
    answer = other.post(address)
    assert (answer.status_code, is_logged_in(other)) == (410, False)
    assert "This link has been used. Ask for a new one." in answer.content.decode()


def test_the_second_factor_is_asked_for() -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    member = make_member("Alice", "Ås")
    TOTP.activate(member.user, generate_totp_secret())
    browser = Client()
    answer = browser.post(link_of(sent_to(member)))
    assert answer["Location"].startswith("/konto/2fa/authenticate/")
    assert not is_logged_in(browser)


def test_old_wrong_and_foreign_links_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    member = make_member("Alice", "Ås")
    address = link_of(sent_to(member))
    assert Client().post(address[:-3] + "/").status_code == 410
    assert Client().post(f"/innlogging/{signing.dumps([member.user_id, 'alice@example.no', ''])}/").status_code == 410
    later = signing.time.time() + links.VALID_SECONDS + 1
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert Client().post(address).status_code == 410


def test_a_new_address_ends_it() -> None:
    member = make_member("Alice", "Ås")
    token = links.token_for(member.user)
    assert links.read(token=token) == member.user
    member.user.email = "new@example.no"
    member.user.save()
    with pytest.raises(Refused):
        links.read(token=token)


def test_nobody_to_send_to() -> None:
    without = make_member("Nina", "Nei", email="")
    dead = make_member("Dora", "Død", email="dora@example.no")
    dead.died_on = date(2026, 1, 1)
    closed = make_member("Carl", "Dahl", email="carl@example.no")
    closed.user.is_active = False
    for member, sentence in (
        (without, "Nina Nei has no e-mail address to send to. Write one first."),
        (dead, "Dora Død has died. Nothing is sent."),
        (closed, "The log-in of Carl Dahl is closed."),
    ):
        with pytest.raises(Refused, match=re.escape(sentence)):
            sent_to(member)
    assert not Message.objects.filter(kind="login_link").exists()


def test_a_member_admin_is_needed() -> None:
    member = make_member()
    browser = Client()
    browser.force_login(make_user())
    browser.post(f"/admin/members/{member.pk}/login-link/")
    assert not Message.objects.filter(kind="login_link").exists()


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_mail(language: str) -> None:
    member = make_member("Alice", "Ås")
    member.language = language
    message = sent_to(member)
    text = re.sub(r"/innlogging/\S+", "/innlogging/TOKEN/", f"{message.subject}\n\n{message.body_text}")
    golden = Path(__file__).parents[2] / "golden" / "mails" / f"login_link.{language}.txt"
    assert text == golden.read_text(encoding="utf-8")
    assert timedelta(seconds=links.VALID_SECONDS) == timedelta(days=7)
