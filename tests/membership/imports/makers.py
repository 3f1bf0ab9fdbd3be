"""Registers as files, and imports by the same functions as the office and the command use."""

import io
from datetime import date

from membership.imports import planning, runs
from membership.models import ImportRow, ImportRun
from tests.makers import TODAY, at_noon

HEAD = ("member_no,kind,first_name,last_name,company_name,org_no,street,postcode,city,country,email,mobile,birthdate,"
        "membership_type,household_id,household_role,join_date,newsletter\n")  # fmt: skip
TYPES = "Ordinary=E,Senior=UTP,Youth=UNG,Family=FM,Family member=FM2,Corporate=E"
FAMILY = (
    "7,person,Ánne,Čáhcesuolu,,,Veien 1,7010,Trondheim,NO,anne@example.no,+47 91234567,1980-01-31,"
    "Family,H1,head,2016-10-21,yes\n"
    "8,person,Åse,Øye,,,Veien 1,7010,Trondheim,NO,,,1981-02-28,Family member,H1,partner,2016-10-21,no\n"
    "9,person,Bo,Øye,,,Veien 1,7010,Trondheim,NO,anne@example.no,,2012-02-29,Family member,H1,child,2016-10-21,no\n"
)


def uploaded(content: str | bytes, *, types: str = TYPES, by=None, **options) -> ImportRun:  # type: ignore[no-untyped-def]
    """A file brought, and its words for types explained."""
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    run = runs.start(file=file, name="register.csv", at=at_noon(TODAY), by=by, **options)
    runs.choose_types(run=run, types={**run.types, **planning.parse_types(types)})
    return run


def looked_at(content: str | bytes, *, on: date = TODAY, **options) -> ImportRun:  # type: ignore[no-untyped-def]
    """A file compared with the registry."""
    run = uploaded(content, **options)
    runs.look(run=run, at=at_noon(on))
    return runs.finish(run=run, on=on, at=at_noon(on))


def carried_out(run: ImportRun, *, on: date = TODAY, all_or_nothing: bool = False) -> ImportRun:
    """Somebody says yes, and the worker does it all."""
    assert runs.agree(run=run, at=at_noon(on), all_or_nothing=all_or_nothing)
    return runs.finish(run=run, on=on, at=at_noon(on))


def imported(content: str | bytes, **options) -> dict[str, int]:  # type: ignore[no-untyped-def]
    """A file imported: how many rows of each sort."""
    counts = carried_out(looked_at(content, **options)).counts
    return {key: counts[key] for key in ("create", "change", "unchanged", "refused")}


def undone(run: ImportRun, *, on: date = TODAY, by=None) -> dict[str, int]:  # type: ignore[no-untyped-def]
    """An import taken back: how many rows were taken out, restored and kept."""
    assert runs.undo(run=run, at=at_noon(on), by=by)
    counts = runs.finish(run=run, on=on, at=at_noon(on)).counts
    return {key: counts[key] for key in ("taken_out", "restored", "kept")}


def rows(run: ImportRun, action: str = "") -> list[ImportRow]:
    """The run's rows in the file's order, of one action or all."""
    found = run.rows.order_by("line")
    return list(found.filter(action=action) if action else found)
