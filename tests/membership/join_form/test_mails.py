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
from tests.makers import person, set_up_client
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


def apply(language: str, code: str, people: list) -> Application:
    return applications.apply(
        token=UUID("7b4e7d3e-3a4c-4b7e-9a55-111111111111"),
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


def test_a_name_with_markup_is_text_in_the_html() -> None:
    set_up_client()
    apply("en", "FM", family())
    html = Message.objects.get().body_html
    assert "<img" not in html
    assert "&lt;img src=x onerror=1&gt; Nordmann" in html
