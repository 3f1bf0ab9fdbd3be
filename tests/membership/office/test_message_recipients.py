"""The page of one message names its recipient to those who may know of them, and says no key to anybody."""

import re

import pytest
from django.urls import reverse

from membership import roles
from messaging.models import Message
from tests.makers import make_member, make_user
from tests.membership.office.makers import admin_user, browser_of, fixed_day, page
from tests.membership.office.test_applications import apply
from tests.messaging.makers import queued

__all__ = ["admin_user", "fixed_day"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("admin_user")]


def recipient_on(message: Message, *, role: str = roles.MEMBER_ADMINS) -> tuple[str, str] | None:
    """The link of the line "Recipient" and its words, as somebody with this role sees them."""
    html = page(browser_of(make_user(role)), reverse("messaging_message", args=[message.pk]))
    assert message.recipient_ref not in html
    found = re.search(r'Recipient</th><td><a href="([^"]*)">([^<]*)</a>', html)
    return (found[1], found[2]) if found else None


def test_a_member_by_name_and_number_also_behind_a_log_in_of_their_own() -> None:
    alice = make_member("Alice", "Ås")
    alice.user = make_user()
    alice.save()
    link = (reverse("members:inspect", args=[alice.pk]), f"Alice Ås ({alice.member_number})")
    assert recipient_on(queued("a", recipient_ref=alice.recipient_ref)) == link
    assert recipient_on(queued("b", recipient_ref=f"user:{alice.user.pk}")) == link


def test_nobody_is_named_behind_a_log_in_of_several_nor_who_is_gone() -> None:
    family = make_user()
    for name in ("Alice", "Bob"):
        member = make_member(name)
        member.user = family
        member.save()
    assert recipient_on(queued("a", recipient_ref=f"user:{family.pk}")) is None
    assert recipient_on(queued("b", recipient_ref="member:999999")) is None
    assert recipient_on(queued("c", recipient_ref="invitation:999999")) is None


def test_an_applicant_by_their_form_for_those_who_may_see_forms() -> None:
    application = apply("Kari", "Nordmann")
    (message,) = Message.objects.filter(recipient_ref=f"application:{application.pk}")
    link = (reverse("applications:inspect", args=[application.pk]), "Kari Nordmann")
    assert recipient_on(message) == link
    assert recipient_on(message, role=roles.TREASURERS) is None
