"""One click and no more newsletters (RFC 8058); opening the link changes nothing."""

import re

import pytest
from django.test import Client

from membership.models import Consent, Member
from messaging.models import Message
from newsletter import mailings, subscriptions
from newsletter.models import Mailing
from tests.newsletter.makers import NOW, make_newsletter, make_reader, make_website

pytestmark = pytest.mark.django_db


def path_for(member: Member) -> str:
    return "/" + subscriptions.unsubscribe_address(member.pk).split("/", 3)[3]


def wants(member: Member) -> bool:
    return Member.objects.filter(pk=member.pk).consenting("newsletter", "email").exists()


@pytest.fixture
def alice() -> Member:
    make_website()
    return make_reader("Alice")


def test_both_headings_are_in_the_message(alice: Member) -> None:
    mailing = mailings.prepare(page=make_newsletter(), at=NOW, by=None)
    mailings.fill(mailing=Mailing.objects.get(pk=mailing.pk), at=NOW)
    headers = Message.objects.get().headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<http://[^>]+/nyhetsbrev/avmelding/[\w:.-]+/>", headers["List-Unsubscribe"])
    assert "alice" not in headers["List-Unsubscribe"]


def test_one_click_without_cookies_works(alice: Member) -> None:
    program = Client(enforce_csrf_checks=True)
    response = program.post(path_for(alice), {"List-Unsubscribe": "One-Click"})
    assert (response.status_code, wants(alice)) == (200, False)
    last = Consent.objects.first()
    assert last is not None and (last.source, last.is_given) == ("unsubscribe", False)


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_opening_the_link_changes_nothing(client: Client, alice: Member, method: str) -> None:
    response = getattr(client, method)(path_for(alice))
    assert response.status_code in {200, 405}
    assert wants(alice)
    assert Consent.objects.filter(is_given=False).count() == 0


def test_personal_pages_are_not_stored(client: Client, alice: Member) -> None:
    assert "no-store" in client.get(path_for(alice))["Cache-Control"]
    assert "no-store" in client.post(path_for(alice))["Cache-Control"]


def test_twice_is_once(client: Client, alice: Member) -> None:
    for _ in range(2):
        assert client.post(path_for(alice)).status_code == 200
    assert Consent.objects.filter(is_given=False).count() == 1


def test_everybody_at_the_address_is_unsubscribed_and_comes_back(client: Client, alice: Member) -> None:
    allan, bob = make_reader("Allan", email="Alice@example.no"), make_reader("Bob")
    client.post(path_for(alice))
    assert (wants(alice), wants(allan), wants(bob)) == (False, False, True)
    client.post(path_for(alice) + "igjen/")
    assert (wants(alice), wants(allan), wants(bob)) == (True, True, True)


def test_undo_gives_back_only_what_the_link_took(client: Client, alice: Member) -> None:
    never = make_reader("Allan", email="alice@example.no", wants=False)
    client.post(path_for(alice) + "igjen/")
    client.post(path_for(alice))
    client.post(path_for(alice) + "igjen/")
    assert (wants(alice), wants(never)) == (True, False)
    assert client.get(path_for(alice) + "igjen/").status_code == 405


@pytest.mark.parametrize("token", ["x", "Mg:1abc:forged", "x" * 5000])
def test_a_link_that_is_not_ours_gets_a_sentence(client: Client, alice: Member, token: str) -> None:
    for call in (client.get, client.post):
        response = call(f"/nyhetsbrev/avmelding/{token}/")
        assert response.status_code == 400
        assert "<h1" in response.content.decode()
    assert wants(alice)


def test_a_token_for_something_else_opens_nothing(client: Client, alice: Member) -> None:
    from core import tokens

    assert client.post(f"/nyhetsbrev/avmelding/{tokens.make('login', alice.pk)}/").status_code == 400
    assert wants(alice)


def test_the_link_of_somebody_erased_still_answers(client: Client, alice: Member) -> None:
    path = path_for(alice)
    Consent.objects.all().delete()
    alice.periods.all().delete()
    Member.objects.filter(pk=alice.pk).delete()
    assert client.post(path).status_code == 200
