"""The door between Django's tasks and what runs them."""

from typing import Any

import pytest
from django.db import transaction
from django.tasks import task
from django.test import override_settings


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
