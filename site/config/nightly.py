"""The whole night, in order, a line a step. Done twice, the second finds nothing to do; a missed one is caught up."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import gettext as _

from core.results import Result
from membership import (
    applications,
    clearing,
    duplicates,
    erasing_again,
    invitations,
    members,
    members_group,
    renewal,
    retention,
    unmerging,
)
from membership.imports import runs as imports

type Work = Callable[[date, datetime, range | None], Result]


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of the night: what it is called and what does it.

    `in_portions` says that the work takes a range of terms' primary keys and does only those; other steps are short
    and do the same whatever the range.
    """

    title: str
    work: Work
    in_portions: bool = False


def steps() -> list[Step]:
    """Return the night's steps in order."""
    night = [
        Step(title=_("Erased again after a restore"), work=lambda on, at, keys: erasing_again.reconcile(at=at)),
        Step(title=_("Forms nobody confirmed"), work=lambda on, at, keys: applications.expire_unconfirmed(at=at)),
        Step(title=_("Invitations nobody answered"), work=lambda on, at, keys: invitations.expire(at=at)),
        _by_terms(_("Trials that ended"), lambda on, at, keys: renewal.expire_trials(on=on, at=at, keys=keys)),
        _by_terms(_("Notice before the end"), lambda on, at, keys: renewal.tell_before_end(on=on, at=at, keys=keys)),
        _by_terms(_("Renewal"), _renew),
        *_reminders(),
        _by_terms(_("Struck off"), _strike),
        Step(title=_("Members' pages"), work=lambda on, at, keys: members_group.keep_up(on=on, at=at)),
        Step(title=_("Possible duplicates"), work=lambda on, at, keys: duplicates.keep_up(at=at)),
        Step(title=_("Imports too old to undo"), work=lambda on, at, keys: imports.tidy(at=at)),
        Step(title=_("Merges too old to undo"), work=lambda on, at, keys: unmerging.forget(at=at)),
    ]
    night.append(Step(title=_("Forgotten after its time"), work=lambda on, at, keys: clearing.clear_due(on=on, at=at)))
    night.append(_by_terms(_("Erased"), lambda on, at, keys: retention.erase_due(on=on, at=at, keys=keys)))
    if apps.is_installed("invoicing"):
        from invoicing import pdf
        from invoicing.letters import print_files
        from invoicing.run import runs

        night.append(Step(title=_("PDFs still missing"), work=lambda on, at, keys: pdf.make_missing(at=at)))
        night.append(Step(title=_("Plans of invoice runs"), work=lambda on, at, keys: runs.forget_plans(at=at)))
        night.append(Step(title=_("Old print files"), work=lambda on, at, keys: print_files.forget_old(at=at)))
    night.append(Step(title=_("Search in the registry"), work=lambda on, at, keys: members.settle_search()))
    night.append(Step(title=_("Old sessions"), work=lambda on, at, keys: _forget_old_sessions()))
    return night


def _renew(on: date, at: datetime, keys: range | None) -> Result:
    """The renewal, unless the treasurer's own run has it in hand; what costs money is the treasurer's where so set."""
    if not apps.is_installed("invoicing"):
        return renewal.open_due_periods(on=on, at=at, keys=keys)
    from invoicing.run import runs

    run = runs.under_way()
    if run is not None:
        waits = Result()
        name = run.agreed_by.get_full_name() if run.agreed_by else "–"
        if _is_first(keys):
            waits.warnings.append(_("The renewal waits for the invoice run that %(name)s has begun.") % {"name": name})
        return waits
    is_treasurers = settings.CLIENT.invoicing.started_by == "treasurer"
    return renewal.open_due_periods(on=on, at=at, keys=keys, only_free=is_treasurers)


def _reminders() -> list[Step]:
    """Before anybody is struck, who has not paid is reminded."""
    if not apps.is_installed("payments"):
        return []
    from payments.reminders import night, plans

    return [
        Step(title=_("Payment plans"), work=lambda on, at, keys: plans.follow(on=on, at=at)),
        Step(title=_("Reminders"), work=lambda on, at, keys: night.send(on=on, at=at)),
    ]


def _strike(on: date, at: datetime, keys: range | None) -> Result:
    """Strike those who never paid, and say how many wait because they may have."""
    result = renewal.lapse_unpaid(on=on, at=at, keys=keys)
    if apps.is_installed("payments") and _is_first(keys):
        from payments.reminders import night

        result.merge(night.not_struck(on=on))
    return result


def _is_first(keys: range | None) -> bool:
    """Whether these are the first of all terms: what is about the whole night is said with them alone."""
    return keys is None or not keys.start


def _by_terms(title: str, work: Work) -> Step:
    return Step(title=title, work=work, in_portions=True)


def _forget_old_sessions() -> Result:
    """Forms that were never sent, and log-ins that have run out, stay in the session table until somebody tidies."""
    call_command("clearsessions")
    return Result()


def run(*, on: date, at: datetime) -> Iterator[tuple[str, Result]]:
    """Run the steps for a date, each whole, and yield what each did, as it is done: what the command prints. `at` is
    the moment messages are written. The worker does the same in short turns: night_turns.py."""
    for step in steps():
        yield step.title, step.work(on, at, None)
