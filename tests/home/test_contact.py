"""The contact form: what visitors write reaches the office once; bad input gets a sentence, and nothing is lost."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from core import tokens
from home import views
from messaging.models import Message
from tests.home.makers import make_website

pytestmark = pytest.mark.django_db

WORDS = {"name": "Kåre Åsen", "email": "kare@example.no", "message": "Hvor er bekken?\nHilsen Kåre"}


def opened(seconds_ago: int = 60, name: str = "a") -> str:
    from django.utils import timezone

    return tokens.make("contact-form", {"id": name, "at": int(timezone.now().timestamp()) - seconds_ago})


def send(client: Client, **data: Any) -> Any:
    return client.post("/kontakt/", {**WORDS, "website": "", "opened": opened(), **data})


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    found: dict[str, list[str]] = {
        name: list(map(str, texts)) for name, texts in response.context["form"].errors.items()
    }
    return found


def test_a_message_reaches_the_office_with_the_visitors_address_for_the_answer(client: Client) -> None:
    make_website()
    response = send(client)
    assert (response.status_code, response["Location"]) == (302, "/kontakt/?sent=1#main")
    message = Message.objects.get()
    assert (message.kind, message.address, message.headers) == (
        "contact_form", "post@vvnf.example", {"Reply-To": "kare@example.no"}
    )  # fmt: skip
    assert "Hvor er bekken?" in message.body_text
    assert client.get("/kontakt/?sent=1").context["is_sent"] is True


def test_sent_twice_is_one_message(client: Client) -> None:
    make_website()
    token = opened()
    for _ in range(2):
        assert send(client, opened=token).status_code == 302
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 10_000}, "name"),
        ({"name": "Kåre\r\nBcc: all@example.no"}, "name"),
        ({"email": ""}, "email"),
        ({"email": "kare@example.no."}, "email"),
        ({"email": "kare@example.no\r\nBcc: all@example.no"}, "email"),
        ({"email": "x" * 10_000}, "email"),
        ({"message": ""}, "message"),
        ({"message": "x" * 10_000}, "message"),
        ({"opened": ""}, "opened"),
        ({"opened": "forged"}, "opened"),
    ],
)
def test_bad_input_gets_a_sentence_and_nothing_is_lost(client: Client, wrong: dict[str, str], field: str) -> None:
    make_website()
    response = send(client, **wrong)
    assert list(errors(response)) == [field]
    assert all(len(sentence) > 10 for sentence in errors(response)[field])
    html = response.content.decode()
    kept = {**WORDS, **wrong}
    assert (kept["name"][:40] in html) and (kept["email"][:40] in html)
    assert Message.objects.count() == 0


def test_a_form_that_is_sent_at_once_is_asked_for_again(client: Client) -> None:
    make_website()
    assert list(errors(send(client, opened=opened(seconds_ago=0)))) == ["__all__"]
    assert Message.objects.count() == 0


def test_markup_is_text(client: Client) -> None:
    make_website()
    send(client, name='"><img src=x onerror=1>', message="<script>alert(1)</script>")
    message = Message.objects.get()
    assert "<script>" in message.body_text
    assert "<script>" not in message.body_html and "<img src=x" not in message.body_html
    assert "\n" not in message.subject


def test_programs_that_fill_in_everything_are_thanked_and_forgotten(client: Client) -> None:
    make_website()
    assert send(client, website="https://spam.example").status_code == 302
    assert Message.objects.count() == 0


def test_no_more_than_so_many_an_hour_from_one_network(client: Client) -> None:
    make_website()
    cache.clear()
    for number in range(views.FORMS_AN_HOUR):
        assert send(client, opened=opened(name=str(number))).status_code == 302
    assert list(errors(send(client, opened=opened(name="one too many")))) == ["__all__"]
    assert Message.objects.count() == views.FORMS_AN_HOUR


def test_without_a_form_nothing_is_taken(client: Client) -> None:
    home = make_website()
    page = home.get_children().get(slug="kontakt").specific
    page.has_form = False
    page.save_revision().publish()
    assert send(client).status_code == 200
    assert Message.objects.count() == 0
