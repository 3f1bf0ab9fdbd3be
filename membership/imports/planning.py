"""What an import would do, row by row: create, change, leave, or refuse with the reason. Writes nothing.

An entry is found again by its own number, else by e-mail, name and date of birth together; in that order, so that
importing the same file twice changes nothing the second time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core import dates
from core.errors import Refused
from membership import joining
from membership.imports.cells import Cells, clean_row
from membership.imports.reading import Sheet
from membership.members import PersonData, cleaned_email
from membership.models import Member, MembershipType

CREATE, CHANGE, UNCHANGED, REFUSED = "create", "change", "unchanged", "refused"
ROLES_OF_MAIN = {"head", "main", "hovedmedlem", "primary"}

# The fields a file may change on somebody who is in the registry. An empty cell changes nothing.
COMPARED = (
    "first_names", "last_name", "organisation_number", "contact_person", "born_on", "gender", "email", "mobile",
    "work_phone", "address_line_1", "address_line_2", "postcode", "place", "country", "household_note", "office_notes",
)  # fmt: skip


@dataclass(kw_only=True)
class PlannedRow:
    """One row of the file and what becomes of it. `line` is its line in the file."""

    line: int
    name: str
    action: str
    reason: str = ""
    warnings: list[str] = field(default_factory=list)
    cells: Cells | None = None
    type: MembershipType | None = None
    member: Member | None = None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(kw_only=True)
class Plan:
    """A whole file, planned."""

    rows: list[PlannedRow]
    unknown_headings: list[str]

    def counts(self) -> dict[str, int]:
        """How many rows of each action, all four always there."""
        return {action: len(self.of(action)) for action in (CREATE, CHANGE, UNCHANGED, REFUSED)}

    def of(self, action: str) -> list[PlannedRow]:
        """The rows of one action, in the file's order."""
        return [row for row in self.rows if row.action == action]


def parse_types(text: str) -> dict[str, str]:
    """Read `Ordinary=E,Senior=UTP`: the file's words and the codes they stand for."""
    pairs: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        word, equals, code = part.partition("=")
        if not equals or not word.strip() or not code.strip():
            raise Refused(_("“%(part)s” is not a pair. Write the file's word, =, and the code: Ordinary=E."),
                          code="types", params={"part": part})  # fmt: skip
        pairs[word.strip().casefold()] = code.strip()
    return pairs


def plan(*, sheet: Sheet, on: date, types: Mapping[str, str] | None = None) -> Plan:
    """Compare a file with the registry. `types` maps the file's words, in lower case, to the codes of types."""
    by_word = _types_by_word(types or {})
    found = _existing([row for _line, row in sheet.rows])
    rows = [_planned(line, raw, on, by_word, found) for line, raw in sheet.rows]
    _refuse_twice(rows)
    _look_at_households(rows)
    return Plan(rows=rows, unknown_headings=sheet.unknown_headings)


def _types_by_word(types: Mapping[str, str]) -> dict[str, MembershipType]:
    rows = {type_.code.casefold(): type_ for type_ in MembershipType.objects.all()}
    words = dict(rows)
    for type_ in rows.values():
        words.setdefault(type_.name_nb.casefold(), type_)
        if type_.name_en:
            words.setdefault(type_.name_en.casefold(), type_)
    for word, code in types.items():
        if code.casefold() not in rows:
            codes = ", ".join(type_.code for type_ in rows.values())
            raise Refused(_("There is no membership type with the code “%(code)s”. Use one of: %(codes)s."),
                          code="types", params={"code": code, "codes": codes})  # fmt: skip
        words[word] = rows[code.casefold()]
    return words


class _Existing:
    """The registry's entries that the file may mean, found in a few queries for the whole file."""

    def __init__(self, members: Iterable[Member]) -> None:
        self.by_number: dict[str, Member] = {}
        self.by_person: dict[tuple[str, str, date], Member] = {}
        for member in members:
            self.by_number[member.member_number] = member
            if member.email and member.born_on:
                self.by_person[member.email.casefold(), member.full_name.casefold(), member.born_on] = member

    def find(self, cells: Cells) -> Member | None:
        """Own number first; else e-mail, name and date of birth together."""
        if member := self.by_number.get(cells.member_number):
            return member
        data = cells.data
        if data.email and data.born_on:
            return self.by_person.get((data.email.casefold(), data.full_name.casefold(), data.born_on))
        return None


