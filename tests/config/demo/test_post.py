"""The demo's post takes messages along, and brings back those to addresses that are wrong."""

from datetime import date

import pytest
from django.core import mail

from config.demo import post
from config.demo.moments import noon
from messaging import outbox
from messaging.models import Bounce, Message
from tests.messaging.makers import draft

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 2)


def test_delivered_and_brought_back() -> None:
    for key, address in (("a", "kari@example.org"), ("b", f"ola@{post.WRONG}")):
        outbox.queue_words(draft=draft(key, address=address), at=noon(ON))
    assert post.deliver(on=ON).counts == {"sent": 1, "failed": 1}
    assert dict(Message.objects.values_list("unique_key", "state")) == {"a": "sent", "b": "failed"}
    assert Bounce.objects.get().address == f"ola@{post.WRONG}"
    assert mail.outbox == [], "nothing has left the house"
    assert post.deliver(on=ON).counts == {}
