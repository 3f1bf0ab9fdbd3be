"""The outbox on one's own machine: what would have been sent, with its links and codes."""

from typing import Any

import pytest
from django.test import Client

from messaging.models import Message
from messaging.rendering import Words
from tests.messaging.makers import queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def code() -> Message:
    text = "Hei!\n\nKoden er\n\nQWER-1234\n\nEller åpne https://vvnf.example/x/?a=1 .\n"
    words = Words(subject='Kode "><img src=x>', text=text, html="<script>1</script><p>Kode</p>")
    return queued(kind="login_code", words=words)


@pytest.mark.parametrize("page", ["", "{pk}/", "{pk}/words/"])
def test_nobody_sees_it_on_a_site_in_use(client: Client, code: Message, page: str) -> None:
    response = client.get(f"/outbox/{page.format(pk=code.pk)}")
    assert response.status_code == 404
    assert "QWER" not in response.content.decode()


@pytest.mark.parametrize("page", ["", "{pk}/"])
def test_codes_and_links_are_at_hand_in_development(client: Client, settings: Any, code: Message, page: str) -> None:
    settings.DEBUG = True
    text = client.get(f"/outbox/{page.format(pk=code.pk)}").content.decode()
    assert "<strong>QWER-1234</strong>" in text
    assert 'href="https://vvnf.example/x/?a=1"' in text
    assert "<img src=x" not in text


def test_the_html_is_framed_so_that_nothing_in_it_can_act(client: Client, settings: Any, code: Message) -> None:
    settings.DEBUG = True
    response = client.get(f"/outbox/{code.pk}/words/")
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "no-store" in response["Cache-Control"]


def test_an_empty_outbox_says_what_to_do(client: Client, settings: Any) -> None:
    settings.DEBUG = True
    assert client.get("/outbox/").status_code == 200