def _existing(raw: Sequence[dict[str, str]]) -> _Existing:
    members: dict[int, Member] = {}
    for name, key in (("member_number", "member_number"), ("email", "email")):
        values = sorted({row.get(key, "") for row in raw} - {""})
        for start in range(0, len(values), 500):
            for member in Member.objects.filter(**{f"{name}__in": values[start : start + 500]}):
                members[member.pk] = member
    return _Existing(members.values())


def _planned(
    line: int, raw: dict[str, str], on: date, types: Mapping[str, MembershipType], existing: _Existing
) -> PlannedRow:
    name = " ".join(filter(None, (raw.get("first_names"), raw.get("last_name") or raw.get("organisation_name"))))
    try:
        cells = clean_row(raw, on=on)
        type_ = _type_of(cells, types)
    except ValidationError as error:
        return PlannedRow(line=line, name=name, action=REFUSED, reason=" ".join(error.messages))
    row = PlannedRow(line=line, name=cells.data.full_name, action=CREATE, cells=cells, type=type_)
    row.warnings += cells.warnings
    row.member = existing.find(cells)
    if row.member:
        row.changes = _differences(row.member, cells.data)
        row.action = CHANGE if row.changes else UNCHANGED
    elif type_:
        row.warnings += _age_warning(cells.data, type_, on)
    return row


def _type_of(cells: Cells, types: Mapping[str, MembershipType]) -> MembershipType | None:
    if not cells.type_word:
        return None
    type_ = types.get(cells.type_word.casefold())
    if type_ is None:
        raise Refused(
            _("“%(word)s” is no membership type here. Say which it is, like %(word)s=E, and import again."),
            code="type", params={"word": cells.type_word},
        )  # fmt: skip
    return None if type_.kind == MembershipType.Kind.NONE else type_


def _age_warning(data: PersonData, type_: MembershipType, on: date) -> list[str]:
    try:
        joining.refuse_wrong_age(person=data, type=type_, on=on)
    except Refused:
        assert data.born_on is not None
        age = dates.age_on(data.born_on, dates.last_of_year(on))
        return [_("%(age)s years old at the end of the year does not fit “%(type)s”") % {
            "age": age, "type": type_.name}]  # fmt: skip
    return []


def _differences(member: Member, data: PersonData) -> dict[str, tuple[Any, Any]]:
    """What the file would change: field -> (is, becomes). An empty cell changes nothing."""
    different = {}
    for name in COMPARED:
        new = getattr(data, name)
        new = cleaned_email(new) if name == "email" else new
        if new not in ("", None) and new != getattr(member, name):
            different[name] = (getattr(member, name), new)
    return different


def _refuse_twice(rows: Sequence[PlannedRow]) -> None:
    """The same number, or the same person, on two rows: the first counts, the others are refused by line."""
    seen: dict[object, int] = {}
    for row in rows:
        if row.cells is None:
            continue
        data = row.cells.data
        keys: list[object] = []
        if row.cells.member_number:
            keys.append(row.cells.member_number)
        elif data.email and data.born_on:
            keys.append((data.email.casefold(), data.full_name.casefold(), data.born_on))
        for key in keys:
            if key in seen:
                row.action = REFUSED
                row.reason = _("The same as line %(line)s.") % {"line": seen[key]}
            seen.setdefault(key, row.line)


def _look_at_households(rows: Sequence[PlannedRow]) -> None:
    """Warn of households without, or with more than one, main member; the first is taken."""
    groups: dict[str, list[PlannedRow]] = {}
    for row in rows:
        if row.cells and row.cells.household_id and row.action == CREATE:
            groups.setdefault(row.cells.household_id, []).append(row)
    for key, group in groups.items():
        mains = [row for row in group if row.cells and row.cells.household_role in ROLES_OF_MAIN]
        if not mains:
            group[0].warnings.append(
                _("Household %(id)s has no main member in the file: this one is taken.") % {"id": key}
            )
        for row in mains[1:]:
            row.warnings.append(_("Household %(id)s has a main member already.") % {"id": key})
