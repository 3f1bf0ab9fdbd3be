"""Pages are kept for a moment, for those without a log-in only, and never a moment longer than they are true."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page

from home.models import StandardPage
from membership import roles
from tests import makers
from tests.home.makers import make_article, make_website, publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept(settings: Any) -> Iterator[None]:
    settings.PAGE_CACHE_SECONDS = 60
    make_website()
    yield


def about() -> StandardPage:
    return StandardPage.objects.get(slug="om-oss")


def test_the_second_visitor_costs_no_query(django_assert_num_queries: Any) -> None:
    first = Client().get("/om-oss/")
    with django_assert_num_queries(0):
        second = Client().get("/om-oss/")
    assert without_token(second) == without_token(first)
    assert second.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]


def without_token(response: Any) -> str:
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def test_each_visitor_has_a_token_that_works() -> None:
    tokens = set()
    for _ in range(3):
        visitor = Client(enforce_csrf_checks=True)
        [token, *_] = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', visitor.get("/").content.decode())
        answer = visitor.post("/i18n/setlang/", {"language": "en", "next": "/", "csrfmiddlewaretoken": token})
        assert answer.status_code == 302
        assert '<html lang="en">' in visitor.get("/").content.decode()
        tokens.add(token)
    assert len(tokens) == 3


def test_what_editors_do_shows_at_once() -> None:
    visitor = Client()
    assert "Om oss" in visitor.get("/").content.decode()
    page = about()
    page.title = "Hvem vi er"
    page.save_revision().publish()
    assert "Hvem vi er" in visitor.get("/").content.decode()
    about().unpublish()
    assert visitor.get("/om-oss/").status_code == 404
    make_article("Ferskt nytt")
    assert "Ferskt nytt" in visitor.get("/nyheter/").content.decode()
    Page.objects.get(title="Ferskt nytt").delete()
    assert "Ferskt nytt" not in visitor.get("/nyheter/").content.decode()


def test_a_page_that_is_closed_is_closed_at_once() -> None:
    visitor = Client()
    assert visitor.get("/om-oss/").status_code == 200
    restriction = about().view_restrictions.create(restriction_type="groups")
    restriction.groups.set([roles.Group.objects.get(name=roles.MEMBERS)])
    assert visitor.get("/om-oss/").status_code == 302


def test_members_pages_never_reach_visitors() -> None:
    member, visitor = Client(), Client()
    member.force_login(makers.make_user(roles.MEMBERS))
    for path in ("/for-medlemmer/", "/", "/om-oss/"):
        assert member.get(path).status_code == 200
    assert visitor.get("/for-medlemmer/").status_code == 302
    for path in ("/", "/om-oss/"):
        html = visitor.get(path).content.decode()
        assert "For medlemmer" not in html
        assert "My page" not in html and "Min side" not in html


def test_each_language_and_page_of_a_list_is_its_own() -> None:
    english = Client(headers={"accept-language": "en"})
    norwegian = Client(headers={"accept-language": "nb"})
    for _ in range(2):
        assert '<html lang="en">' in english.get("/").content.decode()
        assert '<html lang="nb">' in norwegian.get("/").content.decode()
    for number in range(12):
        make_article(f"Nytt {number}")
    for _ in range(2):
        assert without_token(english.get("/nyheter/")) != without_token(english.get("/nyheter/?page=2"))


def test_forms_are_not_kept() -> None:
    opened = [
        re.findall(r'name="opened" value="([^"]+)"', Client().get("/kontakt/").content.decode()) for _ in range(2)
    ]
    assert len(opened[0]) == 1 and opened[0] != opened[1]


def test_strange_questions_fill_no_cache(django_assert_max_num_queries: Any) -> None:
    home = Page.objects.get(slug="forside")
    for query in ("?x=1", "?page=1&x=2", "?utm_source=spam"):
        assert Client().get(f"/om-oss/{query}").status_code == 200
    publish(StandardPage(title="Ny", slug="ny"), below=home)
    assert Client().get("/ny/?x=1").status_code == 200
    about().unpublish()
    assert Client().get("/om-oss/?x=1").status_code == 404
