"""An import from the file to the result, and back: brought, looked through, agreed to, carried out, perhaps undone.

Looking, carrying out and undoing are done in portions, each a transaction that also remembers how far the run has
come: a worker that is killed leaves nothing half done and nothing done twice, and two workers take turns. The office
and the command use the same functions; only who waits for the portions differs.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import IO

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from core.errors import Refused
from core.inserts import insert_many, update_many
from core.models import User
from core.results import Result
from membership.fields import may_see_office_fields
from membership.imports import applying, columns, inside, others, planning, reading, undoing
from membership.models import ImportPreset, ImportRow, ImportRun

State, Action, Outcome = ImportRun.State, ImportRow.Action, ImportRow.Outcome
PORTION = 1000
_OUTCOME_FIELDS = ("name", "action", "outcome", "rank", "reason", "warnings", "data", "changes", "refers", "is_waiting",
                   "member", "log_mark")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TypeWord:
    """A word for a membership type as the file has it, how many rows have it, and the code it seems to mean."""

    word: str
    rows: int
    code: str


# --- the file --------------------------------------------------------------------------------------------------------


def start(
    *, file: IO[bytes], name: str, at: datetime, by: User | None, preset: ImportPreset | None = None
) -> ImportRun:
    """Keep a file for import. Refuses, with nothing kept, what cannot be read as a list of rows.

    What the columns are is guessed from the headings, by the preset first if there is one. Office-only fields do not
    exist for those without the right to them.
    """
    with tempfile.TemporaryFile() as plain:
        sheet = reading.read(file, plain)
        run = ImportRun(name=name[:200], headings=sheet.headings, total=sheet.rows, uploaded_at=at, uploaded_by=by)
        run.preset = preset
        run.columns = columns.guess(
            sheet.headings, known=preset.columns if preset else None, with_office_fields=_sees_all(by)
        )
        plain.seek(0)
        run.file.save(f"{at:%Y%m%d%H%M%S}.csv", File(plain), save=False)
    run.types = _guessed_types(run)
    run.save()
    return run


def _sees_all(user: User | None) -> bool:
    return user is None or may_see_office_fields(user)


def samples(*, run: ImportRun, number: int = 3) -> list[list[str]]:
    """The first texts of each column, for somebody who has to say what it is."""
    fields = [(str(position), position) for position in range(len(run.headings))]
    with run.file.open("rb") as file:
        rows = [row for _line, row in islice(reading.rows(file, fields=fields), 50)]
    return [[row[key] for row in rows if key in row][:number] for key, _position in fields]


@transaction.atomic
def choose_columns(*, run: ImportRun, chosen: Mapping[str, int], remember_as: str = "", at: datetime) -> None:
    """Say which column is which: field -> position; and remember it as a preset, if it gets a name."""
    _refuse_if_agreed(run)
    columns.refuse_without_names(chosen)
    may_be = columns.offered(with_office_fields=_sees_all(run.uploaded_by))
    run.columns = {name: position for name, position in chosen.items() if name in may_be}
    run.types = _guessed_types(run)
    if remember_as:
        by_position = {position: name for name, position in run.columns.items()}
        known = {columns.plain(heading): by_position.get(at, "") for at, heading in enumerate(run.headings) if heading}
        run.preset, _is_new = ImportPreset.objects.update_or_create(
            name=remember_as, defaults={"columns": known, "types": run.types, "saved_at": at}
        )
    _forget_plan(run)


def _refuse_if_agreed(run: ImportRun) -> None:
    if run.state not in {State.UPLOADED, State.LOOKING, State.READY}:
        raise Refused(_("This import is on its way already."), code="state")


def _forget_plan(run: ImportRun) -> None:
    run.rows.all().delete()
    run.state, run.offset, run.so_far, run.counts, run.problem = State.UPLOADED, 0, 0, {}, ""
    run.save()


def _guessed_types(run: ImportRun) -> dict[str, str]:
    """The file's words for types and the codes they seem to mean: chosen before, by the preset, or the type's name."""
    known = planning.types({}).by_word
    remembered = (run.preset.types if run.preset else {}) | {word: code for word, code in run.types.items() if code}
    return {
        word: remembered.get(word) or (known[word].code if word in known else "") for word in _type_counts(run)
    }  # fmt: skip


def _type_counts(run: ImportRun) -> dict[str, int]:
    counts: dict[str, int] = {}
    if (position := run.columns.get("type")) is not None:
        with run.file.open("rb") as file:
            for _line, row in reading.rows(file, fields=[("type", position)]):
                if word := row.get("type", "").casefold():
                    counts[word] = counts.get(word, 0) + 1
    return counts


def type_words(*, run: ImportRun) -> list[TypeWord]:
    """The words the file has for types, with what has been chosen for each so far."""
    return [
        TypeWord(word=word, rows=number, code=run.types.get(word, "")) for word, number in _type_counts(run).items()
    ]


@transaction.atomic
def choose_types(*, run: ImportRun, types: Mapping[str, str]) -> None:
    """Remember which code each of the file's words stands for. Refused once the import is on its way."""
    _refuse_if_agreed(run)
    run.types = dict(types)
    if run.preset:
        run.preset.types |= run.types
        run.preset.save(update_fields=["types"])
    _forget_plan(run)


