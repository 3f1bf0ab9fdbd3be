"""Search finds what a visitor may open, and nothing else."""

from typing import Any

import pytest
from django.test import Client

from membership import roles
from tests import makers
from tests.home.makers import make_article, make_website

pytestmark = pytest.mark.usefixtures("full_text_search")


def found(client: Client, query: str, **parameters: object) -> list[str]:
    response = client.get("/sok/", {"q": query, **parameters})
    assert response.status_code == 200
    return [page.title for page in response.context["page_obj"]]


@pytest.mark.parametrize("query", ["ørehåv", "ØREHÅV", "øre", "Ørehåv åpner", "«åpner» ørehåv!"])
def test_norwegian_letters_and_beginnings_of_words(client: Client, query: str) -> None:
    make_website()
    make_article("Ørehåv åpner klekkeriet")
    make_article("Noe helt annet")
    assert found(client, query) == ["Ørehåv åpner klekkeriet"]


def test_the_text_of_a_page_is_found(client: Client) -> None:
    make_website()
    assert found(client, "flaskepost") == ["Fem tonn søppel på én lørdag"]


def test_members_pages_are_found_by_members_only(client: Client) -> None:
    make_website()
    assert found(client, "vadebukser") == []
    client.force_login(makers.make_user())
    assert found(client, "vadebukser") == []
    client.force_login(makers.make_user(roles.MEMBERS))
    assert found(client, "vadebukser") == ["For medlemmer"]


def test_drafts_are_not_found(client: Client) -> None:
    make_website()
    make_article("Hemmelig utkast").unpublish()
    assert found(client, "hemmelig") == []


def test_results_come_in_portions(client: Client) -> None:
    make_website()
    for number in range(12):
        make_article(f"Oterdag {number}")
    assert (len(found(client, "oterdag")), len(found(client, "oterdag", page=2))) == (10, 2)
    assert len(found(client, "oterdag", page="x")) == 10


def test_any_query_is_answered(client: Client) -> None:
    make_website()
    odd = ["", " ", "x" * 100_000, "zz zq " * 30_000, '"', "'", "*", "-", "AND OR NOT", "(", "zzz\x00zz", "%", "\\"]
    assert [found(client, query) for query in odd] == [[]] * len(odd)
    response = client.get("/sok/", {"q": "<script>alert(1)</script>"})
    assert "<script>alert" not in response.content.decode()


def test_the_number_of_queries_does_not_grow(client: Client, django_assert_num_queries: Any) -> None:
    make_website()
    client.get("/sok/", {"q": "oterdag"})
    for articles in (1, 2):  # then three in all
        for _ in range(articles):
            make_article("Oterdag")
        with django_assert_num_queries(7):
            found(client, "oterdag")
