from datetime import timedelta
from typing import Any

import pytest

from messaging import heartbeat, leases, sweeping, verdicts
from messaging.models import Message, State
from tests.messaging.makers import AT, queued

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


def claimed(key: str, *, handed_over: bool, **changes: str) -> Message:
    """A message in the hands of a worker that has died."""
    message = queued(key, **changes)
    [held] = leases.claim(channels=["email"], at=AT)
    if handed_over:
        leases.hand_over([held], at=AT)
    return message


def test_what_a_dead_worker_left_behind_is_settled_once() -> None:
    claimed("not handed over", handed_over=False)
    claimed("invoice", handed_over=True)
    claimed("code", handed_over=True, kind="login_link")
    assert sweeping.sweep(at=AT + leases.duration()).counts == {}, "the lease has not ended yet"
    assert sweeping.sweep(at=LATER).counts == {"queued": 2, "unknown": 1}
    assert dict(Message.objects.values_list("unique_key", "state")) == {
        "not handed over": "queued",
        "invoice": "unknown",
        "code": "queued",
    }
    assert Message.objects.get(unique_key="invoice").reason == verdicts.WORKER_DIED
    assert sweeping.sweep(at=LATER).counts == {}


def test_a_worker_that_starts_is_rung_for_though_the_one_before_was(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    rung: list[int] = []
    monkeypatch.setattr("messaging.tasks.send_messages", type("Task", (), {"enqueue": lambda: rung.append(1)}))
    with django_capture_on_commit_callbacks(execute=True):
        queued("first")
        sweeping.sweep(at=AT)
        sweeping.sweep(at=AT)
    assert rung == [1]
    with django_capture_on_commit_callbacks(execute=True):
        sweeping.sweep(at=AT, after_start=True)
    assert rung == [1, 1]


def test_after_three_dead_workers_a_message_is_parked() -> None:
    message = queued()
    at = AT
    for _ in range(3):
        assert leases.claim(channels=["email"], at=at)
        at += timedelta(hours=1)
        result = sweeping.sweep(at=at)
    assert result.counts == {"failed": 1}
    message.refresh_from_db()
    assert (message.state, message.crashes, message.reason) == (State.FAILED, 3, verdicts.PARKED)
    assert list(message.attempts.values_list("outcome", flat=True)) == ["crashed"] * 3


def test_codes_are_wiped_an_hour_later_and_invoices_stay() -> None:
    code, invoice = queued("c", kind="login_code"), queued("i")
    queued("w", kind="login_code")
    Message.objects.filter(pk__in=[code.pk, invoice.pk]).update(state=State.SENT)
    sweeping.sweep(at=LATER)
    assert Message.objects.get(pk=code.pk).body_text != ""
    assert sweeping.sweep(at=LATER + timedelta(minutes=1)).counts == {"wiped": 1}
    words = {row.unique_key: (row.subject, row.body_text, row.body_html) for row in Message.objects.all()}
    untouched = ("Faktura", "Hei, Kåre!\n", "<p>Hei, Kåre!</p>")
    assert words == {"c": ("", "", ""), "w": untouched, "i": untouched}


def test_the_heart_beats_with_the_sweep() -> None:
    assert heartbeat.is_stale(at=AT)
    sweeping.sweep(at=AT)
    assert heartbeat.last() == AT
    assert not heartbeat.is_stale(at=AT + timedelta(minutes=3))
    assert heartbeat.is_stale(at=AT + timedelta(minutes=3, seconds=1))


def test_a_message_a_worker_died_with_is_taken_alone() -> None:
    queued("urgent", kind="login_link")
    queued("first")
    queued("killer")
    queued("last")
    Message.objects.filter(unique_key="killer").update(crashes=1)
    taken = [[m.unique_key for m in leases.claim(channels=["email"], at=AT)] for _ in range(4)]
    assert taken == [["urgent", "first"], ["killer"], ["last"], []]
