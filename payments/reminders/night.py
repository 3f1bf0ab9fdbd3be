"""What the night does about those who have not paid."""

from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext as _

from core import dates
from core.errors import Refused
from core.results import Result
from payments.reminders import due, runs, striking, tasks


def send(*, on: date, at: datetime) -> Result:
    """Let the worker send what is due, where the client says that the night may; else the treasurer's inbox tells.

    While the bank is not known well enough nothing is sent, and the night says why. A night that is caught up later
    sends nothing: the next one does, with days that are still ahead.
    """
    result = Result()
    if not settings.CLIENT.reminders.automatic or dates.day_of(at) > on:
        return result
    if not due.due(on=on).filter(why_not="").exists():
        return result
    try:
        run = runs.start(on=on, at=at, by=None)
    except Refused as refusal:
        result.warnings.append(_("No reminders: %(why)s") % {"why": refusal.sentence})
        return result
    result.add("reminders begun", times=run.total)
    tasks.go_on_with_reminders.enqueue(run.pk)
    return result


def not_struck(*, on: date) -> Result:
    """Say how many are not struck because they may have paid already, and what to do about it. Nothing where all that
    should be known is."""
    result = Result()
    kept = striking.kept(on=on)
    if kept.count:
        result.warnings.append(" ".join([kept.sentence, *kept.reasons]))
    return result
