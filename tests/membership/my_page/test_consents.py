"""My page: consents given and withdrawn."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from membership import consents
from membership.models import Consent, ConsentText, Member
from tests.makers import TODAY, make_member, set_up_client
from tests.membership.my_page.makers import page, visit

pytestmark = pytest.mark.django_db


def answer(client: Client, choice: str, given: str, text: int | None = None) -> Any:
    purpose, channel = choice.split(":") if ":" in choice else (choice, "")
    found = ConsentText.objects.filter(purpose=purpose, channel=channel, language="en").first()
    pk = text or (found.pk if found else 0)
    return client.post(reverse("my_consents"), {"choice": choice, "given": given, "text": pk})


def test_giving_and_withdrawing_is_one_button_each_and_leaves_a_history() -> None:
    set_up_client()
    alice = make_member()
    client = visit(alice)
    for given in ("yes", "yes", "no", "no", "yes"):
        assert answer(client, "newsletter:email", given).url == reverse("my_consents")
    events = [(e.is_given, e.source, e.by, e.text.text if e.text else "") for e in alice.consents.all()]
    text = "I would like the newsletter by e-mail."
    assert events == [(given, "my_page", alice.user, text) for given in (True, False, True)]
    assert text in page(client, "my_consents")
    assert Member.objects.consenting("newsletter", "email").get() == alice


def test_words_that_changed_meanwhile_are_read_again() -> None:
    set_up_client()
    alice = make_member()
    old = ConsentText.objects.get(purpose="newsletter", language="en")
    ConsentText.objects.create(purpose="newsletter", channel="email", language="en", version=2, text="New words",
                               valid_from=TODAY)  # fmt: skip
    client = visit(alice)
    answer(client, "newsletter:email", "yes", text=old.pk)
    assert not alice.consents.exists()
    assert "New words" in page(client, "my_consents")


@pytest.mark.parametrize("choice", ["statutes", "privacy:", "newsletter:sms", "x", "", "newsletter:email:more"])
def test_only_what_is_a_choice_can_be_answered(choice: str) -> None:
    set_up_client()
    alice = make_member()
    response = visit(alice).post(reverse("my_consents"), {"choice": choice, "given": "no", "text": 1})
    assert response.status_code == 404
    assert not Consent.objects.exists()


def test_nothing_is_given_by_opening_an_address() -> None:
    set_up_client()
    alice = make_member()
    visit(alice).get(reverse("my_consents"), {"choice": "newsletter:email", "given": "yes"})
    assert consents.standing(member=alice) == {}
