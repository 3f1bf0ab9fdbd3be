"""What reminders leave to the worker: ids in, one call out."""

from datetime import timedelta

from django.tasks import task
from django.utils import timezone

from payments.reminders import runs

TURN = timedelta(seconds=10)  # whoever waits for a log-in code waits no longer than for this


@task()
def go_on_with_reminders(run_id: int) -> None:
    """Some seconds of a sending, in portions, and then the next."""
    until = timezone.now() + TURN
    while runs.carry_on(run_id=run_id, at=timezone.now()):
        if timezone.now() >= until:
            go_on_with_reminders.enqueue(run_id)
            return
