"""What set-up does for messages: see to it that the sweeper runs each minute, and the night each night."""

from datetime import datetime
from typing import Any

from django.tasks import default_task_backend

from core.results import Result


def set_up(*, client: Any, at: datetime) -> Result:
    """Schedule what runs by itself, where the tasks' backend can: tests run tasks at once and schedule nothing."""
    result = Result()
    schedule = getattr(default_task_backend, "ensure_schedules", None)
    for name in schedule(at=at) if schedule else []:
        result.add("schedules", f"schedule: {name}")
    return result
