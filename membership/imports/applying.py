"""Carrying out some rows of an import, through the same functions as joining. Refused rows are left out.

Nothing is sent and nothing invoiced: what the old register says is paid is paid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import cast

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from core import dates
from core.models import User
from membership import branches, consents, households, members, periods, prices
from membership.consents import ConsentGiven
from membership.imports import others, planning
from membership.imports.cells import CONSENTS, Cells, as_value, unpacked
from membership.imports.matching import Found
from membership.models import Branch, Household, ImportRow, Member, MembershipType, Period

# A sentence of ours, or the database's own guard where another was quicker.
_IN_THE_WAY = (ValidationError, IntegrityError, DataError)

Action, Outcome = ImportRow.Action, ImportRow.Outcome


@dataclass(frozen=True, kw_only=True)
class _Doing:
    """What holds for all the rows: the types by code, the day and moment, and who asked."""

    types: planning.Types
    on: date
    at: datetime
    by: User | None


@dataclass(kw_only=True)
class _New:
    """A row that becomes a member."""

    row: ImportRow
    cells: Cells
    type: MembershipType | None
    member: Member

    @property
    def comes_after(self) -> bool:
        """Main members come first."""
        return not self.cells.is_main


@transaction.atomic
def apply(rows: Sequence[ImportRow], *, types: planning.Types, on: date, at: datetime, by: User | None = None) -> None:
    """Create and change what the rows say, as the registry stands now, and note on each row what became of it.

    Whole households stand in one call. If something stands in the way of one, the others come in all the same.
    """
    doing = _Doing(types=types, on=on, at=at, by=by)
    try:
        with transaction.atomic():
            _do(rows, doing)
    except _IN_THE_WAY:
        for _key, group in groupby(rows, key=lambda row: row.household or row.pk):
            _do_alone(list(group), doing)
    for row in rows:
        row.is_waiting, row.data = False, {}
    mark(rows)


def mark(rows: Sequence[ImportRow]) -> None:
    """Note that the log so far is the import's own: what is newer about these members is somebody's."""
    newest = ModelLogEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for row in rows:
        row.log_mark = newest
        row.rank = planning.rank(row)


def _do_alone(rows: list[ImportRow], doing: _Doing) -> None:
    try:
        with transaction.atomic():
            _do(rows, doing)
    except _IN_THE_WAY as error:
        for row in rows:
            row.action, row.outcome, row.member = Action.REFUSED, Outcome.NONE, None
            row.reason = " ".join(getattr(error, "messages", [_("The registry cannot hold this row.")]))[:500]


def _do(rows: Sequence[ImportRow], doing: _Doing) -> None:
    cells = [unpacked(row.data) for row in rows]
    found = Found(cells, on=doing.on)
    for row, its in zip(rows, cells, strict=True):
        data, warnings = row.data, row.warnings
        planning.decide(row, its, found)
        row.outcome, row.data, row.warnings = Outcome.DONE, data, warnings
    _create([(row, its) for row, its in zip(rows, cells, strict=True) if row.action == Action.CREATE], doing)
    _change([row for row in rows if row.action == Action.CHANGE], doing)
    others.link([row for row in rows if row.refers], is_last=False, at=doing.at, by=doing.by)


# --- those who are there ---------------------------------------------------------------------------------------------


def _change(rows: Sequence[ImportRow], doing: _Doing) -> None:
    each, moves = [], []
    for row in rows:
        assert row.member is not None
        new = values(row, 1, doing.types)
        each.append((row.member, new))
        if "branch" in new:
            moves.append((row.member, cast("Branch", new["branch"])))
    branches.remember(moves=moves, on=doing.on, at=doing.at, by=doing.by)
    members.change_many(changes=each, at=doing.at, by=doing.by, source="import")


def values(row: ImportRow, which: int, types: planning.Types) -> dict[str, object]:
    """A row's changed fields as they were (0) or as the file has them (1). Payers and recruiters: others.py."""
    found = {name: as_value(name, pair[which]) for name, pair in row.changes.items() if name not in others.FIELDS}
    if code := found.get("converts_to"):
        found["converts_to"] = types.by_code.get(str(code).casefold())
    if code := found.get("branch"):
        found["branch"] = types.branches.get(str(code).casefold())
    return found


# --- those who are new -----------------------------------------------------------------------------------------------


