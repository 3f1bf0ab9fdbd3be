"""What an import will do or did, for people: the rows of a page, and all of them as a file."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from membership.models import ImportRow, ImportRun, Member
from membership.models.members import OFFICE_ONLY

Action, Outcome = ImportRow.Action, ImportRow.Outcome
_CHUNK = 2000

# What a page can be narrowed down to, in the order of its links.
SHOWN: dict[str, tuple[Any, Callable[[QuerySet[ImportRow]], QuerySet[ImportRow]]]] = {
    "refused": (gettext_lazy("Refused"), lambda rows: rows.filter(action=Action.REFUSED)),
    "warnings": (gettext_lazy("With a warning"), lambda rows: rows.exclude(warnings=[])),
    "change": (gettext_lazy("Changed"), lambda rows: rows.filter(action=Action.CHANGE)),
    "create": (gettext_lazy("New"), lambda rows: rows.filter(action=Action.CREATE)),
    "unchanged": (gettext_lazy("As they are"), lambda rows: rows.filter(action=Action.UNCHANGED)),
    "kept": (gettext_lazy("Kept"), lambda rows: rows.filter(outcome=Outcome.KEPT)),
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field that a row changes: what it is called, what it was, and what it becomes."""

    label: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{self.label}: {self.old or '–'} → {self.new}"


def rows_of(run: ImportRun, shown: str = "") -> QuerySet[ImportRow]:
    """The rows in the order somebody should look at them; all but those left alone, unless one sort is asked for."""
    rows = run.rows.order_by("rank", "line")
    return SHOWN[shown][1](rows) if shown in SHOWN else rows.exclude(action=Action.UNCHANGED, warnings=[])


def differences(row: ImportRow, *, with_office_fields: bool) -> list[Difference]:
    """A row's changes, field by field. Without the right, changes of office-only fields do not exist."""
    return [
        Difference(label=str(capfirst(Member._meta.get_field(name).verbose_name)), old=old, new=new)  # type: ignore[union-attr]
        for name, (old, new) in row.changes.items()
        if with_office_fields or name not in OFFICE_ONLY
    ]


def headings() -> list[str]:
    """The headings of the result as a file."""
    return [_("Line"), _("Name"), _("Member number"), _("What happens"), _("Done"), _("Why"), _("Warnings"),
            _("Changes")]  # fmt: skip


def lines(run: ImportRun, *, with_office_fields: bool) -> Iterator[list[Any]]:
    """Every row of the file with what became of it, in the file's order."""
    rows: Iterable[ImportRow] = run.rows.select_related("member").order_by("line").iterator(chunk_size=_CHUNK)
    for row in rows:
        changes = differences(row, with_office_fields=with_office_fields)
        yield [
            row.line, row.name, row.member.member_number if row.member else "", row.get_action_display(),
            row.get_outcome_display(), row.reason, " ".join(row.warnings), "; ".join(map(str, changes)),
        ]  # fmt: skip
