"""The whole night, in order, a line a step. Done twice, the second finds nothing to do; a missed one is caught up."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

from django.apps import apps
from django.core.management import call_command
from django.utils.translation import gettext as _

from core.results import Result
from membership import applications, members_group, renewal

type Step = tuple[str, Callable[[date, datetime], Result]]


def steps() -> list[Step]:
    """Return the night's steps: what each is called, and what does it."""
    night: list[Step] = [
        (_("Forms nobody confirmed"), lambda on, at: applications.expire_unconfirmed(at=at)),
        (_("Trials that ended"), lambda on, at: renewal.expire_trials(on=on, at=at)),
        (_("Notice before the end"), lambda on, at: renewal.tell_before_end(on=on, at=at)),
        (_("Renewal"), lambda on, at: renewal.open_due_periods(on=on, at=at)),
        (_("Struck off"), lambda on, at: renewal.lapse_unpaid(on=on, at=at)),
        (_("Members' pages"), lambda on, at: members_group.synchronise(on=on)),
    ]
    if apps.is_installed("invoicing"):
        from invoicing import pdf

        night.append((_("PDFs still missing"), lambda on, at: pdf.make_missing(at=at)))
    night.append((_("Old sessions"), lambda on, at: _forget_old_sessions()))
    return night


def _forget_old_sessions() -> Result:
    """Forms that were never sent, and log-ins that have run out, stay in the session table until somebody tidies."""
    call_command("clearsessions")
    return Result()


def run(*, on: date, at: datetime) -> Iterator[tuple[str, Result]]:
    """Run the steps for a date and yield what each did, as it is done. `at` is the moment messages are written."""
    for title, step in steps():
        yield title, step(on, at)
