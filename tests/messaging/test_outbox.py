from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from messaging import outbox, suppression
from messaging.models import Heartbeat, Message, State
from messaging.outbox import Draft
from tests.messaging.makers import AT, draft, queued

pytestmark = pytest.mark.django_db


def test_queue_renders_in_the_recipients_language_and_stores_the_words(greeting: str) -> None:
    message = outbox.queue(
        template=greeting,
        kind="welcome",
        recipient_ref="member:42",
        address=" kari@example.org. ",
        language="nb",
        at=AT,
        unique_key="welcome:42",
        context={"name": "Kari <b>", "other": "O'Hara"},
        headers={"X-Campaign": "spring"},
    )
    message.refresh_from_db()
    assert (message.address, message.state, message.queued_at, message.due_at) == (
        "kari@example.org",
        State.QUEUED,
        AT,
        None,
    )
    assert message.subject == "Ja, Kari <b>"
    assert message.body_text.startswith("Kari <b> & O'Hara\n")
    assert "Kari &lt;b&gt;" in message.body_html
    assert message.headers == {"X-Campaign": "spring"}


def test_queue_in_english(greeting: str) -> None:
    message = outbox.queue(
        template=greeting,
        kind="welcome",
        recipient_ref="member:42",
        address="kari@example.org",
        language="en",
        at=AT,
        unique_key="welcome:42",
        context={"name": "Kari"},
    )
    assert message.subject == "Yes, Kari"


def test_the_second_call_with_a_key_changes_nothing(greeting: str) -> None:
    first = queued("invoice:42")
    again = outbox.queue(
        template=greeting,
        kind="other",
        recipient_ref="member:2",
        address="other@example.org",
        language="en",
        at=AT + timedelta(days=1),
        unique_key="invoice:42",
    )
    assert again == first
    assert (again.address, again.kind) == ("kari@example.org", "invoice")
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", outbox.NO_ADDRESS),
        ("   ", outbox.NO_ADDRESS),
        ("nobody@ingen.vvnf.example", outbox.NO_ADDRESS),
        ("kari", outbox.UNUSABLE_ADDRESS),
        ("kari@example.org\r\nBcc: all@example.org", outbox.UNUSABLE_ADDRESS),
        ("kåre@example.org", outbox.UNUSABLE_ADDRESS),
        ("a" * 10_000 + "@example.org", outbox.UNUSABLE_ADDRESS),
    ],
)
def test_an_address_that_cannot_be_used_is_stored_with_the_reason(address: str, reason: str) -> None:
    message = queued(address=address)
    assert (message.state, message.reason) == (State.SUPPRESSED, reason)


def test_a_suppressed_address_is_stored_with_the_reason() -> None:
    suppression.suppress("Kari@Example.org", reason="The address was refused three times.", at=AT)
    message = queued(address="KARI@example.org")
    assert (message.state, message.reason) == (State.SUPPRESSED, "The address was refused three times.")
    assert queued("b", address="ola@example.org").state == State.QUEUED


def test_an_sms_goes_to_mobile_numbers_only(greeting: str) -> None:
    def to(number: str) -> Message:
        return outbox.queue(
            template=greeting,
            kind="login_code",
            recipient_ref="member:1",
            address=number,
            language="nb",
            at=AT,
            unique_key=number,
            context={"name": "Kode", "other": "123"},
            channel="sms",
        )

    assert (to("+4791234567").state, to("+4791234567").body_text) == (State.QUEUED, "Kode: 123")
    assert to("02800").reason == outbox.UNUSABLE_ADDRESS
    assert to("81500123").reason == outbox.UNUSABLE_ADDRESS


def test_a_line_break_in_a_heading_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValidationError, match="must be one line"):
        queued(headers={"X-Name": "a\r\nBcc: all@example.org"})
    assert not Message.objects.exists()


def test_queue_many_stores_what_is_new_and_counts_it() -> None:
    suppression.suppress("blocked@example.org", reason="The address was refused three times.", at=AT)
    queued("n:1")
    rows = [
        draft("n:1"),
        draft("n:2"),
        draft("n:2", address="other@example.org"),
        draft("n:3", address="blocked@example.org"),
        draft("n:4", suppressed_because="no consent for newsletter"),
    ]
    assert outbox.queue_many(rows=iter(rows), at=AT) == 3
    assert list(Message.objects.order_by("id").values_list("unique_key", "address", "state", "reason")) == [
        ("n:1", "kari@example.org", "queued", ""),
        ("n:2", "kari@example.org", "queued", ""),
        ("n:3", "blocked@example.org", "suppressed", "The address was refused three times."),
        ("n:4", "kari@example.org", "suppressed", "no consent for newsletter"),
    ]
    assert outbox.queue_many(rows=rows, at=AT) == 0


def test_what_another_process_has_stored_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    real = outbox._values

    def another_is_faster(draft: Draft, **how: Any) -> dict[str, Any]:
        monkeypatch.setattr(outbox, "_values", real)
        queued("n:2", address="first@example.org")
        return real(draft, **how)

    monkeypatch.setattr(outbox, "_values", another_is_faster)
    outbox.queue_many(rows=[draft("n:1"), draft("n:2"), draft("n:3")], at=AT)
    assert list(Message.objects.order_by("unique_key").values_list("unique_key", "address")) == [
        ("n:1", "kari@example.org"), ("n:2", "first@example.org"), ("n:3", "kari@example.org"),
    ]  # fmt: skip


@pytest.mark.parametrize("number", [1, 3])
def test_many_cost_as_many_questions_as_one(
    number: int, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox.doorbell, "ring", lambda *, at: None)
    with django_assert_num_queries(5):
        outbox.queue_many(rows=[draft(f"n:{place}") for place in range(number)], at=AT)
    assert Message.objects.count() == number


def test_the_bell_rings_once_after_the_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr("messaging.tasks.send_messages", type("Task", (), {"enqueue": lambda: rung.append(1)}))
    with django_capture_on_commit_callbacks(execute=True):
        queued("a")
        queued("b")
        assert rung == []
    assert rung == [1]
    Heartbeat.objects.update(rung_at=None)  # the worker has looked
    with django_capture_on_commit_callbacks(execute=True):
        queued("b")
        queued("c", address="")
    assert rung == [1]
    with django_capture_on_commit_callbacks(execute=True):
        queued("d")
    assert rung == [1, 1]


def test_a_ring_nobody_answered_is_rung_again(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr("messaging.tasks.send_messages", type("Task", (), {"enqueue": lambda: rung.append(1)}))
    for seconds in (0, 29, 31):
        with django_capture_on_commit_callbacks(execute=True):
            outbox.queue_words(draft=draft(str(seconds)), at=AT + timedelta(seconds=seconds))
    assert rung == [1, 1]
