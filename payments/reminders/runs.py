"""Sending many reminders in the background: agreed to by their number, followed on the way, told afterwards."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core import dates
from core.errors import Refused
from core.models import User
from core.results import Result
from payments.models import ReminderRun
from payments.reminders import due, gate, sending

PORTION = 50
State = ReminderRun.State


@transaction.atomic
def start(*, on: date, at: datetime, by: User | None, expected: int | None = None) -> ReminderRun:
    """Fix whose turn it is. `expected` is the number somebody typed: where it is another by now, it is refused.

    Refuses while the bank is not known well enough, while another sending is under way, and when nobody is due. The
    caller enqueues the work.
    """
    gate.refuse_if_closed(on=on)
    if ReminderRun.objects.under_way().exists():
        raise _under_way()
    ids = list(due.due(on=on).filter(why_not="").order_by("pk").values_list("pk", flat=True))
    if not ids:
        raise Refused(_("Nobody is due for a reminder."), code="nobody")
    if expected is not None and expected != len(ids):
        raise Refused(_("The number of reminders is %(count)d now. Look again, and type it to send them."),
                      code="other_count", params={"count": len(ids)})  # fmt: skip
    try:
        with transaction.atomic():
            run = ReminderRun.objects.create(on=on, invoices=ids, total=len(ids), asked_at=at, asked_by=by, moved_at=at)
    except IntegrityError as error:  # somebody else began at the same moment
        raise _under_way() from error
    log(instance=run, action="payments.reminders_begun", user=by, data={"count": len(ids)})
    return run


@transaction.atomic
def carry_on(*, run_id: int, at: datetime) -> bool:
    """Send the next portion; return whether there is more to do. Two workers take turns; a stopped run stays so.

    On a later day than the one it was agreed to for it is stopped: the day to pay by would be past or too near, and
    the bank was looked at then. So it is where the bank is not known well enough any more (gate.py). What is left is
    due still, and a new sending asks anew.
    """
    run = ReminderRun.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=run_id)
    if not run.is_under_way:
        return False
    if why := _why_not_go_on(run, at):
        _stop(run, why, at, None)
        return False
    ids = run.invoices[run.position : run.position + PORTION]
    sent = sending.send(ids=ids, on=run.on, at=at, run=run, by=run.asked_by)
    run.sent += len(sent.reminders)
    run.left_out += [{"invoice": pk, "why": why} for pk, why in sent.left_out.items()]
    run.position += len(ids)
    run.moved(at=at)
    if run.position >= run.total:
        run.state, run.finished_at = State.DONE, at
    # Not the list: it is long.
    run.save(update_fields=["sent", "left_out", "position", "state", "moved_at", "rings", "finished_at"])
    return run.state == State.RUNNING


def _why_not_go_on(run: ReminderRun, at: datetime) -> ReminderRun.WhyStopped | None:
    if dates.day_of(at) > run.on:
        return ReminderRun.WhyStopped.DAY_OVER
    return None if gate.look(on=run.on).is_open else ReminderRun.WhyStopped.BANK


def stop(*, run: ReminderRun, at: datetime, by: User | None) -> bool:
    """Stop after the portion under way. What is sent is sent; true when there was something to stop."""
    return _stop(run, ReminderRun.WhyStopped.ASKED, at, by)


@transaction.atomic
def _stop(run: ReminderRun, why: ReminderRun.WhyStopped, at: datetime, by: User | None) -> bool:
    running = ReminderRun.objects.filter(pk=run.pk, state=State.RUNNING)
    stopped = running.update(state=State.STOPPED, finished_at=at, why_stopped=why, stopped_by=by)
    if stopped:
        log(instance=run, action="payments.reminders_stopped", user=by, data={"why": why.value})
    return bool(stopped)


def send_due(*, on: date, at: datetime, by: User | None = None) -> Result:
    """Send every reminder that is due on a date, to the end. On the same date the second call sends nothing.

    For commands and tests; the office and the night let the worker do it (tasks.py). Refuses as `start` does, except
    that nobody being due is no refusal.
    """
    result = Result()
    try:
        run = start(on=on, at=at, by=by)
    except Refused as refusal:
        if refusal.code == "nobody":
            return result
        raise
    while carry_on(run_id=run.pk, at=at):
        pass
    run.refresh_from_db()
    if run.sent:
        result.add("reminders", times=run.sent)
    if run.left_out:
        result.warnings.append(_("%(count)d got no reminder after all.") % {"count": len(run.left_out)})
    return result


def _under_way() -> Refused:
    return Refused(_("Reminders are being sent just now. Wait until they are done."), code="under_way")
