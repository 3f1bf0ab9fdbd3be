"""An import whose worker died is rung for again."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from membership import tasks
from membership.imports import runs
from messaging.signals import swept


@receiver(swept, dispatch_uid="membership.imports")
def ring_again(*, at: datetime, **kwargs: Any) -> None:
    """Once a minute: enqueue what should be moving and is not."""
    for run_id in runs.forgotten(at=at):
        tasks.go_on_with_import.enqueue(run_id)
