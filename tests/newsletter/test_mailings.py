"""Sending: exactly those who want it, once each, whatever happens on the way."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from core.errors import Refused
from messaging import leases, suppression
from messaging.models import Message, State
from newsletter import mailings
from newsletter.models import Mailing
from tests import makers
from tests.newsletter.makers import NOW, make_newsletter, make_reader, make_website, withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def website() -> None:
    make_website()


def sent(**of: Any) -> Mailing:
    """A mailing whose recipients are in the outbox, with nobody's bell rung."""
    mailing = mailings.prepare(page=of.pop("page", None) or make_newsletter(**of), at=NOW, by=None)
    mailings.fill(mailing=mailing, at=NOW)
    return mailing


def rows() -> dict[str, str]:
    return dict(Message.objects.order_by("pk").values_list("address", "state"))


def test_one_message_for_each_who_said_yes() -> None:
    alice, bob = make_reader("Alice"), make_reader("Bob")
    make_reader("Charlie", wants=False)
    withdraw(make_reader("Nina"))
    mailing = sent()
    assert rows() == {"alice@example.no": "queued", "bob@example.no": "queued"}
    assert set(Message.objects.values_list("unique_key", "recipient_ref")) == {
        (f"newsletter:{mailing.pk}:{alice.pk}", alice.recipient_ref),
        (f"newsletter:{mailing.pk}:{bob.pk}", bob.recipient_ref),
    }
    assert (mailing.expected, mailing.states()) == (2, {"queued": 2})


def test_those_who_share_an_address_share_the_mail() -> None:
    make_reader("Alice", email="familien@example.no")
    make_reader("Bob", email="Familien@example.no")
    sent()
    assert rows() == {"familien@example.no": "queued"}


def test_why_somebody_gets_nothing_is_kept() -> None:
    make_reader("Alice")
    make_reader("Anton", email="")
    make_reader("Bob")
    suppression.suppress("bob@example.no", reason=suppression.BOUNCED_TOO_OFTEN, at=NOW)
    mailing = sent()
    assert dict(Message.objects.values_list("address", "reason")) == {
        "": "There is no address to send to.",
        "alice@example.no": "",
        "bob@example.no": "The address was refused three times.",
    }
    assert mailing.states() == {"queued": 1, "suppressed": 2}


def test_twice_is_one_mailing() -> None:
    make_reader("Alice")
    page = make_newsletter()
    first, second = (mailings.prepare(page=page, at=NOW, by=None) for _ in range(2))
    assert first == second
    assert [mailings.fill(mailing=Mailing.objects.get(), at=NOW) for _ in range(3)] == [1, 0, 0]
    assert Message.objects.count() == 1


def test_filling_goes_on_where_it_was_interrupted() -> None:
    for name in ("Alice", "Bob", "Kåre"):
        make_reader(name)
    mailing = sent()
    Message.objects.filter(address="bob@example.no").delete()
    Mailing.objects.update(filled_at=None)
    mailing.refresh_from_db()
    assert mailings.fill(mailing=mailing, at=NOW) == 1
    assert Message.objects.count() == 3


def test_a_new_version_is_a_new_mailing() -> None:
    make_reader("Alice")
    page = make_newsletter()
    sent(page=page)
    page.title = "Rettet"
    page.save_revision().publish()
    page = type(page).objects.get(pk=page.pk)
    sent(page=page)
    assert (Mailing.objects.count(), Message.objects.count()) == (2, 2)


def test_an_unpublished_page_or_an_empty_audience_is_refused() -> None:
    page = make_newsletter()
    with pytest.raises(Refused, match="Nobody would get") as nobody:
        mailings.prepare(page=page, at=NOW, by=None)
    page.unpublish()
    with pytest.raises(Refused, match="Publish the newsletter first"):
        mailings.prepare(page=page, at=NOW, by=None)
    assert nobody.value.code == "nobody"
    assert not Mailing.objects.exists()


def test_who_unsubscribes_in_the_middle_gets_nothing_that_has_not_left() -> None:
    alice, bob = make_reader("Alice"), make_reader("Bob")
    sent()
    [taken] = leases.claim(channels=["email"], at=NOW, limit=1)
    withdraw(alice)
    withdraw(bob)
    states = rows()
    assert states.pop(taken.address) == State.SENDING
    assert list(states.values()) == [State.SUPPRESSED]
    assert Message.objects.get(state=State.SUPPRESSED).reason == mailings.UNSUBSCRIBED


def test_who_unsubscribes_while_recipients_are_being_added_is_left_out(monkeypatch: Any) -> None:
    alice = make_reader("Alice")
    page = make_newsletter()
    mailing = mailings.prepare(page=page, at=NOW, by=None)
    real = mailings._drafts

    def meanwhile(*args: Any) -> Any:
        drafts = list(real(*args))
        withdraw(alice)
        return iter(drafts)

    monkeypatch.setattr(mailings, "_drafts", meanwhile)
    mailings.fill(mailing=mailing, at=NOW + timedelta(hours=2))
    assert rows() == {"alice@example.no": "suppressed"}


def test_everything_from_the_button_to_the_mailbox(django_capture_on_commit_callbacks: Any) -> None:
    make_reader("Alice")
    make_reader("Bob", language="en")
    page = make_newsletter()
    with django_capture_on_commit_callbacks(execute=True):
        mailing = mailings.prepare(page=page, at=NOW, by=makers.make_user("Editors"))
    assert sorted((m.to[0], m.subject) for m in mail.outbox) == [
        ("alice@example.no", "Vårnytt"), ("bob@example.no", "Vårnytt")
    ]  # fmt: skip
    assert mailing.states() == {"sent": 2}


def test_a_test_mail_goes_to_oneself_only() -> None:
    make_reader("Alice")
    user = makers.make_user("Editors", username="eli")
    message = mailings.send_test(page=make_newsletter(), to=user, at=NOW)
    assert (rows(), message.kind) == ({"eli@example.org": "queued"}, "newsletter_test")
    assert not Mailing.objects.exists()
