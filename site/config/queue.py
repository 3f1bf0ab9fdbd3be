"""Background work: Django's tasks and Wagtail's run on django-q2. This is the only file that knows django-q2.

The queue is a doorbell, not the truth. A killed worker, a lost job or one that runs twice must harm nothing: what is
to be done, who has it in hand and how often it was tried stand in our own rows (messaging/leases.py). So a task gets
ids, is short, and may run again at any time.
"""

from contextlib import nullcontext
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.base import Task, TaskResult, TaskResultStatus
from django.utils.crypto import get_random_string
from django.utils.json import normalize_json
from django.utils.module_loading import import_string

WORKER_COMMAND = "qcluster"

# They look whether a row is there and then write it. On SQLite a transaction lets only one do so at a time; without,
# two workers that index one page at once collide, and the older words may win.
_ONE_AT_A_TIME = {"modelsearch.tasks.insert_or_update_object_task", "wagtail.tasks.update_reference_index_task"}

# The sweeper settles and rings; the night asks whether it is time, and goes on where it was left (night_turns.py).
_EACH_MINUTE = {"sweep": "messaging.tasks.sweep_outbox", "nightly": "config.tasks.go_on_with_the_night"}


def cluster(redis_url: str) -> dict[str, Any]:
    """The settings of the worker (Q_CLUSTER). Jobs go through Redis if there is one, else through the database.

    `retry` must exceed `timeout`, or a job runs twice; `timeout` must stay below the lease of messages/leases.py.
    """
    return {
        "name": "hnm",
        "label": "Background work",
        **({"redis": redis_url} if redis_url else {"orm": "default"}),
        "workers": 2,
        "queue_limit": 2,
        "bulk": 1,
        "timeout": 60,
        "retry": 300,
        "max_attempts": 3,
        "ack_failures": True,
        "catch_up": False,
        "poll": 0.3,
        "guard_cycle": 1,
        "save_limit": 50,
        "log_level": "WARNING",
    }


class Backend(BaseTaskBackend):
    """Enqueue a task once the transaction that asks for it is committed. Nobody can wait for its result."""

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        self.validate_task(task)
        args, kwargs = normalize_json(list(args)), normalize_json(dict(kwargs))
        transaction.on_commit(partial(_hand_over, task.module_path, args, kwargs, name=task.name))
        return TaskResult(
            task=task,
            id=get_random_string(32),
            status=TaskResultStatus.READY,
            enqueued_at=None,
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=args,
            kwargs=kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )

    def ensure_schedules(self, *, at: datetime) -> list[str]:
        """What runs by itself; asked for by set-up, which may not know what runs it."""
        return ensure_schedules(at=at)


def _hand_over(path: str, args: list[Any], kwargs: dict[str, Any], *, name: str) -> None:
    """Put a job into django-q2's queue, in a transaction: outside one its broker closes the database connection first,
    under whoever is still reading rows from it."""
    from django_q.tasks import async_task

    with transaction.atomic():
        async_task(run, path, args, kwargs, task_name=name)


def run(path: str, args: list[Any], kwargs: dict[str, Any]) -> None:
    """Called in the worker: find the task by its path and call it."""
    with transaction.atomic() if path in _ONE_AT_A_TIME else nullcontext():
        import_string(path).call(*args, **kwargs)


def ensure_schedules(*, at: datetime) -> list[str]:
    """Make sure that what must happen by itself is looked at each minute; return what was new.

    Called by set-up, again and again: what is there with the right content is left alone, with its next moment.
    """
    from django_q.models import Schedule

    made = []
    for name, path in _EACH_MINUTE.items():
        content = {"func": "config.queue.run", "args": f"{path!r}, [], {{}}", "minutes": 1,
                   "schedule_type": Schedule.MINUTES}  # fmt: skip
        if not Schedule.objects.filter(name=name, **content).exists():
            Schedule.objects.update_or_create(name=name, defaults={**content, "repeats": -1, "next_run": at})
            made.append(name)
    return made
