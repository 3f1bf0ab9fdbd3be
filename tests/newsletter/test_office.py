"""The editor's screens for sending: who may, what they ask, what they tell."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from membership import roles
from messaging.models import Message
from newsletter.models import Mailing
from tests import makers
from tests.newsletter.makers import make_newsletter, make_reader, make_website

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> Any:
    make_website()
    for name in ("Alice", "Bob"):
        make_reader(name)
    make_reader("Charlie", wants=False)
    return make_newsletter()


def screens(page: Any) -> list[str]:
    return [f"/admin/newsletters/{page.pk}/send/", "/admin/mailings/"]


def words_of(response: Any) -> str:
    """The text of a page without its markup, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.parametrize("role", ["", roles.MEMBERS, roles.TREASURERS, roles.MEMBER_ADMINS, roles.AUDITORS])
def test_others_may_not_send(client: Client, page: Any, role: str) -> None:
    client.force_login(makers.make_user(role))
    for path in screens(page):
        assert client.get(path).status_code == 302
    for path in (f"/admin/newsletters/{page.pk}/send/", f"/admin/newsletters/{page.pk}/send-test/"):
        assert client.post(path, {"number": "2"}).status_code == 302
    assert not Mailing.objects.exists()
    assert not Message.objects.filter(kind__startswith="newsletter").exists()


def test_an_editor_sees_the_count_and_must_type_it(client: Client, page: Any) -> None:
    client.force_login(makers.make_user(roles.EDITORS))
    address = f"/admin/newsletters/{page.pk}/send/"
    assert client.get(address).context["size"].mails == 2
    for wrong in ("", "3", "two", "2.0", "x" * 10_000, "²"):
        response = client.post(address, {"number": wrong})
        assert response.status_code == 200
        assert len(response.context["form"].errors["number"]) == 1
    assert not Mailing.objects.exists()


def test_sending_from_two_tabs_is_one_mailing(
    client: Client, page: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client.force_login(makers.make_user(roles.EDITORS))
    address = f"/admin/newsletters/{page.pk}/send/"
    with django_capture_on_commit_callbacks(execute=True):
        first, second = (client.post(address, {"number": " 2 "}) for _ in range(2))
    mailing = Mailing.objects.get()
    assert first["Location"] == second["Location"] == f"/admin/newsletters/mailings/{mailing.pk}/"
    assert sorted(message.to[0] for message in mail.outbox) == ["alice@example.no", "bob@example.no"]
    assert "number" not in words_of(client.get(address)).lower().split("3.")[-1]


def test_the_mailings_page_links_each_number_to_its_messages(
    client: Client, page: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client.force_login(makers.make_user("admin"))
    with django_capture_on_commit_callbacks(execute=True):
        location = client.post(f"/admin/newsletters/{page.pk}/send/", {"number": "2"})["Location"]
    response = client.get(location)
    [row] = response.context["states"]
    assert row["number"] == 2
    listed = client.get(row["url"])
    assert listed.status_code == 200
    assert all(address in words_of(listed) for address in ("alice@example.no", "bob@example.no"))


def test_numbers_are_no_links_without_the_right_to_read_messages(client: Client, page: Any) -> None:
    client.force_login(makers.make_user(roles.EDITORS))
    mailing = Mailing.objects.create(page=page, title="Vårnytt", audience="alle", expected=2, started_at=makers.NOW)
    response = client.get(f"/admin/newsletters/mailings/{mailing.pk}/")
    assert response.status_code == 200
    assert "/admin/messages/?" not in response.content.decode()


def test_the_ledger_lists_mailings(client: Client, page: Any, django_assert_num_queries: Any) -> None:
    client.force_login(makers.make_user(roles.EDITORS))
    client.get("/admin/mailings/")
    for numbers in ((1,), (2, 3)):
        for number in numbers:
            Mailing.objects.create(
                page=page, edition=number, title=f"Brev {number}", audience="alle", expected=2, started_at=makers.NOW
            )
        with django_assert_num_queries(13):
            assert f"Brev {numbers[0]}" in words_of(client.get("/admin/mailings/"))


def test_a_test_goes_to_oneself(client: Client, page: Any) -> None:
    client.force_login(makers.make_user(roles.EDITORS, username="eli"))
    response = client.post(f"/admin/newsletters/{page.pk}/send-test/")
    assert response.status_code == 302
    assert list(Message.objects.filter(kind="newsletter_test").values_list("address", flat=True)) == ["eli@example.org"]
    assert client.get(f"/admin/newsletters/{page.pk}/send-test/").status_code == 405


def test_the_page_is_previewed_as_web_and_as_mail(client: Client, page: Any) -> None:
    client.force_login(makers.make_user(roles.EDITORS))
    web, as_mail = (
        client.get(f"/admin/pages/{page.pk}/view_draft/?mode={mode}").content.decode() for mode in ("", "mail")
    )
    assert "site-header" in web and "site-header" not in as_mail
    assert all("Kjære venner." in html for html in (web, as_mail))


def test_the_page_has_a_button_for_sending(client: Client, page: Any) -> None:
    client.force_login(makers.make_user(roles.EDITORS))
    assert f"/admin/newsletters/{page.pk}/send/" in client.get(f"/admin/pages/{page.pk}/edit/").content.decode()
