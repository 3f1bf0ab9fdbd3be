"""What else is forgotten after its time: refused forms, letters from visitors, lists of who something was done with.

The client snippet's [retention] says after how long. Members themselves are retention.py's; an app with more to forget
adds a `Clearing` with the Wagtail hook `clearing`. The office sees beforehand how much will go, and the night does it,
so many a night; whatever is left is for the next.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.models import ModelLogEntry

from core import dates
from core.results import Result
from membership import simulator_runs
from membership.models import Application, BulkRun
from messaging import forgetting

AT_ONCE = 200
MOST_A_NIGHT = 5000


@dataclass(frozen=True, kw_only=True)
class Clearing:
    """One sort of thing that is forgotten. `after` says after how long, in words; `count` how many are due on a day;
    `clear` forgets at most so many of them in one transaction and returns how many, 0 when nothing is left."""

    key: str
    label: str | Promise
    after: Callable[[], str]
    count: Callable[[date], int]
    clear: Callable[[date, datetime, int], int]


@dataclass(frozen=True, kw_only=True)
class Due:
    """How many of a sort will be forgotten."""

    label: str | Promise
    after: str
    count: int


def preview(*, until: date) -> list[Due]:
    """What the nights until a day will forget; sorts of which nothing is due are left out."""
    found = [Due(label=rule.label, after=rule.after(), count=rule.count(until)) for rule in _rules()]
    return [due for due in found if due.count]


def clear_due(*, on: date, at: datetime) -> Result:
    """Forget what is due, a portion in a transaction. Says numbers only. Twice does nothing the second time."""
    result = Result()
    for rule in _rules():
        done = 0
        while done < MOST_A_NIGHT and (number := rule.clear(on, at, AT_ONCE)):
            done += number
        if done:
            result.add(rule.key, times=done)
    return result


def _rules() -> Iterable[Clearing]:
    return (*_OWN, *(make() for make in hooks.get_hooks("clearing")))


def in_days(days: int) -> str:
    """After how long, in words."""
    return str(_("after %(number)s days") % {"number": days})


# --- refused applications --------------------------------------------------------------------------------------------


def _refused(on: date) -> QuerySet[Application]:
    """Forms that were refused so long ago, with the name still on them."""
    before = dates.days_after(on, -settings.CLIENT.retention.refused_application_days)
    named = ~Q(name="", email="")
    return Application.objects.filter(named, state=Application.State.REFUSED, decided_at__date__lte=before)


@transaction.atomic
def _empty_refused(on: date, at: datetime, most: int) -> int:
    keys = list(_refused(on).order_by("pk").values_list("pk", flat=True)[:most])
    nothing: dict[str, Any] = {"people": [], "consents": []}
    Application.possible_duplicates.through.objects.filter(application__in=keys).delete()
    about = ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Application), object_id__in=[str(key) for key in keys]
    )
    about.update(label="")
    forgetting.forget(recipients=[f"application:{key}" for key in keys], addresses=(), at=at)
    return Application.objects.filter(pk__in=keys).update(answers=nothing, name="", email="", recruiter_number="")


# --- lists -----------------------------------------------------------------------------------------------------------


def _lists(on: date) -> QuerySet[BulkRun]:
    """Things done with a list so long ago, that still say with whom."""
    before = dates.days_after(on, -settings.CLIENT.retention.list_result_days)
    return BulkRun.objects.filter(finished_at__date__lte=before).exclude(members=[])


@transaction.atomic
def _empty_lists(on: date, at: datetime, most: int) -> int:
    keys = list(_lists(on).order_by("pk").values_list("pk", flat=True)[:most])
    return BulkRun.objects.filter(pk__in=keys).update(members=[], answers={}, refused=[])


# --- letters ---------------------------------------------------------------------------------------------------------


def _letters_before(on: date) -> date:
    return dates.days_after(on, -settings.CLIENT.retention.letter_days)


_OWN = (
    Clearing(
        key="refused applications emptied", label=_("Refused applications"),
        after=lambda: in_days(settings.CLIENT.retention.refused_application_days),
        count=lambda on: _refused(on).count(), clear=_empty_refused,
    ),
    Clearing(
        key="letters from visitors emptied", label=_("Letters from the contact form"),
        after=lambda: in_days(settings.CLIENT.retention.letter_days),
        count=lambda on: forgetting.letters(until=_letters_before(on)).count(),
        clear=lambda on, at, most: forgetting.forget_letters(until=_letters_before(on), at=at, most=most),
    ),
    Clearing(
        key="results of lists emptied", label=_("Results of what was done with a list"),
        after=lambda: in_days(settings.CLIENT.retention.list_result_days),
        count=lambda on: _lists(on).count(), clear=_empty_lists,
    ),
    Clearing(
        key="simulations forgotten", label=_("Simulations"), after=lambda: in_days(simulator_runs.KEPT_FOR.days),
        count=lambda on: simulator_runs.outdated(on=on).count(),
        clear=lambda on, at, most: simulator_runs.forget(on=on, most=most),
    ),
)  # fmt: skip
