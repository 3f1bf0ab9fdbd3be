"""The night by itself: from ten past three on the worker does it in short turns, a portion of the register at a time.

How far it has come stands in a row (core/chores.py). A worker that dies costs at most the portion it had in hand; the
next turn, three minutes later at most, goes on there. A portion done twice, or the command run beside it, does no
harm: every step compares what should be with what is. A night that nobody did, because the computer was off, is done
as soon as the worker is back.
"""

import logging
import time
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any

from django.utils import timezone

from config import nightly
from core import chores
from core.models import Chore
from core.results import Result
from membership.models import Period

NAME = "night"
BEGINS_AT = clock(3, 10)
SECONDS = 15  # a turn: the worker is free for log-in codes again soon
PORTION = 500  # terms, by their keys: a second or two of renewal with invoices
_TRIES = 3

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Place:
    """How far the night has come: its date, the number of the step, and the first key of the next portion."""

    on: str
    step: int = 0
    key: int = 0


def night_of(at: datetime) -> date:
    """Return the date of the latest night that has begun: what is left after midnight is still the old one's."""
    local = timezone.localtime(at)
    return local.date() if local.time() >= BEGINS_AT else local.date() - timedelta(days=1)


def take_turn(*, at: datetime, seconds: float = SECONDS) -> bool:
    """Go on with tonight for some seconds and return whether anything is left to do. Nothing is done, and False is
    returned, while another worker is at it or when the night is over.

    A new installation's first night is the next one.
    """
    if not _is_due(at):
        return False
    ends = time.monotonic() + seconds
    with chores.turn(NAME, at=at) as chore:
        if chore is None:
            return False
        night = nightly.steps()
        place = _place(chore, at)
        if place is None:
            chores.remember(chore, asdict(Place(on=night_of(at).isoformat(), step=len(night))))
            return False
        is_held = True
        while is_held and place.step < len(night):
            if chore.tries > _TRIES:
                logger.error("Tonight's portion was left out after %s tries: %s", _TRIES, place)
            else:
                _do(night[place.step], place, at)
            place = _after(place, night)
            is_held = chores.remember(chore, asdict(place))
            if time.monotonic() >= ends:
                break
    return is_held and place.step < len(night)


def _is_due(at: datetime) -> bool:
    """Whether there is a turn to take. One query, because it is asked each minute."""
    chore = Chore.objects.filter(name=NAME).first()
    place = _place(chore, at) if chore else None
    return place is None or place.step < len(nightly.steps())


def _place(chore: Chore, at: datetime) -> Place | None:
    """Where tonight stands: where it was left, or at its beginning. None if there has never been a night."""
    if not chore.place:
        return None
    left: dict[str, Any] = chore.place
    tonight = night_of(at).isoformat()
    return Place(**left) if left["on"] >= tonight else Place(on=tonight)


def _do(step: nightly.Step, place: Place, at: datetime) -> None:
    keys = range(place.key, place.key + PORTION) if step.in_portions else None
    result: Result = step.work(date.fromisoformat(place.on), at, keys)
    for warning in result.warnings:
        logger.warning("%s: %s", step.title, warning)
    if result.changed:
        logger.info("%s: %s", step.title, result)


def _after(place: Place, night: list[nightly.Step]) -> Place:
    """The next portion of the step, or the next step. Terms that were opened meanwhile have higher keys and are looked
    at too."""
    if night[place.step].in_portions:
        rest = Period.objects.filter(pk__gte=place.key + PORTION).order_by("pk").values_list("pk", flat=True)
        if (key := rest.first()) is not None:
            return Place(on=place.on, step=place.step, key=key)
    return Place(on=place.on, step=place.step + 1)
