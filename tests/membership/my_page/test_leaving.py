"""My page: leaving in two steps."""

import dataclasses
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from messaging.models import Message
from tests.makers import TODAY, make_household, make_member, make_non_member
from tests.membership.my_page.makers import GOOD, page, visit

pytestmark = pytest.mark.django_db


def test_leaving_takes_two_steps_and_gives_a_receipt() -> None:
    alice, bob = make_member(), make_member("Bob", "Berg")
    client = visit(alice)
    assert reverse("my_leaving_confirm") in page(client, "my_leaving")
    assert "10 March 2026" in page(client, "my_leaving_confirm")
    assert alice.periods.filter(ended_on__isnull=True).exists()
    response = client.post(reverse("my_leaving_confirm"), {"last_on": TODAY.isoformat()})
    assert response.url == reverse("my_leaving_receipt")
    assert "10 March 2026" in page(client, "my_leaving_receipt")
    assert alice.periods.get().end_reason == "resigned"
    assert bob.periods.get().end_reason == ""
    mail = Message.objects.get(template="resigned")
    assert (mail.address, "10. mars 2026" in mail.body_text) == ("alice@example.no", True)
    again = client.post(reverse("my_leaving_confirm"), {"last_on": TODAY.isoformat()})
    assert again.url == reverse("my_leaving")
    assert Message.objects.filter(template="resigned").count() == 1


def test_a_paid_term_is_kept_where_the_organisation_has_it_so(settings: Any) -> None:
    alice = make_member()
    membership = dataclasses.replace(settings.CLIENT.membership, leaving="period_end")
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=membership)
    client = visit(alice)
    assert "31 December 2026" in page(client, "my_leaving_confirm")
    client.post(reverse("my_leaving_confirm"), {"last_on": "2026-12-31"})
    assert alice.periods.get().last_day == TODAY.replace(month=12, day=31)


@pytest.mark.parametrize("sent", [{}, {"last_on": "2026-03-09"}, {"last_on": "never"}])
def test_nobody_leaves_on_another_day_than_the_page_said(sent: dict[str, str]) -> None:
    alice = make_member()
    assert visit(alice).post(reverse("my_leaving_confirm"), sent).status_code == 200
    assert alice.periods.get().end_reason == ""


def test_the_main_member_reads_what_happens_to_the_household() -> None:
    joined = make_household("Bob", "Berit")
    assert "Only you leave" in page(visit(joined.main_member), "my_leaving")
    assert "Only you leave" not in page(visit(joined.members[1]), "my_leaving")


def test_opening_the_pages_of_leaving_does_nothing() -> None:
    alice = make_member()
    client = visit(alice)
    for name in ("my_leaving", "my_leaving_confirm", "my_leaving_receipt"):
        client.get(reverse(name), {"last_on": TODAY.isoformat()})
    assert alice.periods.get().end_reason == ""


def test_without_a_membership_there_is_nothing_to_leave() -> None:
    nina = make_non_member()
    client = visit(nina)
    assert "no membership to leave" in page(client, "my_leaving")
    assert client.get(reverse("my_leaving_confirm")).url == reverse("my_leaving")


def test_a_post_without_the_token_does_nothing() -> None:
    alice = make_member()
    client = Client(enforce_csrf_checks=True)
    assert alice.user is not None
    client.force_login(alice.user)
    for name, sent in [("my_leaving_confirm", {"last_on": TODAY.isoformat()}), ("my_details", GOOD),
                       ("my_consents", {"choice": "newsletter:email", "given": "yes"})]:  # fmt: skip
        assert client.post(reverse(name), sent).status_code == 403
