"""A run from the date to the last invoice: prepared, agreed to, issued in portions, paused, resumed, stopped.

Each portion is one transaction that also remembers how far the run has come, so a worker that is killed leaves nothing
half done and nothing done twice: what has been issued has its numbers, what has not has taken none, and the next worker
goes on there. What is issued is decided anew from what is true then; the plan is only what was shown. So a plan that is
some minutes old is made again before anybody agrees to it, and where the two still differ, comparing.py says for whom.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core import dates
from core.errors import Refused
from core.inserts import insert_many
from core.models import Counter, User
from core.results import Result
from invoicing import accounts, invoices
from invoicing.accounts import Account
from invoicing.models import InvoiceRun, PlannedInvoice, Way
from invoicing.run import planning
from membership import renewal
from membership.models import Period
from messaging.sms import allowance

State = InvoiceRun.State
PORTION = 500  # terms, by their keys: a second or two
FURTHEST = 366  # days ahead: nobody is invoiced for the year after next
FRESH_FOR = timedelta(minutes=10)  # what was looked at longer ago may have changed
_WARNINGS_KEPT = 100
_PLANS_KEPT_FOR = timedelta(days=30)
_PROGRESS = ["state", "slot", "place", "moved_at", "rings", "finished_at"]


# --- looked at -------------------------------------------------------------------------------------------------------


def usual_day(*, on: date) -> date:
    """The day a treasurer most likely means: from July on the coming New Year, else the day itself."""
    return dates.day_after(dates.last_of_year(on)) if on.month >= 7 else on


@transaction.atomic
def start(*, begins_by: date, on: date, at: datetime, by: User | None, account: Account | None = None) -> InvoiceRun:
    """Have a run prepared: everybody whose next term begins by that day. The caller enqueues the first portion.

    Its invoices are to be paid to the `account`, the first of ours where none is chosen.

    Refuses what the bank or the numbers would refuse later, and a day that is too far away.
    """
    if begins_by > dates.days_after(on, FURTHEST):
        raise Refused(_("This is more than a year ahead. Choose an earlier day."), code="too_far")
    account = account or accounts.chosen()
    run = InvoiceRun(begins_by=begins_by, asked_at=at, asked_by=by, account_number=account.number)
    run.place, run.last_place = _keys()
    run.moved(at=at)
    run.save()
    return run


def _keys() -> tuple[int, int]:
    """The first and the last key of the terms; those that are opened meanwhile lie behind, and are not due."""
    ends = Period.objects.aggregate(first=Min("pk"), last=Max("pk"))
    return ends["first"] or 0, ends["last"] or 0


@transaction.atomic
def go_on(*, run_id: int, on: date, at: datetime) -> bool:
    """Do the next portion of what the run is at, and return whether there is more. Two workers take turns."""
    run = InvoiceRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state == State.LOOKING:
        _look(run, on, at)
    elif run.state == State.RUNNING:
        _issue(run, on, at)
    else:
        return False
    run.moved(at=at)
    run.save()
    return run.is_under_way


def looked_at(run: InvoiceRun) -> datetime:
    """When the plan of a run that waits for a yes was made."""
    return run.moved_at or run.asked_at


@transaction.atomic
def look_again(*, run: InvoiceRun, at: datetime) -> bool:
    """Prepare the run anew if it was looked at too long ago. When True, the caller enqueues the first portion."""
    run.refresh_from_db(from_queryset=InvoiceRun.objects.select_for_update(of=("self",)))
    if run.state != State.READY or at - looked_at(run) <= FRESH_FOR:
        return False
    run.rows.all().delete()
    run.state, run.planned, run.planned_total, run.free = State.LOOKING, 0, Decimal(0), 0
    run.by_type, run.by_way, run.odd, run.warnings = {}, {}, {}, []
    run.place, run.last_place = _keys()
    run.moved(at=at)
    run.save()
    return True


def _look(run: InvoiceRun, on: date, at: datetime) -> None:
    left = allowance.parts_left(at=at)
    used = run.by_way.get("parts", 0)
    portion = planning.plan(
        on=on, at=at, keys=range(run.place, run.place + PORTION), begins_by=run.begins_by,
        sms_left=None if left is None else max(0, left - used),
    )  # fmt: skip
    for row in portion.rows:
        row.run = run
        _count(run, row)
    insert_many(portion.rows)
    run.free += portion.free
    run.by_way["parts"] = used + portion.sms_parts
    run.warnings = [*run.warnings, *portion.warnings][:_WARNINGS_KEPT]
    if not _step(run):
        run.state = State.READY


def _count(run: InvoiceRun, row: PlannedInvoice) -> None:
    for code in row.odd.split():
        run.odd[code] = run.odd.get(code, 0) + 1
    if not row.total:
        return
    run.planned += 1
    run.planned_total += row.total
    run.by_way[row.way] = run.by_way.get(row.way, 0) + 1
    for line in row.lines:
        people, amount = run.by_type.get(line["type"], [0, "0"])
        run.by_type[line["type"]] = [people + 1, str(Decimal(amount) + Decimal(line["price"]))]


def _step(run: InvoiceRun) -> bool:
    """On to the next keys that there are; false when there are none."""
    rest = Period.objects.filter(pk__gte=run.place + PORTION, pk__lte=run.last_place).order_by("pk")
    key = rest.values_list("pk", flat=True).first()
    run.place = run.last_place if key is None else key
    return key is not None


# --- agreed to and issued --------------------------------------------------------------------------------------------


@transaction.atomic
def agree(*, run: InvoiceRun, at: datetime, by: User | None) -> None:
    """Somebody has seen it and said yes. The caller enqueues the first portion.

    Refuses when another run is under way or paused, with whose it is, and when the KIDs would not suffice.
    """
    run.refresh_from_db(from_queryset=InvoiceRun.objects.select_for_update(of=("self",)))
    if run.state != State.READY:
        raise Refused(_("This run is “%(state)s” by now."), params={"state": run.get_state_display()}, code="state")
    if not run.planned:
        raise Refused(_("There is nothing to invoice."), code="empty")
    _refuse_if_kids_run_out(run, run.planned)
    run.state, run.slot = State.RUNNING, 1
    run.place, run.last_place = _keys()
    run.agreed_at, run.agreed_by = at, by
    run.moved(at=at)
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError as error:
        raise _other_run() from error
    log(instance=run, action="invoicing.run_begun", user=by)


def _other_run() -> Refused:
    other = InvoiceRun.objects.filter(slot=1).select_related("agreed_by").first()
    names = {
        "name": other.agreed_by.get_full_name() if other and other.agreed_by else "–",
        "at": date_format(timezone.localtime(other.agreed_at), "SHORT_DATETIME_FORMAT")
        if other and other.agreed_at
        else "–",
    }
    return Refused(
        _("%(name)s began another run at %(at)s that is not finished. Resume or stop that one first."),
        params=names, code="other_run",
    )  # fmt: skip


def _refuse_if_kids_run_out(run: InvoiceRun, wanted: int) -> None:
    digits = accounts.chosen(run.account_number).serial_digits
    given = Counter.objects.filter(name="kid").values_list("value", flat=True).first() or 0
    if given + wanted >= 10**digits:
        raise Refused(
            _("The KIDs would run out: %(left)d are left, and %(wanted)d are needed. Ask the bank for longer KIDs."),
            params={"left": max(0, 10**digits - 1 - given), "wanted": wanted}, code="kid",
        )  # fmt: skip


def _issue(run: InvoiceRun, on: date, at: datetime) -> None:
    keys = range(run.place, run.place + PORTION)
    result = _open(run, keys, on, at)
    run.warnings = [*run.warnings, *(text for text in result.warnings if text not in run.warnings)][:_WARNINGS_KEPT]
    if not _step(run):
        run.state, run.slot, run.finished_at = State.DONE, None, at


def _open(run: InvoiceRun, keys: range, on: date, at: datetime) -> Result:
    """Open and invoice a portion. Where something stands in the way of one, the others are done without it."""
    try:
        with transaction.atomic(), invoices.issued_in(run) as issued:
            result = renewal.open_due_periods(on=on, at=at, keys=keys, begins_by=run.begins_by)
    except Refused as refusal:
        if len(keys) == 1:
            return Result(warnings=[refusal.sentence])
        middle = len(keys) // 2
        result = _open(run, keys[:middle], on, at)
        result.merge(_open(run, keys[middle:], on, at))
        return result
    run.issued += len(issued)
    run.issued_total += sum((invoice.total for invoice in issued), Decimal(0))
    return result


@transaction.atomic
def pause(*, run: InvoiceRun, at: datetime, by: User | None) -> bool:
    """Stop after the portion under way, to go on later. True when there was something to pause."""
    return _move(run, {State.RUNNING}, State.PAUSED, at, "invoicing.run_paused", by)


@transaction.atomic
def resume(*, run: InvoiceRun, at: datetime, by: User | None) -> bool:
    """Go on where it was paused. The caller enqueues the next portion."""
    return _move(run, {State.PAUSED}, State.RUNNING, at, "invoicing.run_resumed", by)


@transaction.atomic
def cancel(*, run: InvoiceRun, at: datetime, by: User | None) -> bool:
    """Stop for good after the portion under way. What has been issued stays issued, and is credited if it must be."""
    open_states = {State.LOOKING, State.READY, State.RUNNING, State.PAUSED}
    return _move(run, open_states, State.CANCELLED, at, "invoicing.run_stopped", by)


def _move(run: InvoiceRun, before: set[Any], after: Any, at: datetime, action: str, by: User | None) -> bool:
    run.refresh_from_db(from_queryset=InvoiceRun.objects.select_for_update(of=("self",)))
    if run.state not in before:
        return False
    run.state = after
    run.slot = 1 if after in {State.RUNNING, State.PAUSED} else None
    run.finished_at = at if after == State.CANCELLED else None
    run.moved(at=at)
    run.save(update_fields=_PROGRESS)
    log(instance=run, action=action, user=by)
    return True


# --- and the night ---------------------------------------------------------------------------------------------------


def under_way() -> InvoiceRun | None:
    """The run that issues, or is paused: as long as it is there, the night leaves the renewal to it."""
    return InvoiceRun.objects.filter(slot=1).select_related("agreed_by").first()


def forget_plans(*, at: datetime) -> Result:
    """Take away the plans of old runs: they name people and what they pay, and the invoices say it better."""
    result = Result()
    old = InvoiceRun.objects.filter(asked_at__lt=at - _PLANS_KEPT_FOR).exclude(slot=1)
    old.filter(state__in=[State.LOOKING, State.READY]).update(state=State.CANCELLED, finished_at=at)
    number, _models = PlannedInvoice.objects.filter(run__in=old).delete()
    if number:
        result.add("planned invoices forgotten", times=number)
    InvoiceRun.objects.filter(pk__in=old.exclude(warnings=[])).update(warnings=[])  # they name people
    return result


def costs(run: InvoiceRun) -> dict[str, Decimal]:
    """What the planned ways would cost, by way, where the client's settings know the price of one."""
    client = settings.CLIENT
    prices = {
        Way.SMS: client.messaging.sms_price * run.by_way.get("parts", 0),
        Way.LETTER: client.invoicing.letter_price * run.by_way.get(Way.LETTER, 0),
    }
    return {str(way): price for way, price in prices.items() if price}
