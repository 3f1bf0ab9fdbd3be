"""Background work: Django's tasks, and Wagtail's, run on django-q2. The only file that knows django-q2.

The queue is a doorbell, not the truth: what is to be done stands in our own rows, a task carries an id, is short and
may run twice. Whatever a lost task leaves behind, the sweeper rings for again.
"""

from typing import Any

from django.tasks.backends.base import BaseTaskBackend
from django.tasks.base import Task, TaskResult, TaskResultStatus
from django.utils import timezone
from django.utils.module_loading import import_string


def cluster(redis_url: str) -> dict[str, Any]:
    """Return Q_CLUSTER: the ORM as broker, or Redis for larger sites. `retry` must exceed `timeout`."""
    return {
        "name": "hnm",
        "workers": 2,
        "queue_limit": 2,
        "bulk": 1,
        "timeout": 60,
        "retry": 300,
        "max_attempts": 3,
        "ack_failures": True,
        "catch_up": False,
        "poll": 0.5,
        "save_limit": 200,
        "label": "Background work",
        **({"redis": redis_url} if redis_url else {"orm": "default"}),
    }


class Backend(BaseTaskBackend):
    """Puts a task on django-q2's queue. Results are never waited for, so none can be fetched."""

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        """Queue the task by its name; arguments are ids and other JSON values."""
        from django_q.tasks import async_task

        self.validate_task(task)
        task_id = async_task(run, task.module_path, list(args), dict(kwargs), task_name=task.name[:100])
        return TaskResult(
            task=task, id=task_id, status=TaskResultStatus.READY, enqueued_at=timezone.now(), started_at=None,
            last_attempted_at=None, finished_at=None, args=list(args), kwargs=dict(kwargs), backend=self.alias,
            errors=[], worker_ids=[],
        )  # fmt: skip


def run(path: str, args: list[Any], kwargs: dict[str, Any]) -> None:
    """Call a task in the worker."""
    import_string(path).func(*args, **kwargs)
