"""What visitors see: the front page, articles, menu, members-only pages; and what that costs the database."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.csp import CSP

from home.models import HomePage, StandardPage
from membership import roles
from newsletter.models import NewsIndexPage
from tests import makers
from tests.home.makers import make_article, make_website, publish

pytestmark = pytest.mark.django_db


def menu_titles(response: Any) -> list[tuple[str, list[str]]]:
    return [(item.title, [child.title for child in item.children]) for item in response.context["site_menu"]]


def test_the_front_page_says_who_we_are_and_what_is_new(client: Client) -> None:
    make_website()
    response = client.get("/")
    html = response.content.decode()
    assert response.status_code == 200
    assert "For rent vann, fra fjell til fjord" in html
    assert html.count("<h1") == 1
    assert [article.title for article in response.context["articles"]] == [
        "Sjøørreten er tilbake i Leirelva",
        "Fem tonn søppel på én lørdag",
        "Høringssvar: La bekken være åpen",
    ]
    assert 'href="/bli-medlem/"' in html


@pytest.mark.parametrize("path", ["/", "/nyheter/sjoorreten-er-tilbake-i-leirelva/"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Wagtail leaves a scaled file open
def test_few_queries_uncached(client: Client, path: str, django_assert_max_num_queries: Any) -> None:
    make_website(pictures=True)
    client.get(path)  # pictures are scaled once
    with django_assert_max_num_queries(12):
        assert client.get(path).status_code == 200


def test_more_news_cost_no_more_queries(client: Client, django_assert_num_queries: Any) -> None:
    make_website()
    client.get("/nyheter/")
    for number in range(3):
        with django_assert_num_queries(10):
            client.get("/nyheter/")
        make_article(f"Nytt {number}")


def test_the_menu_follows_the_page_tree(client: Client) -> None:
    home = make_website()
    about = StandardPage.objects.get(slug="om-oss")
    publish(StandardPage(title="Vedtekter", slug="vedtekter", show_in_menus=True), below=about)
    publish(StandardPage(title="Ikke i menyen", slug="ikke"), below=home)
    response = client.get("/om-oss/vedtekter/")
    assert menu_titles(response) == [
        ("Om oss", ["Vedtekter"]), ("Nyheter", []), ("Nyhetsbrev", []), ("Kontakt oss", [])
    ]  # fmt: skip
    assert [item.title for item in response.context["site_menu"] if item.current] == ["Om oss"]


def test_members_pages_are_for_members(client: Client) -> None:
    make_website()
    response = client.get("/for-medlemmer/")
    assert (response.status_code, response["Location"]) == (302, "/konto/login/?next=/for-medlemmer/")
    assert "For medlemmer" not in [title for title, _ in menu_titles(client.get("/"))]

    client.force_login(makers.make_user())  # a log-in without membership
    assert client.get("/for-medlemmer/").status_code == 302

    client.force_login(makers.make_user(roles.MEMBERS))
    response = client.get("/for-medlemmer/")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert "For medlemmer" in [title for title, _ in menu_titles(response)]


def test_news_for_members_stay_off_lists_and_feed(client: Client) -> None:
    home = make_website()
    make_article("Bare for medlemmer")
    article = NewsIndexPage.objects.get(slug="nyheter").get_children().get(title="Bare for medlemmer")
    restriction = article.view_restrictions.create(restriction_type="groups")
    restriction.groups.set([roles.Group.objects.get(name=roles.MEMBERS)])
    for path in ("/", "/nyheter/", "/nyheter/rss/"):
        assert "Bare for medlemmer" not in client.get(path).content.decode(), path
    client.force_login(makers.make_user(roles.MEMBERS))
    assert "Bare for medlemmer" in client.get("/nyheter/").content.decode()
    assert home.live


def test_pages_are_strict_about_scripts(client: Client) -> None:
    make_website()
    policy = client.get("/")[CSP.HEADER_ENFORCE]
    assert "unsafe-inline" not in policy


def test_the_colours_can_be_cached_and_are_the_associations(client: Client) -> None:
    response = client.get("/theme.css")
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert set(response["Cache-Control"].split(", ")) == {"max-age=3600", "public"}
    assert settings.CLIENT.site.accent in response.content.decode()


def test_a_page_in_english_keeps_its_norwegian_content(client: Client) -> None:
    make_website()
    client.post("/i18n/setlang/", {"language": "en", "next": "/"})
    html = client.get("/").content.decode()
    assert '<html lang="en">' in html
    assert 'lang="nb"' in html
    assert "Become a member" in html


def test_a_front_page_without_news_or_picture(client: Client) -> None:
    home = make_website()
    HomePage.objects.filter(pk=home.pk).update(news=None, image=None)
    response = client.get("/")
    assert response.status_code == 200
    assert response.context["articles"] == []
