"""A closed website shows nothing without a log-in; links in messages still work."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from newsletter.subscriptions import unsubscribe_address
from tests import makers
from tests.home.makers import make_website

pytestmark = pytest.mark.django_db

PAGES = ["/", "/om-oss/", "/nyheter/", "/nyheter/rss/", "/kontakt/", "/bli-medlem/", "/sok/?q=elv", "/for-medlemmer/"]


@pytest.fixture(autouse=True)
def closed(settings: Any, full_text_search: None) -> None:
    make_website()
    settings.CLIENT = replace(settings.CLIENT, site=replace(settings.CLIENT.site, public=False))


@pytest.mark.parametrize("path", PAGES)
def test_visitors_are_sent_to_the_log_in(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/konto/login/?next=/")
    assert "no-store" in response["Cache-Control"]


def test_the_log_in_shows_no_menu(client: Client) -> None:
    html = client.get("/konto/login/").content.decode()
    assert "Om oss" not in html


@pytest.mark.parametrize("path", PAGES[:-1])
def test_who_has_logged_in_sees_the_website(client: Client, path: str) -> None:
    client.force_login(makers.make_user())
    assert client.get(path).status_code == 200


def test_links_in_messages_work(client: Client) -> None:
    alice = makers.make_member("Alice")
    path = "/" + unsubscribe_address(alice.pk).split("/", 3)[3]
    assert client.get(path).status_code == 200
    assert client.get("/theme.css").status_code == 200