# --- looking through, carrying out, undoing --------------------------------------------------------------------------


@transaction.atomic
def look(*, run: ImportRun, at: datetime) -> None:
    """Have the file compared with the registry. The caller enqueues the first portion, or does them all."""
    _refuse_if_agreed(run)
    columns.refuse_without_names(run.columns)
    planning.types(run.types)
    _forget_plan(run)
    run.state, run.to_do = State.LOOKING, run.total
    run.moved(at=at)
    run.save()


@transaction.atomic
def agree(*, run: ImportRun, at: datetime, all_or_nothing: bool = False) -> bool:
    """A person has seen the plan and said yes: true the first time, false when it is on its way already.

    `all_or_nothing` refuses if a single row was refused; if one is refused on the way, what was done is taken back.
    """
    if all_or_nothing and run.counts.get(Action.REFUSED):
        raise Refused(_("Some rows are refused, and all or nothing was asked for. Mend the file, or import the good "
                        "rows only."), code="all_or_nothing")  # fmt: skip
    to_do = run.rows.filter(is_waiting=True).count()
    return bool(ImportRun.objects.filter(pk=run.pk, state=State.READY).update(
        state=State.QUEUED, is_all_or_nothing=all_or_nothing, so_far=0, to_do=to_do, moved_at=at, rings=0
    ))  # fmt: skip


@transaction.atomic
def cancel(*, run: ImportRun, at: datetime) -> bool:
    """Stop after the portion under way. What has been done stays done, and can be undone."""
    run.refresh_from_db(from_queryset=ImportRun.objects.select_for_update(of=("self",)))
    if run.state not in {State.UPLOADED, State.LOOKING, State.READY, State.QUEUED}:
        return False
    if run.state == State.QUEUED:
        done = dict(run.rows.filter(outcome=Outcome.DONE).order_by().values_list("action").annotate(number=Count("pk")))
        run.counts |= {action: done.get(action, 0) for action in (Action.CREATE.value, Action.CHANGE.value)}
    run.state, run.finished_at = State.CANCELLED, at
    run.save()
    _take_file_away(run)
    return True


@transaction.atomic
def undo(*, run: ImportRun, at: datetime, by: User | None) -> bool:
    """Take back what the import did: true if there is something to take back. See undoing.py for what is kept."""
    run.refresh_from_db(from_queryset=ImportRun.objects.select_for_update(of=("self",)))
    if not can_be_undone(run):
        return False
    run.rows.filter(is_waiting=True).update(is_waiting=False)
    run.to_do = _undoable(run).update(is_waiting=True)
    run.state, run.so_far, run.undone_by = State.UNDOING, 0, by
    run.moved(at=at)
    run.save()
    return True


def can_be_undone(run: ImportRun) -> bool:
    """Whether there is anything that the import did and that is still remembered."""
    over = run.state in {State.DONE, State.CANCELLED, State.REFUSED}
    return over and _undoable(run).exists()


def _undoable(run: ImportRun) -> QuerySet[ImportRow]:
    return run.rows.filter(outcome=Outcome.DONE, member__isnull=False, action__in=(Action.CREATE, Action.CHANGE))


def go_on(*, run_id: int, on: date, at: datetime, portion: int = PORTION) -> bool:
    """Do the next portion of whatever is under way; return whether there is more to do."""
    with transaction.atomic():
        run = (
            ImportRun.objects.select_for_update(of=("self",)).select_related("uploaded_by", "undone_by").get(pk=run_id)
        )
        step = _STEPS.get(run.state)
        if step is None:
            return False
        run.moved(at=at)
        try:
            with transaction.atomic():
                step(run, on, at, portion)
        except Refused as refusal:
            run.state, run.finished_at, run.problem = State.REFUSED, at, refusal.sentence[:500]
        run.save()
    if run.state in {State.DONE, State.REFUSED}:
        _take_file_away(run)
    return run.is_under_way


def finish(*, run: ImportRun, on: date, at: datetime) -> ImportRun:
    """Do all portions of what is under way, here and now: what the command does."""
    while go_on(run_id=run.pk, on=on, at=at):
        pass
    run.refresh_from_db()
    return run


def _look_portion(run: ImportRun, on: date, at: datetime, portion: int) -> None:
    if run.so_far < run.total:
        with run.file.open("rb") as file:
            raws = list(islice(reading.rows(file, fields=list(run.columns.items()), offset=run.offset), portion))
            run.offset = file.tell()
        rows = planning.plan(raws, on=on, types=planning.types(run.types))
        for row in rows:
            row.run = run
        insert_many(rows)
        run.so_far += len(raws)
    if run.so_far >= run.total:
        inside.look_at(run=run)
        run.counts, run.state = _count(run), State.READY


