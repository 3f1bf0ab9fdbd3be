"""Work that a person has asked for and the worker does in portions: a row a run, which says how far it has come.

Each portion is one transaction that also moves the row on, so a worker that is killed leaves nothing half done; the
task asks for the next portion when one is done. If the worker dies between the two, nobody would ask again: `forgotten`
finds such runs, and each app rings for its own once a minute (the signal `messaging.signals.swept`).
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.tasks import Task
from django.utils.translation import gettext_lazy as _

FORGOTTEN_AFTER = timedelta(minutes=6)  # later than any task may live, and be tried again (config/queue.py)
STUCK_AFTER = 3  # rings that nothing came of


class LongWorkQuerySet(models.QuerySet[Any]):
    """Runs by what the worker has to do with them."""

    def under_way(self) -> Self:
        """Those the worker has something to do for."""
        return self.filter(state__in=self.model.UNDER_WAY)

    def forgotten(self, *, at: datetime) -> Self:
        """Those whose worker must have died: nothing has moved for longer than a task may live."""
        return self.under_way().filter(moved_at__lt=at - FORGOTTEN_AFTER, rings__lt=STUCK_AFTER)

    def stuck(self) -> Self:
        """Those that were rung for again and again, and did not move: somebody has to look."""
        return self.under_way().filter(rings__gte=STUCK_AFTER)


class LongWork(models.Model):
    """A run. Its model has a `state`, names in UNDER_WAY those with work left, and calls `moved` with each portion."""

    UNDER_WAY: ClassVar[tuple[str, ...]]

    state: Any
    moved_at = models.DateTimeField(_("last moved at"), null=True, blank=True)
    rings = models.PositiveSmallIntegerField(default=0, help_text=_("How often it was rung for since it last moved."))

    objects = LongWorkQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_under_way(self) -> bool:
        """Whether the worker has something to do for it."""
        return self.state in self.UNDER_WAY

    @property
    def is_stuck(self) -> bool:
        """Whether it was rung for again and again, and did not move."""
        return self.is_under_way and self.rings >= STUCK_AFTER

    def moved(self, *, at: datetime) -> None:
        """A portion is done, or somebody has just asked for the first. The caller saves `moved_at` and `rings`."""
        self.moved_at, self.rings = at, 0


def ring_again(model: type[LongWork], *, task: Task, at: datetime, after_start: bool = False) -> None:
    """Enqueue the task of each forgotten run, with its key. Two who ring at once enqueue it once.

    After a start of the worker nobody has a run in hand: each that is under way is rung for, and none waits until it
    counts as forgotten.
    """
    left = model.objects.under_way().filter(rings__lt=STUCK_AFTER) if after_start else model.objects.forgotten(at=at)
    for pk, moved_at in left.values_list("pk", "moved_at"):
        found = model.objects.filter(pk=pk, moved_at=moved_at)
        if found.update(moved_at=at, rings=models.F("rings") + 1):
            task.enqueue(pk)
