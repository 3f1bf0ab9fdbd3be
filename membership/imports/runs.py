"""An import from the office: the file is kept, looked at, and carried out in the background after a person's yes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Refused
from core.models import User
from membership.imports import applying, planning, reading
from membership.imports.planning import Plan, PlannedRow
from membership.models import ImportRun, MembershipType

State = ImportRun.State


@dataclass(frozen=True, kw_only=True)
class TypeWord:
    """A word for a membership type as the file has it, how many rows have it, and the code it seems to mean."""

    word: str
    rows: int
    code: str


def start(*, content: bytes, name: str, at: datetime, by: User | None) -> ImportRun:
    """Keep a file for import. Refuses, with nothing kept, what cannot be read as a list of members."""
    sheet = reading.read(content)
    if not sheet.rows:
        raise Refused(_("The file has headings but no rows."), code="empty")
    run = ImportRun(name=name[:200], uploaded_at=at, uploaded_by=by)
    run.types = {word.word: word.code for word in _type_words(sheet)}
    run.file.save(f"{at:%Y%m%d%H%M%S}.csv", ContentFile(content), save=False)
    run.save()
    return run


def _type_words(sheet: reading.Sheet) -> list[TypeWord]:
    counts: dict[str, int] = {}
    for _line, row in sheet.rows:
        if word := row.get("type", ""):
            counts[word.casefold()] = counts.get(word.casefold(), 0) + 1
    known: dict[str, str] = {}
    for type_ in MembershipType.objects.all():
        known |= {word.casefold(): type_.code for word in (type_.code, type_.name_nb, type_.name_en) if word}
    return [TypeWord(word=word, rows=number, code=known.get(word, "")) for word, number in counts.items()]


def type_words(*, run: ImportRun) -> list[TypeWord]:
    """The words the file has for types, with what has been chosen for each so far."""
    return [
        TypeWord(word=word.word, rows=word.rows, code=run.types.get(word.word, "")) for word in _type_words(_sheet(run))
    ]


def choose_types(*, run: ImportRun, types: Mapping[str, str]) -> None:
    """Remember which code each of the file's words stands for. Refused once the import is on its way."""
    if run.state != State.UPLOADED:
        raise Refused(_("This import is on its way already."), code="state")
    run.types = dict(types)
    run.save(update_fields=["types"])


def plan(*, run: ImportRun, on: date) -> Plan:
    """What the import would do today."""
    return planning.plan(sheet=_sheet(run), on=on, types={word: code for word, code in run.types.items() if code})


def _sheet(run: ImportRun) -> reading.Sheet:
    with run.file.open("rb") as file:
        return reading.read(file.read())


@transaction.atomic
def agree(*, run: ImportRun) -> bool:
    """A person has seen the plan and said yes: true the first time, false when it is on its way already."""
    return bool(ImportRun.objects.filter(pk=run.pk, state=State.UPLOADED).update(state=State.QUEUED))


def carry_out(*, run: ImportRun, on: date, at: datetime) -> ImportRun:
    """Do what was agreed, all in one transaction, and take the file away. Doing it again changes nothing.

    Runs in the worker. The plan is made anew, so that what has changed since the preview counts.
    """
    if run.state != State.QUEUED:
        return run
    try:
        with transaction.atomic():
            if not ImportRun.objects.select_for_update().filter(pk=run.pk, state=State.QUEUED).exists():
                return run
            planned = plan(run=run, on=on)
            run.counts = applying.apply(plan=planned, on=on, at=at, by=run.uploaded_by).counts
            run.report = [_line(row) for row in planned.rows if row.reason or row.warnings]
            run.state, run.finished_at = State.DONE, at
            run.save()
    except Refused as refusal:
        run.state, run.finished_at, run.problem = State.REFUSED, at, refusal.sentence[:500]
        run.save()
    run.file.delete(save=True)
    return run


def _line(row: PlannedRow) -> dict[str, Any]:
    return {"line": row.line, "name": row.name, "reason": row.reason, "warnings": row.warnings}
