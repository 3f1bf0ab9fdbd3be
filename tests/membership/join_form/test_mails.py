"""The mails of joining, word for word, in both languages: tests/golden/mails/."""

import datetime
import re
from pathlib import Path
from uuid import UUID

import pytest

from membership import applications
from membership.consents import ConsentGiven
from membership.models import Application, MembershipType
from messaging.models import Message
from tests.makers import make_user, person, set_up_client
from tests.membership.join_form.makers import use_client

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "mails"
NOON = datetime.datetime(2026, 3, 10, 11, tzinfo=datetime.UTC)


def family() -> list:
    return [
        person("Kari Anne", "Nordmann-Čearru", email="kari@example.no"),
        person("Ola", "Nordmann", email="", born_on=datetime.date(2015, 2, 1)),
        person('"><img src=x onerror=1>', "Nordmann", email="per@example.no"),
    ]


TOKEN = UUID("7b4e7d3e-3a4c-4b7e-9a55-111111111111")


def apply(language: str, code: str, people: list, token: UUID = TOKEN) -> Application:
    return applications.apply(
        token=token,
        people=people,
        wanted_type=MembershipType.objects.get(code=code),
        consents=[ConsentGiven(purpose="statutes")],
        language=language,
        at=NOON,
    )


def as_text(*messages: Message) -> str:
    """Addresses, subjects and texts, with the signed part of links left out: it says when it was made."""
    whole = [f"To: {mail.address}\nSubject: {mail.subject}\n\n{mail.body_text}" for mail in messages]
    return re.sub(r"/innmelding/[^/\s]+/", "/innmelding/…/", "\n\n".join(whole))


def assert_golden(name: str, text: str) -> None:
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_mail_that_asks_to_confirm(language: str) -> None:
    set_up_client()
    application = apply(language, "FM", family())
    assert application.reference == "SCB8SRNH"
    assert_golden(f"confirm_application.{language}.txt", as_text(*Message.objects.all()))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_welcome(language: str) -> None:
    """The main member's names the household and the price; the partner's only the partner."""
    set_up_client()
    applications.confirm(application=apply(language, "FM", family()), at=NOON)
    assert_golden(f"welcome.{language}.txt", as_text(*Message.objects.filter(kind="welcome").order_by("pk")))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_mails_where_membership_starts_on_payment(settings, language: str) -> None:
    use_client(settings, "snp")
    set_up_client()
    applications.confirm(application=apply(language, "ORD", [person()]), at=NOON)
    mails = Message.objects.filter(kind__in=["confirmation", "welcome"]).order_by("pk")
    assert_golden(f"join_snp.{language}.txt", as_text(*mails))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_mail_where_the_office_decides(settings, language: str) -> None:
    use_client(settings, "gronland61")
    set_up_client()
    apply(language, "EIER", [person()])
    assert_golden(f"confirm_application_gronland61.{language}.txt", as_text(*Message.objects.all()))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_mail_where_the_office_says_no(settings, language: str) -> None:
    """Without words of the office's own, and with; where there are dues, and where there are none."""
    words = "Vi tar bare imot eiere i gården.\n\nHilsen <b>styret</b> & Kari"
    use_client(settings, "gronland61")
    set_up_client()
    refused = apply(language, "EIER", [person()])
    applications.confirm(application=refused, at=NOON)
    applications.refuse(application=refused, at=NOON, by=make_user(), reason="Bor ikke her", words=words)
    use_client(settings, "vvnf", approval=True)
    set_up_client()
    other = apply(language, "E", [person("Bob")], token=UUID("7b4e7d3e-3a4c-4b7e-9a55-222222222222"))
    applications.confirm(application=other, at=NOON)
    for _time in range(2):
        applications.refuse(application=other, at=NOON, by=make_user(), reason="Spam")
    mails = Message.objects.filter(kind="application_refused").order_by("pk")
    assert_golden(f"application_refused.{language}.txt", as_text(*mails))
    assert "<p>Hilsen &lt;b&gt;styret&lt;/b&gt; &amp; Kari</p>" in re.sub(r' style="[^"]*"', "", mails[0].body_html)
    assert not any("Bor ikke her" in mail.body_text or "Spam" in mail.body_text for mail in mails)


def test_who_never_confirmed_the_address_gets_no_answer() -> None:
    set_up_client()
    application = apply("nb", "E", [person()])
    applications.refuse(application=application, at=NOON, by=make_user(), reason="Spam", words="Nei takk")
    assert [mail.kind for mail in Message.objects.all()] == ["confirmation"]
    assert Application.objects.get().state == "refused"


def test_a_name_with_markup_is_text_in_the_html() -> None:
    set_up_client()
    apply("en", "FM", family())
    html = Message.objects.get().body_html
    assert "<img" not in html
    assert "&lt;img src=x onerror=1&gt; Nordmann" in html