def _create(rows: Sequence[tuple[ImportRow, Cells]], doing: _Doing) -> None:
    if not rows:
        return
    created = members.create_many(
        entries=[_entry(cells, doing.types) for _row, cells in rows], on=doing.on, by=doing.by,
        action="membership.import.done",
    )  # fmt: skip
    by_code = doing.types.by_code
    new = [
        _New(row=row, cells=cells, type=by_code.get(cells.type_word.casefold()), member=member)
        for (row, cells), member in zip(rows, created, strict=True)
    ]
    for one in new:
        one.row.member = one.member
    _open_periods(new, _households(new, doing), on=doing.on)
    for name, (purpose, channel) in CONSENTS.items():
        consents.record_each(
            members=[one.member for one in new if name in one.cells.consents],
            given=[ConsentGiven(purpose=purpose, channel=channel)], at=doing.at, source="import", by=doing.by,
        )  # fmt: skip


def _entry(cells: Cells, types: planning.Types) -> members.Entry:
    office = dict(cells.office)
    if code := office.get("converts_to"):
        office["converts_to"] = types.by_code[code.casefold()]
    if cells.branch:
        office["branch"] = types.branches[cells.branch.casefold()]
    if cells.campaign:
        office["campaign"] = types.campaigns[cells.campaign.casefold()]
    return members.Entry(
        data=cells.data, member_number=cells.member_number, member_since=cells.joined_on, language=cells.language,
        office=office,
    )  # fmt: skip


def _households(new: Sequence[_New], doing: _Doing) -> dict[str, list[_New]]:
    """Form the file's households, or let people move into one that an earlier import formed. Main member first."""
    groups: dict[str, list[_New]] = {}
    for one in new:
        if one.cells.household_id:
            groups.setdefault(one.cells.household_id, []).append(one)
    known = {home.legacy_id: home for home in Household.objects.filter(legacy_id__among=groups)} if groups else {}
    homes = []
    for key, group in groups.items():
        group.sort(key=lambda one: one.comes_after)
        people = [one.member for one in group]
        if key in known:
            for member in people:
                households.add(household=known[key], member=member, by=doing.by)
        else:
            homes.append(households.Home(members=people, main_member=people[0], legacy_id=key))
    if homes:
        households.form_many(homes=homes, on=doing.on, by=doing.by)
    return groups


def _open_periods(new: Sequence[_New], homes: dict[str, list[_New]], *, on: date) -> None:
    """Open everybody's term that runs now, household members' paid with their main member's."""
    main_of = {id(one): group[0] for group in homes.values() for one in group[1:]}
    terms: dict[int, periods.Term] = {}
    quotes: dict[tuple[int, date], prices.Quote] = {}
    for one in sorted(new, key=lambda one: id(one) in main_of):
        if one.type is None:
            continue
        if one.cells.expires_on and one.cells.expires_on < on:
            continue  # the plan has said so
        is_secondary = one.type.kind == MembershipType.Kind.HOUSEHOLD_SECONDARY
        paid_with = terms.get(id(main_of.get(id(one)))) if is_secondary else None
        terms[id(one)] = _term(one, one.type, paid_with, quotes, on)
    if terms:
        periods.open_periods(terms=list(terms.values()), on=on)


def _term(
    one: _New, type_: MembershipType, paid_with: periods.Term | None, quotes: dict[tuple[int, date], prices.Quote],
    on: date,
) -> periods.Term:  # fmt: skip
    starts_on = _first_day(type_, one.cells.joined_on, on)
    ends_on = periods.last_day(type=type_, starts_on=starts_on)
    if one.cells.expires_on and ends_on:
        starts_on, ends_on = min(starts_on, one.cells.expires_on), one.cells.expires_on
    key = (type_.pk, starts_on)
    if one.member.special_price is not None:
        quote = prices.quote(member=one.member, type=type_, on=starts_on)
    else:
        quote = quotes.get(key) or quotes.setdefault(key, prices.quote(member=None, type=type_, on=starts_on))
    return periods.Term(
        member=one.member, type=type_, starts_on=starts_on, ends_on=ends_on, quote=quote,
        source=Period.Source.IMPORTED, confirmed_on=starts_on, paid_with=paid_with,
    )  # fmt: skip


def _first_day(type_: MembershipType, joined_on: date | None, on: date) -> date:
    """The first day of the term that runs now: this year's, or counted from the day of joining."""
    if joined_on is None:
        return dates.first_of_year(on)
    if type_.frequency == MembershipType.Frequency.PERMANENT:
        return joined_on
    if type_.term == MembershipType.Term.ROLLING_YEAR:
        this_year = dates.add_years(joined_on, on.year - joined_on.year)
        return this_year if this_year <= on else dates.add_years(joined_on, on.year - joined_on.year - 1)
    return max(dates.first_of_year(on), joined_on)
