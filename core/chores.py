"""Long work in short turns: the worker does a few seconds of it, remembers how far it came, and hands on.

A row says how far the work has come and until when somebody has it in hand. Whoever finds it taken leaves it; when its
holder dies, the time runs out and the next one goes on from there. The work itself must be right when a part of it is
done twice: a holder that was only slow may still be at it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from core.models import Chore

HELD_FOR = timedelta(seconds=120)  # longer than the worker lets a task live (config/queue.py)
LOST_AFTER = timedelta(seconds=60)  # a turn asked for that has not come by then may never come


def ask(name: str, *, at: datetime) -> bool:
    """Say that there is work; true where the worker must be told. Whoever has told it already, and not been answered,
    has told it for everybody: hundreds who ask make one task, and the queue stays short.

    Ask when the work can be seen by others, after the commit.
    """
    is_silent = models.Q(asked_at=None) | models.Q(asked_at__lt=at - LOST_AFTER)
    if Chore.objects.filter(is_silent, name=name).update(asked_at=at):
        return True
    _chore, is_new = Chore.objects.get_or_create(name=name, defaults={"asked_at": at})
    return is_new


@contextmanager
def turn(name: str, *, at: datetime) -> Iterator[Chore | None]:
    """Take the work in hand until the block ends; None if somebody else has it. Not inside a transaction: others must
    see at once that it is taken.

    `tries` of the row says for the how manieth time this place is tried: turns that ended in an error or never ended,
    and this one.
    """
    Chore.objects.bulk_create([Chore(name=name)], ignore_conflicts=True)
    # Answered before we look whether it is free: whoever asks from now on is not left to a holder that is just done.
    Chore.objects.filter(name=name).update(asked_at=None)
    is_free = models.Q(held_until=None) | models.Q(held_until__lt=at)
    taken = Chore.objects.filter(is_free, name=name).update(
        held_until=at + HELD_FOR, tries=models.F("tries") + 1
    )  # fmt: skip
    if not taken:
        yield None
        return
    chore = Chore.objects.get(name=name)
    try:
        yield chore
    except BaseException:
        _mine(chore).update(held_until=None)
        raise
    _mine(chore).update(held_until=None, tries=0)


def remember(chore: Chore, place: dict[str, Any]) -> bool:
    """The work has come so far. False if our time ran out and somebody else has taken it over: stop."""
    chore.place, chore.tries = place, 1
    return bool(_mine(chore).update(place=place, tries=1))


def put_all_down() -> None:
    """The worker starts: nobody has anything in hand, and nobody has answered."""
    Chore.objects.update(held_until=None, asked_at=None)


def _mine(chore: Chore) -> models.QuerySet[Chore]:
    """The row, if it is still held by this turn and by no later one."""
    return Chore.objects.filter(name=chore.name, held_until=chore.held_until)
