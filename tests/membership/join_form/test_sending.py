"""Sending the joining form: robots, old sessions, twice, and too often."""

import datetime

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from membership.models import Application
from messaging.models import Message
from tests.membership.join_form.makers import (
    ADDRESS,
    Visitor,
    sentences,
    step_of,
    without_secrets,
)

pytestmark = pytest.mark.django_db


def test_the_trap_keeps_everything_and_lets_go_the_second_time(visitor: Visitor) -> None:
    visitor.reach_the_last_page()
    response = visitor.send(website="https://spam.example")
    assert "a field that people do not see" in sentences(response)[0]
    assert "spam.example" not in response.content.decode()
    assert Application.objects.count() == 0
    assert step_of(visitor.send()) == "sent"


def test_faster_than_a_person(visitor: Visitor, settings) -> None:
    settings.JOIN_FORM_LEAST_SECONDS = 3600
    visitor.reach_the_last_page()
    assert sentences(visitor.send()) == ["That was very fast. Wait a moment, and press the button again."]
    settings.JOIN_FORM_LEAST_SECONDS = 0
    assert step_of(visitor.send()) == "sent"


def test_a_form_of_yesterday_is_shown_again_with_everything(visitor: Visitor) -> None:
    visitor.reach_the_last_page()
    session = visitor.client.session
    session["join_draft"] |= {"started_at": (timezone.now() - datetime.timedelta(hours=25)).isoformat()}
    session.save()
    response = visitor.send()
    assert "open for more than a day" in sentences(response)[0]
    assert "Alice Ås" in response.content.decode()
    assert step_of(visitor.send()) == "sent"


def test_a_form_survives_the_end_of_the_session(visitor: Visitor) -> None:
    page = visitor.reach_the_last_page()
    kept, token = page.context["kept"], page.context["visit"].draft.token
    visitor.client.cookies.pop(django_settings.SESSION_COOKIE_NAME)
    assert step_of(visitor.post("check", {"kept": kept, "token": token})) == "sent"
    assert Application.objects.get().name == "Alice Ås"


def test_a_changed_copy_counts_for_nothing(visitor: Visitor) -> None:
    kept = visitor.reach_the_last_page().context["kept"]
    visitor.client.cookies.pop(django_settings.SESSION_COOKIE_NAME)
    assert step_of(visitor.post("check", {"kept": kept[:-3] + "abc"})) == "type"


def test_the_same_form_again_is_the_same_application(visitor: Visitor) -> None:
    token = visitor.reach_the_last_page().context["visit"].draft.token
    first, second = visitor.post("check", {"token": token}), visitor.post("check", {"token": token})
    assert first.redirect_chain == second.redirect_chain
    assert without_secrets(first) == without_secrets(second)
    assert (Application.objects.count(), Message.objects.count()) == (1, 1)


def test_a_form_whose_answer_never_came_is_sent_again(visitor: Visitor) -> None:
    """The server was killed after the commit: the application is there, the session still holds the draft."""
    page = visitor.reach_the_last_page()
    draft, token = visitor.client.session["join_draft"], page.context["visit"].draft.token
    visitor.post("check", {"token": token})
    session = visitor.client.session
    del session["join_sent"]
    session["join_draft"] = draft
    session.save()
    assert step_of(visitor.post("check", {"token": token})) == "sent"
    assert (Application.objects.count(), Message.objects.count()) == (1, 1)


def test_too_many_forms_from_one_network(visitor: Visitor, monkeypatch) -> None:
    monkeypatch.setattr("membership.rate_limits.FORMS_FROM_A_NETWORK", 1)
    visitor.reach_the_last_page()
    visitor.send()
    neighbour = Visitor(REMOTE_ADDR="127.0.0.99")
    neighbour.reach_the_last_page()
    response = neighbour.send()
    assert response.status_code == 429
    assert "Nothing is lost: wait an hour and press the button again." in sentences(response)[0]
    stranger = Visitor(REMOTE_ADDR="198.51.100.7")
    stranger.reach_the_last_page()
    assert step_of(stranger.send()) == "sent"


def test_the_pages_are_kept_by_nobody(visitor: Visitor) -> None:
    visitor.choose("E")
    for step in ("", "person"):
        assert "no-store" in visitor.get(step).headers["Cache-Control"]


def test_address_fields_are_what_the_constant_says() -> None:
    from membership.join_form.step_forms import ADDRESS_FIELDS

    assert set(ADDRESS) == set(ADDRESS_FIELDS)
