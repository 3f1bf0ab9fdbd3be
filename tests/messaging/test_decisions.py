import pytest
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_noop
from wagtail.models import ModelLogEntry

from core.errors import Refused
from core.models import User
from messaging import decisions
from messaging.models import Message, State
from tests.messaging.makers import AT, queued

pytestmark = pytest.mark.django_db
LEFT = gettext_noop("The person has unsubscribed.")


def test_without_the_right_nothing_is_decided_by_any_door() -> None:
    nobody = User.objects.create_user(username="nobody")
    message = queued()
    for decide in (decisions.send_again, decisions.regard_as_sent, decisions.cancel):
        with pytest.raises(PermissionDenied):
            decide(message=message, by=nobody, at=AT)
    with pytest.raises(PermissionDenied):
        decisions.decide_all(kind="invoice", again=True, expected=1, by=nobody, at=AT)
    message.refresh_from_db()
    assert message.state == State.QUEUED


def test_a_code_is_never_sent_twice_by_hand(admin_user: User) -> None:
    message = queued(kind="login_code")
    Message.objects.update(state=State.FAILED)
    with pytest.raises(Refused, match="Ask for a new one"):
        decisions.send_again(message=message, by=admin_user, at=AT)


@pytest.mark.parametrize("state", [State.SENDING, State.SENT, State.DELIVERED, State.SUPPRESSED])
def test_what_a_worker_has_or_what_has_gone_is_not_decided_about(admin_user: User, state: State) -> None:
    message = queued()
    Message.objects.update(state=state)
    for decide in (decisions.send_again, decisions.regard_as_sent, decisions.cancel):
        with pytest.raises(Refused, match="can no longer be done"):
            decide(message=message, by=admin_user, at=AT)
    assert not message.attempts.exists()


def test_each_decision_is_in_the_log(admin_user: User) -> None:
    message = queued()
    decisions.cancel(message=message, by=admin_user, at=AT)
    decisions.send_again(message=message, by=admin_user, at=AT)
    entries = ModelLogEntry.objects.for_instance(message).order_by("pk")
    assert list(entries.values_list("action", "user")) == [
        ("messaging.cancel", admin_user.pk),
        ("messaging.send_again", admin_user.pk),
    ]


def test_what_waits_for_one_who_left_is_not_sent() -> None:
    mine, news = queued("invoice"), queued("news", kind="newsletter")
    other, gone = queued("other", recipient_ref="member:2"), queued("gone", kind="newsletter")
    Message.objects.filter(pk=gone.pk).update(state=State.SENDING)
    assert decisions.cancel_waiting(recipient_ref="member:1", kind="newsletter", reason=LEFT, at=AT) == 1
    assert dict(Message.objects.values_list("unique_key", "state")) == {
        "invoice": "queued",
        "news": "suppressed",
        "other": "queued",
        "gone": "sending",
    }
    assert Message.objects.get(pk=news.pk).why == LEFT
    assert decisions.cancel_waiting(recipient_ref="member:1", reason=LEFT, at=AT) == 1
    assert Message.objects.get(pk=mine.pk).state == State.SUPPRESSED
    assert Message.objects.get(pk=other.pk).state == State.QUEUED
