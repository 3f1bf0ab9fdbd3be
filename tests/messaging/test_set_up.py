from typing import Any

import pytest
from django.tasks import default_task_backend

from messaging import set_up
from tests.messaging.makers import AT

pytestmark = pytest.mark.django_db


def test_set_up_schedules_where_the_tasks_can_wait(settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "config.queue.Backend"}}
    assert set_up.set_up(client=settings.CLIENT, at=AT).counts == {"schedules": 2}
    assert set_up.set_up(client=settings.CLIENT, at=AT).counts == {}


def test_set_up_schedules_nothing_where_tasks_run_at_once(settings: Any) -> None:
    assert not hasattr(default_task_backend, "ensure_schedules")
    assert set_up.set_up(client=settings.CLIENT, at=AT).counts == {}