def _count(run: ImportRun) -> dict[str, int]:
    """How many rows of each action, all four always there, and how many have a warning."""
    by_action = dict(run.rows.order_by().values_list("action").annotate(number=Count("pk")))
    return {action.value: by_action.get(action.value, 0) for action in Action} | {
        "warnings": run.rows.exclude(warnings=[]).count()
    }


def _whole_households(waiting: QuerySet[ImportRow], portion: int) -> list[ImportRow]:
    """The next rows, whole households together; as many as a portion, or a few more."""
    waiting = waiting.order_by("household", "pk")
    rows = list(waiting[:portion])
    if len(rows) == portion and (home := rows[-1].household):
        rows += waiting.filter(household=home, pk__gt=rows[-1].pk)
    return rows


def _apply_portion(run: ImportRun, on: date, at: datetime, portion: int) -> None:
    rows = _whole_households(run.rows.filter(is_waiting=True), portion)
    refused_before = _refused(rows)
    if rows:
        types = planning.types(run.types)
        applying.apply(rows, types=types, on=on, at=at, by=run.uploaded_by)
        _save(rows)
        run.so_far += len(rows)
    stopped = run.is_all_or_nothing and _refused(rows) > refused_before
    if not stopped and len(rows) < portion and _link_portion(run, at, portion):
        return
    if stopped or len(rows) < portion:
        run.counts, run.state, run.finished_at = _count(run), State.DONE, at
    if stopped:
        reasons = "; ".join(row.reason for row in rows if row.action == Action.REFUSED)
        run.problem = (_("A row was refused on the way: %(reason)s") % {"reason": reasons})[:500]
        run.save()
        if not undo(run=run, at=at, by=run.uploaded_by):
            run.state = State.REFUSED


def _link_portion(run: ImportRun, at: datetime, portion: int) -> bool:
    """All rows are in: set who pays, and who recruited, where they came later in the file. False: nothing was left."""
    if not set(others.FIELDS) & set(run.columns):
        return False
    left = run.rows.filter(outcome=Outcome.DONE).exclude(refers={}).select_related("member").order_by("pk")
    rows = list(left[:portion])
    if rows:
        touched = undoing.touched(rows)
        others.link(rows, is_last=True, at=at, by=run.uploaded_by)
        applying.mark([row for row in rows if row.member_id not in touched])
        _save(rows)
    return bool(rows)


def _refused(rows: list[ImportRow]) -> int:
    return sum(row.action == Action.REFUSED for row in rows)


def _undo_portion(run: ImportRun, on: date, at: datetime, portion: int) -> None:
    rows = _whole_households(undoing.next_rows(run), portion)
    if rows:
        undoing.undo(rows, types=planning.types(run.types), at=at, by=run.undone_by)
        _save(rows)
        run.so_far += len(rows)
    if not run.rows.filter(is_waiting=True).exists():
        kept = run.rows.filter(outcome=Outcome.KEPT).count()
        taken_back = dict(
            run.rows.filter(outcome=Outcome.UNDONE).order_by().values_list("action").annotate(Count("pk"))
        )
        run.counts |= {"taken_out": taken_back.get(Action.CREATE, 0), "restored": taken_back.get(Action.CHANGE, 0),
                       "kept": kept}  # fmt: skip
        run.state, run.undone_at = State.UNDONE, at


def _save(rows: list[ImportRow]) -> None:
    """Write what became of the rows."""
    update_many(rows, _OUTCOME_FIELDS)


_STEPS: dict[str, Callable[[ImportRun, date, datetime, int], None]] = {
    State.LOOKING: _look_portion,
    State.QUEUED: _apply_portion,
    State.UNDOING: _undo_portion,
}


# --- what is left ----------------------------------------------------------------------------------------------------


def tidy(*, at: datetime) -> Result:
    """Take away files nobody said yes to, and the rows of imports too old to be undone. Twice changes nothing."""
    result = Result()
    waits_for = timedelta(days=settings.CLIENT.retention.import_file_days)
    left = ImportRun.objects.filter(state__in=(State.UPLOADED, State.READY), uploaded_at__lt=at - waits_for)
    for run in left:
        if cancel(run=run, at=at):
            result.add("files taken away", run.name)
    for run in _with_old_rows(at):
        run.rows.all().delete()
        result.add("imports that can no longer be undone", run.name)
    return result


def _with_old_rows(at: datetime) -> Iterator[ImportRun]:
    kept_for = timedelta(days=settings.CLIENT.retention.import_result_days)  # so long an import can be undone
    over = Q(finished_at__lt=at - kept_for) & ~Q(state__in=ImportRun.UNDER_WAY)
    yield from ImportRun.objects.filter(over, rows__isnull=False).distinct()


def _take_file_away(run: ImportRun) -> None:
    """The file is done with; a run that had begun keeps the rows for its result, one that had not keeps nothing."""
    if run.file:
        run.file.delete(save=False)
        ImportRun.objects.filter(pk=run.pk).update(file="")
    if not run.rows.exclude(outcome=Outcome.NONE).exists() and run.state == State.CANCELLED:
        run.rows.all().delete()
