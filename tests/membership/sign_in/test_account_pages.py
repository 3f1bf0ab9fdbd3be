"""The pages of one's own log-in: passwords and addresses changed by who has just proved it."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from messaging.models import Message
from tests.makers import make_member, make_non_member, make_user
from tests.membership.sign_in.makers import (
    PASSWORD,
    code_in,
    log_in_of,
    log_in_with_code,
    newest,
    post_password,
)

pytestmark = pytest.mark.django_db


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
