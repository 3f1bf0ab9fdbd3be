"""The link in the mail: opening it changes nothing, the button works once, and an old link says so."""

import datetime
import uuid
from decimal import Decimal

import pytest
from django.utils import timezone

from core import tokens
from membership import applications
from membership.models import Application, Consent, Member, Period
from messaging.models import Message
from tests.makers import make_member, make_user
from tests.membership.join_form.makers import (
    ALICE,
    Visitor,
    confirm_link,
    make_join_page,
    sentences,
    step_of,
    use_client,
    without_secrets,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_waiting(settings):
    settings.JOIN_FORM_LEAST_SECONDS = 0
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def visitor(db) -> Visitor:
    make_join_page()
    visitor = Visitor()
    visitor.reach_the_last_page()
    visitor.send()
    return visitor


def test_opening_the_link_changes_nothing(visitor: Visitor) -> None:
    link, scanner = confirm_link(), Visitor()
    before = Application.objects.values().get()
    for _time in range(3):
        assert scanner.client.get(link).status_code == 200
        assert scanner.client.head(link).status_code == 200
    assert Application.objects.values().get() == before
    assert Member.objects.count() == 0


def test_the_link_names_nobody(visitor: Visitor) -> None:
    token = confirm_link().split("/")[2]
    assert tokens.read("confirm_application", token) == Application.objects.get().pk
    assert "alice" not in confirm_link().lower()


def test_the_button_works_once_and_shows_the_same_again(visitor: Visitor) -> None:
    link = confirm_link()
    first = visitor.client.post(link, follow=True)
    members, periods, mails = Member.objects.count(), Period.objects.count(), Message.objects.count()
    second = visitor.client.post(link, follow=True)
    third = visitor.client.get(link)
    assert (Member.objects.count(), Period.objects.count(), Message.objects.count()) == (members, periods, mails)
    assert without_secrets(first) == without_secrets(second) == without_secrets(third)
    page = first.content.decode()
    alice = Member.objects.get()
    assert [text in page for text in ("Alice Ås", alice.member_number, "kr\u00a0400", "8601.11.17947")] == [True] * 4
    assert Application.objects.get().state == "joined"
    assert {(row.purpose, row.source, row.text.version) for row in Consent.objects.select_related("text")} == {
        ("statutes", "form", 1), ("privacy", "form", 1),
    }  # fmt: skip


def test_a_household_gets_one_trial_each_and_one_invoice_together(db) -> None:
    make_join_page()
    visitor = Visitor()
    visitor.choose("FM")
    visitor.add(**ALICE)
    visitor.add(first_names="Bo", last_name="Ås", born_on="01.02.2015")
    visitor.add(first_names="Celine", last_name="Ås", born_on="03.04.1990", email="celine@example.no")
    visitor.post("people")
    visitor.live_at()
    visitor.agree()
    visitor.send()
    page = visitor.client.post(confirm_link(), follow=True).content.decode()
    rows = Period.objects.order_by("pk").values_list(
        "member__first_names", "type__code", "wanted_type__code", "price", "member__place"
    )
    assert list(rows) == [
        ("Alice", "PR", "FM", Decimal(600), "TRONDHEIM"),
        ("Bo", "PR", "FM2", Decimal(0), "TRONDHEIM"),
        ("Celine", "PR", "FM2", Decimal(0), "TRONDHEIM"),
    ]
    assert Member.objects.get(first_names="Alice").household.members.count() == 3
    welcomes = Message.objects.filter(kind="welcome").order_by("pk")
    assert [(mail.address, "Bo Ås" in mail.body_text, "kr\u00a0600" in mail.body_text) for mail in welcomes] == [
        ("alice@example.no", True, True), ("celine@example.no", False, False),
    ]  # fmt: skip
    assert "kr\u00a0600" in page


@pytest.mark.parametrize("broken", ["x", "abc:def:ghi", "<script>"])
def test_a_broken_link_says_so(db, client, broken: str) -> None:
    make_join_page()
    response = client.get(f"/innmelding/{broken}/")
    assert response.status_code == 410
    assert "This link is not complete. Copy the whole link from the e-mail." in response.content.decode()


def test_a_link_of_another_purpose_opens_nothing(visitor: Visitor) -> None:
    token = tokens.make("unsubscribe", Application.objects.get().pk)
    assert visitor.client.post(f"/innmelding/{token}/").status_code == 410
    assert Member.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_older_than_a_week_says_so_with_the_next_step(visitor: Visitor, method: str) -> None:
    Application.objects.update(sent_at=timezone.now() - datetime.timedelta(days=7, minutes=1))
    response = getattr(visitor.client, method)(confirm_link())
    assert response.status_code == 410
    page = response.content.decode()
    assert "This link is older than seven days" in page
    assert 'href="/bli-medlem/"' in page
    assert Member.objects.count() == 0


def test_a_forgotten_form_is_an_old_link(visitor: Visitor) -> None:
    link = confirm_link()
    applications.expire_unconfirmed(at=timezone.now() + datetime.timedelta(days=8))
    assert visitor.client.post(link).status_code == 410


def test_where_the_office_decides_it_waits(settings) -> None:
    use_client(settings, "gronland61")
    make_join_page()
    visitor = Visitor()
    visitor.choose("EIER")
    visitor.add(first_names="Alice", last_name="Ås", email="alice@example.no")
    visitor.agree()
    assert "The office looks at it and lets you know." in visitor.send().content.decode()
    page = visitor.client.post(confirm_link(), follow=True).content.decode()
    assert "Thank you: the office looks at it" in page
    application = Application.objects.get()
    assert (application.state, Member.objects.count()) == ("approval", 0)
    applications.approve(application=application, at=timezone.now(), by=make_user("Member admins"))
    page = visitor.client.get(confirm_link()).content.decode()
    assert "Welcome to Grønland 61" in page
    assert "pay" not in page.split("What happens next")[1].split("</ol>")[0], "nobody asks for money here"


def test_known_and_unknown_addresses_get_the_same_answer(db) -> None:
    make_join_page()
    make_member("Alice", email="alice@example.no", born_on=datetime.date(1980, 5, 17))
    answers = []
    for address in ("alice@example.no", "anna1@example.no"):
        visitor = Visitor()
        visitor.reach_the_last_page(email=address)
        response = visitor.send()
        application = Application.objects.get(email=address)
        page = without_secrets(response).replace(address, "ADDRESS").replace(application.reference, "REFERENCE")
        answers.append((response.status_code, page))
    assert answers[0] == answers[1]
    assert Message.objects.filter(kind="confirmation").count() == 2


def test_the_office_sees_a_possible_duplicate_once_it_is_confirmed(db) -> None:
    make_join_page()
    alice = make_member("Alice", email="alice@example.no", born_on=datetime.date(1980, 5, 17))
    make_member("Bob", last_name="Berg", email="bob@example.no")
    visitor = Visitor()
    visitor.reach_the_last_page(email="ALICE@example.no")
    visitor.send()
    assert list(Application.objects.get().possible_duplicates.all()) == []
    visitor.client.post(confirm_link())
    assert list(Application.objects.get().possible_duplicates.all()) == [alice]


def test_a_hundred_forms_for_one_victim_make_three_mails(db) -> None:
    make_join_page()
    answers = set()
    visitor = Visitor()
    visitor.reach_the_last_page(email="victim@example.no")
    draft = visitor.client.session["join_draft"]
    for number in range(100):
        session = visitor.client.session
        session["join_draft"] = {**draft, "token": str(uuid.uuid4())}
        session.save()
        response = visitor.client.post(
            "/bli-medlem/", {"token": session["join_draft"]["token"]}, query_params={"step": "check"},
            REMOTE_ADDR=f"10.{number}.0.1",
        )  # fmt: skip
        reference = Application.objects.latest("pk").reference
        answers.add((response.status_code, response.headers["Location"].replace(reference, "REFERENCE")))
    assert len(answers) == 1, "nobody can tell whether a mail was sent"
    states = Message.objects.filter(kind="confirmation").values_list("state", flat=True)
    assert (len(states), sum(state != "suppressed" for state in states)) == (100, 3)


def test_a_rule_that_changed_meanwhile_is_a_sentence(visitor: Visitor) -> None:
    application = Application.objects.get()
    application.wanted_type.kind = "none"
    application.wanted_type.save()
    response = visitor.client.post(confirm_link())
    assert response.status_code == 410
    assert "is not a membership. Choose another type." in response.content.decode()


def test_a_type_taken_off_meanwhile_is_told_at_the_choice(db) -> None:
    page = make_join_page()
    visitor = Visitor()
    visitor.reach_the_last_page("E")
    page.types.set(page.types.model.objects.filter(code="UTP"))
    page.save()
    assert step_of(visitor.send()) == "type"
    assert sentences(visitor.choose("E")) == [
        "Which membership? – This membership is not on offer any more. Choose one of these."
    ]
