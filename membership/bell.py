"""Work whose worker died is rung for again, once a minute."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from core.long_work import ring_again
from membership import tasks
from membership.models import BulkRun, ImportRun, Simulation
from messaging.signals import swept


@receiver(swept, dispatch_uid="membership.bell")
def ring_for_ours(*, at: datetime, after_start: bool = False, **kwargs: Any) -> None:
    """Enqueue what should be moving and is not."""
    ring_again(ImportRun, task=tasks.go_on_with_import, at=at, after_start=after_start)
    ring_again(BulkRun, task=tasks.carry_on_with_list, at=at, after_start=after_start)
    ring_again(Simulation, task=tasks.carry_on_with_simulation, at=at, after_start=after_start)
