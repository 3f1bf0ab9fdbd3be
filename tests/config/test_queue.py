"""The door between Django's tasks and what runs them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.tasks import task
from django.test import override_settings
from django_q.models import Schedule

from config import queue
from messaging.models import Heartbeat

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@task
def count_to(limit: int) -> int:
    return limit


@pytest.mark.django_db(transaction=True)
@override_settings(TASKS={"default": {"BACKEND": "config.queue.Backend"}})
def test_a_job_is_handed_over_after_the_commit_and_never_outside_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """django-q2's broker closes the connection if there is no transaction, also in the middle of reading rows."""
    handed_over: list[tuple[Any, bool]] = []
    monkeypatch.setattr(
        "django_q.tasks.async_task",
        lambda run, path, args, kwargs, task_name: handed_over.append((args, transaction.get_autocommit())),
    )
    with transaction.atomic():
        count_to.enqueue(3)
        assert handed_over == []
    assert handed_over == [([3], False)]


@pytest.mark.django_db
def test_what_is_queued_can_be_run() -> None:
    queue.run("messaging.tasks.sweep_outbox", [], {})
    assert Heartbeat.objects.filter(name="worker").exists()


@pytest.mark.django_db
def test_scheduling_again_changes_nothing_and_mends_what_is_wrong() -> None:
    assert queue.ensure_schedules(at=AT) == ["sweep", "nightly"]
    before = list(Schedule.objects.order_by("name").values())
    assert queue.ensure_schedules(at=AT + timedelta(days=3)) == []
    assert list(Schedule.objects.order_by("name").values()) == before
    Schedule.objects.filter(name="sweep").update(minutes=99)
    assert queue.ensure_schedules(at=AT) == ["sweep"]
    assert Schedule.objects.count() == 2
