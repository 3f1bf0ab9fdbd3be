"""Logging in: who is found by what, who is kept out, and what strangers learn (nothing)."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from core.errors import Refused
from core.models import User
from membership import leaving, sign_in
from membership.models import Member
from messaging.models import Message
from tests.makers import NOW, TODAY, make_member, make_non_member, make_user

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parents[1] / "golden" / "mails"
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


# --- who is found ----------------------------------------------------------------------------------------------------


def everything_about(member: Member) -> list[str]:
    number = member.member_number
    return ["alice@example.no", " ALICE@Example.NO ", "91234567", "912 34 567", "+47 912 34 567", "0047 91234567",
            number, f" {number} ", member.user.username, member.user.username.upper()]  # type: ignore[union-attr]  # fmt: skip


def test_every_name_of_a_member_leads_to_the_same_log_in() -> None:
    alice = make_member(mobile="+4791234567")
    make_member("Bob", "Berg", mobile="+4799887766")
    assert {sign_in.find(name) for name in everything_about(alice)} == {alice.user}


@pytest.mark.parametrize(
    "text", ["", "  ", "nobody@example.no", "alice", "99", "+47", "x" * 10_000, "<script>", "a\r\nb", "alice@example"]
)
def test_nobody_else_is_found(text: str) -> None:
    make_member(mobile="+4791234567")
    assert sign_in.find(text) is None


def test_a_mobile_of_two_log_ins_identifies_nobody_and_of_one_family_the_family() -> None:
    alice = make_member(mobile="+4791234567")
    make_non_member("Anna", "Ås", email="alice@example.no", mobile="+4791234567")
    assert sign_in.find("91234567") == alice.user
    make_member("Bob", "Berg", mobile="+4791234567")
    assert sign_in.find("91234567") is None


def test_the_dead_and_the_closed_are_not_found() -> None:
    alice, bob = make_member(), make_member("Bob", "Berg")
    leaving.record_death(member=alice, died_on=TODAY, on=TODAY, at=NOW)
    User.objects.filter(pk=bob.user.pk).update(is_active=False)  # type: ignore[union-attr]
    assert [sign_in.find("alice@example.no"), sign_in.find("bob@example.no")] == [None, None]
    make_non_member("Anna", "Ås", email="alice@example.no")
    assert sign_in.find("alice@example.no") == alice.user


def test_demo_log_ins_work_on_ones_own_machine_only(settings: Any) -> None:
    for debug, address, refused in [(True, "a@demo.example", False), (False, "a@example.no", False)]:
        settings.DEBUG = debug
        sign_in.refuse_demo(address)
        assert not refused
    settings.DEBUG = False
    with pytest.raises(Refused) as refusal:
        sign_in.refuse_demo(" A@Demo.Example ")
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


# --- the code --------------------------------------------------------------------------------------------------------


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
    monkeypatch.setattr("membership.sign_in_views.AccountAdapter.generate_login_code", lambda self: "QWER-TYUI")
    make_member()
    with override(language):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        ask_for_code(client, "alice@example.no")
    message = newest()
    found = f"Subject: {message.subject}\n\n{message.body_text}"
    assert found == (GOLDEN / f"login_code.{language}.txt").read_text(encoding="utf-8")
    assert "QWER-TYUI" in message.body_html


# --- what strangers learn --------------------------------------------------------------------------------------------


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
    from membership import sign_in_views

    make_member()
    written: list[str] = []
    queue: Callable[..., Any] = sign_in_views.queue_account_mail
    monkeypatch.setattr(
        sign_in_views, "queue_account_mail", lambda **kwargs: (written.append(kwargs["email"]), queue(**kwargs))[1]
    )
    for identifier in ("alice@example.no", "elise@example.no"):
        other = Client()
        ask_for_code(other, identifier)
        other.post(reverse("account_confirm_login_code"), {"action": "resend"})
    assert written == ["alice@example.no"] * 2 + ["nobody@example.org"] * 2


# --- the password ----------------------------------------------------------------------------------------------------


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


# --- changing the log-in ---------------------------------------------------------------------------------------------


def test_resetting_a_password_is_not_done_by_opening_the_link(client: Client) -> None:
    alice = make_member(mobile="+4791234567")
    user = log_in_of(alice)
    client.post(reverse("account_reset_password"), {"login": "912 34 567"})
    link = re.search(r"https?://\S+", newest("password_reset_key").body_text)
    assert link and newest("password_reset_key").address == "alice@example.no"
    for _scanner in range(3):
        assert Client().get(link[0], follow=True).status_code == 200
    page = client.get(link[0], follow=True)
    new = "another long password"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(new)
    assert newest("password_reset").address == "alice@example.no"
    assert b"does not work" in Client().get(link[0], follow=True, headers={"accept-language": "en"}).content


def test_changing_a_password_tells_by_mail(client: Client) -> None:
    alice = make_member()
    user = log_in_of(alice)
    post_password(client, "alice@example.no")
    new = "another long password"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post(reverse("account_change_password"), fields)
    user.refresh_from_db()
    assert user.check_password(new)
    assert newest("password_changed").address == "alice@example.no"


def test_a_log_in_without_password_proves_itself_with_a_code_before_choosing_one(client: Client) -> None:
    alice = make_member()
    assert alice.user is not None
    client.force_login(alice.user)
    url = reverse("account_set_password")
    response = client.get(url)
    assert response.url == f"{reverse('account_prove')}?next={url.replace('/', '%2F')}"
    assert not Message.objects.filter(template="login_code").exists()
    prove = response.url
    client.get(prove)
    assert not Message.objects.filter(template="login_code").exists()
    client.post(prove, {"action": "send"})
    assert client.post(prove, {"code": "WRONG"}).status_code == 200
    assert client.post(prove, {"code": code_in(newest())}).url == url
    client.post(url, {"password1": PASSWORD, "password2": PASSWORD})
    alice.user.refresh_from_db()
    assert alice.user.check_password(PASSWORD)
    assert newest("password_set").address == "alice@example.no"


def test_three_wrong_proofs_need_a_new_code(client: Client) -> None:
    alice = make_member()
    assert alice.user is not None
    client.force_login(alice.user)
    prove = reverse("account_prove")
    client.post(prove, {"action": "send"})
    code = code_in(newest())
    for _attempt in range(3):
        client.post(prove, {"code": "WRONG"})
    assert client.post(prove, {"code": code}).status_code == 200
    assert client.get(reverse("account_email")).status_code == 302


def test_a_new_address_counts_when_confirmed_and_the_old_one_is_told(client: Client) -> None:
    alice = make_member()
    child = make_non_member("Anna", "Ås", email="alice@example.no")
    other = make_non_member("Olga", "Ås", email="olga@example.no")
    log_in_with_code(client, "alice@example.no")
    client.post(reverse("account_email"), {"action_add": "", "email": "Alice.New@example.no"})
    alice.refresh_from_db()
    assert alice.email == "alice@example.no"
    link = re.search(r"https?://\S+", newest("email_confirmation").body_text)
    assert link and newest("email_confirmation").address == "alice.new@example.no"
    Client().get(link[0])
    alice.refresh_from_db()
    assert alice.email == "alice@example.no"
    client.post(link[0])
    for member in (alice, child, other):
        member.refresh_from_db()
    assert [member.email for member in (alice, child, other)] == [
        "alice.new@example.no", "alice.new@example.no", "olga@example.no",
    ]  # fmt: skip
    assert alice.user.email == "alice.new@example.no"  # type: ignore[union-attr]
    assert alice.user == child.user
    told = newest("email_changed")
    assert told.address == "alice@example.no" and "alice.new@example.no" in told.body_text


def test_anothers_address_cannot_be_taken_and_is_not_given_away(client: Client) -> None:
    alice, bob = make_member(), make_member("Bob", "Berg")
    log_in_with_code(client, "alice@example.no")
    response = client.post(reverse("account_email"), {"action_add": "", "email": "bob@example.no"})
    assert response.url == reverse("account_email")
    link = re.search(r"https?://\S+", newest("email_confirmation").body_text)
    assert link
    client.post(link[0])
    for member in (alice, bob):
        member.refresh_from_db()
    assert (alice.email, alice.user.email) == ("alice@example.no", "alice@example.no")  # type: ignore[union-attr]
    assert bob.user.email == "bob@example.no"  # type: ignore[union-attr]


def test_a_new_address_needs_a_fresh_log_in(client: Client) -> None:
    alice = make_member()
    user = log_in_of(alice)
    client.force_login(user)
    response = client.post(reverse("account_email"), {"action_add": "", "email": "new@example.no"})
    assert response.url.startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.filter(email="new@example.no").exists()


def test_pages_of_the_log_in_are_never_kept(client: Client) -> None:
    make_member()
    log_in_with_code(client, "alice@example.no")
    for url_name in ("account_email", "account_set_password", "mfa_index", "my_log_in"):
        assert "no-store" in client.get(reverse(url_name))["Cache-Control"], url_name


def test_an_address_that_changed_hands_in_the_register_follows_at_the_next_log_in(client: Client) -> None:
    alice = make_member()
    EmailAddress.objects.create(user=make_user(), email="alice@example.no", verified=True, primary=True)
    log_in_with_code(client, "alice@example.no")
    rows = EmailAddress.objects.filter(email="alice@example.no").values_list("user", "verified", "primary")
    assert list(rows) == [(alice.user_id, True, True)]
