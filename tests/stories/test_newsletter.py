"""A newsletter's life: written, looked at, sent to those who want it, left by one of them; and the next one.

Alice and Bob have said yes, Charlie was never asked.
"""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from messaging.models import Message
from newsletter.models import Mailing, NewsletterPage
from tests import makers
from tests.newsletter.makers import make_newsletter, make_reader, make_website

pytestmark = pytest.mark.django_db


def send(office: Client, page: NewsletterPage, number: int, capture: Any) -> Mailing:
    with capture(execute=True):
        response = office.post(f"/admin/newsletters/{page.pk}/send/", {"number": str(number)})
    assert response.status_code == 302
    return Mailing.objects.get(page=page)


def test_a_newsletter_from_the_first_word_to_the_last_reader(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    make_website()
    make_reader("Alice")
    make_reader("Bob")
    make_reader("Charlie", wants=False)
    office = Client()
    office.force_login(makers.make_user("admin"))

    page = make_newsletter("Vårnytt")
    for mode, what in (("", "site-header"), ("mail", "preheader")):
        assert what in office.get(f"/admin/pages/{page.pk}/view_draft/?mode={mode}").content.decode()

    mailing = send(office, page, 2, django_capture_on_commit_callbacks)
    assert sorted(m.to[0] for m in mail.outbox) == ["alice@example.no", "bob@example.no"]
    assert mailing.states() == {"sent": 2}

    [to_alice] = [m for m in mail.outbox if m.to == ["alice@example.no"]]
    raw = to_alice.message()
    assert raw["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [address] = re.findall(r"<https?://[^/]+(/[^>]+)>", raw["List-Unsubscribe"])
    assert client.get(address).status_code == 200  # a scanner looks
    assert Client(enforce_csrf_checks=True).post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200

    mail.outbox.clear()
    second = send(office, make_newsletter("Sommernytt"), 1, django_capture_on_commit_callbacks)
    assert [m.to[0] for m in mail.outbox] == ["bob@example.no"]
    assert (second.states(), Message.objects.filter(kind="newsletter").count()) == ({"sent": 1}, 3)

    visitor = client.get("/nyhetsbrev/")
    assert [article.title for article in visitor.context["page_obj"]] == ["Sommernytt", "Vårnytt"]
