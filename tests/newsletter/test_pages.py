"""Lists of news and their feed."""

from xml.etree import ElementTree

import pytest
from django.test import Client

from core.dates import days_after
from newsletter.models import NewsIndexPage
from tests.newsletter.makers import TODAY, make_newsletter, make_website

pytestmark = pytest.mark.django_db


def test_newest_first_ten_at_a_time(client: Client) -> None:
    make_website()
    for number in range(12):
        make_newsletter(f"Brev {number:02}", on=days_after(TODAY, number))
    first, second = (client.get(f"/nyhetsbrev/?page={n}").context["page_obj"] for n in (1, 2))
    assert [page.title for page in first] == [f"Brev {number:02}" for number in range(11, 1, -1)]
    assert [page.title for page in second] == ["Brev 01", "Brev 00"]
    assert client.get("/nyhetsbrev/?page=x").context["page_obj"].number == 1


def test_an_empty_list_says_so(client: Client) -> None:
    make_website()
    html = client.get("/nyhetsbrev/").content.decode()
    assert 'class="empty"' in html


def test_the_feed(client: Client) -> None:
    make_website()
    make_newsletter("Vår & nytt <b>", on=TODAY)
    response = client.get("/nyhetsbrev/rss/")
    assert response["Content-Type"].startswith("application/rss+xml")
    [item] = ElementTree.fromstring(response.content).iter("item")
    assert {tag: item.findtext(tag) for tag in ("title", "link", "description", "pubDate")} == {
        "title": "Vår & nytt <b>",
        "link": "http://testserver/nyhetsbrev/v%C3%A5r-nytt-b/",
        "description": "Kort om Vår & nytt <b>.",
        "pubDate": "Tue, 10 Mar 2026 12:00:00 +0100",
    }


def test_drafts_are_in_neither(client: Client) -> None:
    make_website()
    make_newsletter("Utkast").unpublish()
    assert "Utkast" not in client.get("/nyhetsbrev/").content.decode()
    assert "Utkast" not in client.get("/nyhetsbrev/rss/").content.decode()
    assert NewsIndexPage.objects.get().get_children().count() == 1
