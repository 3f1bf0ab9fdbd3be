"""The page that welcomes Alice tells how to pay; the PDF is only for who may see it."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags
from wagtail import hooks

from core import tokens
from invoicing import kid
from invoicing.invoices import cover
from invoicing.models import Invoice
from membership import applications, roles
from membership.mails import CONFIRM_APPLICATION
from membership.models import Member
from tests.makers import NOW, TODAY, kroner, make_invoice, make_type, make_user, person

pytestmark = pytest.mark.django_db
PDF_LINK = "/min-side/faktura/"


@pytest.fixture(autouse=True)
def the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localtime", lambda *args: NOW)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)


@pytest.fixture
def link() -> str:
    """The link in the mail to Alice, who joins with her son; Bob has an unpaid invoice too."""
    make_invoice("Bob", "Berg")
    application = applications.apply(
        token=uuid.uuid4(), people=[person("Alice"), person("Aksel", email="")], wanted_type=make_type("FM"),
        consents=(), language="en", at=NOW,
    )  # fmt: skip
    return f"/innmelding/{tokens.make(CONFIRM_APPLICATION, application.pk)}/"


def visitor(user: Any = None, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    if user:
        client.force_login(user)
    return client


def alices() -> Invoice:
    return Invoice.objects.get(member__first_names="Alice")


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("en", ["kr\u00a0600", "24 March 2026"]),
        ("nb", ["kr\u00a0600", "24. mars 2026"]),
    ],
)
def test_it_shows_how_to_pay_as_often_as_it_is_opened(link: str, language: str, labels: list[str]) -> None:
    client = visitor(language=language)
    first = client.post(link, follow=True).content.decode()
    again = client.post(link, follow=True).content.decode()
    invoice = alices()
    for page in (first, again):
        shown = [*labels, kid.grouped(invoice.kid), "8601.11.17947", f"{invoice.number}</h2>"]
        assert [text for text in shown if text not in page] == []
        assert PDF_LINK not in page
        assert kid.grouped(Invoice.objects.get(member__first_names="Bob").kid) not in page
    assert Invoice.objects.count() == 2


@pytest.mark.parametrize(
    ("who", "sees_link"), [("alice", True), ("bob", False), (roles.TREASURERS, True), (roles.EDITORS, False)]
)
def test_the_pdf_is_linked_for_who_may_see_it(link: str, who: str, sees_link: bool) -> None:
    visitor().post(link)
    user = make_user("" if who in {"alice", "bob"} else who)
    Member.objects.filter(first_names=who.capitalize()).update(user=user)
    page = visitor(user).get(link).content.decode()
    assert (f"{PDF_LINK}{alices().number}.pdf" in page) is sees_link


def test_it_asks_for_what_is_left_and_then_for_nothing(link: str) -> None:
    client = visitor()
    client.post(link)
    cover(invoice=alices(), amount=kroner("250"), on=TODAY)
    assert "kr\u00a0350" in client.get(link).content.decode()
    cover(invoice=alices(), amount=kroner("350"), on=TODAY)
    page = strip_tags(client.get(link).content.decode())
    assert "There is nothing to pay." in page
    assert "KID" not in page


def test_without_invoicing_the_page_stands(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hooks._hooks, "welcome_notice", [])
    page = strip_tags(visitor().post(link, follow=True).content.decode())  # the link may spell anything
    assert "Alice Ås" in page and "KID" not in page
