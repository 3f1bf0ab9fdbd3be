"""Carrying out a plan, through the same functions as joining: all in one transaction, refused rows left out."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import batched

from django.db import transaction

from core import dates
from core.audit import log_many
from core.models import User
from core.results import Result
from membership import consents, households, members, periods, prices
from membership.consents import ConsentGiven
from membership.imports import planning
from membership.imports.planning import Plan, PlannedRow
from membership.models import Household, Member, MembershipType, Period


@transaction.atomic
def apply(*, plan: Plan, on: date, at: datetime, by: User | None = None) -> Result:
    """Create and change what the plan says. Those who are new get a confirmed period of the current year.

    Nothing is sent and nothing invoiced: what the old register says is paid is paid.
    """
    result = Result(counts=dict.fromkeys(("created", "changed", "unchanged", "refused"), 0))
    created = plan.of(planning.CREATE)
    _create(created, on=on, at=at, by=by)
    for row in plan.of(planning.CHANGE):
        assert row.member is not None
        changes = {name: new for name, (_old, new) in row.changes.items()}
        members.change(member=row.member, changes=changes, at=at, by=by, source="import")
    for word, action in zip(result.counts, plan.counts(), strict=True):
        result.counts[word] = plan.counts()[action]
    return result


def _create(rows: Sequence[PlannedRow], *, on: date, at: datetime, by: User | None) -> None:
    cells = [row.cells for row in rows if row.cells]
    entries = [members.Entry(data=c.data, member_number=c.member_number, member_since=c.joined_on) for c in cells]
    created = members.create_many(entries=entries, on=on, by=by)
    for row, member in zip(rows, created, strict=True):
        row.member = member
    log_many(instances=created, action="membership.import.done", user=by)
    homes = _households(rows, on=on, by=by)
    _open_periods(rows, homes, on=on)
    subscribers = [row.member for row in rows if row.member and row.cells and row.cells.wants_newsletter]
    newsletter = [ConsentGiven(purpose="newsletter", channel="email")]
    consents.record_each(members=subscribers, given=newsletter, at=at, source="import", by=by)


def _households(rows: Sequence[PlannedRow], *, on: date, by: User | None) -> dict[str, list[PlannedRow]]:
    """Form the file's households, or let people move into one that an earlier import formed. Main member first."""
    groups: dict[str, list[PlannedRow]] = {}
    for row in rows:
        if row.cells and row.cells.household_id:
            groups.setdefault(row.cells.household_id, []).append(row)
    known: dict[str, Household] = {}
    for keys in batched(groups, 500):
        known |= {home.legacy_id: home for home in Household.objects.filter(legacy_id__in=keys)}
    new = []
    for key, group in groups.items():
        group.sort(key=lambda row: row.cells is None or row.cells.household_role not in planning.ROLES_OF_MAIN)
        people = [row.member for row in group if row.member]
        if key in known:
            for member in people:
                households.add(household=known[key], member=member, by=by)
        else:
            new.append(households.Home(members=people, main_member=people[0], legacy_id=key))
    households.form_many(homes=new, on=on, by=by)
    return groups


def _open_periods(rows: Sequence[PlannedRow], homes: dict[str, list[PlannedRow]], *, on: date) -> None:
    """Open everybody's term of the year, household members' paid with their main member's."""
    main_rows = {id(row): group[0] for group in homes.values() for row in group[1:]}
    terms: dict[int, periods.Term] = {}
    for row in sorted(rows, key=lambda row: id(row) in main_rows):
        if row.type is None or row.member is None:
            continue
        main = terms.get(id(main_rows.get(id(row))))
        is_secondary = row.type.kind == MembershipType.Kind.HOUSEHOLD_SECONDARY
        terms[id(row)] = _term(row.member, row.type, row, on, main if is_secondary else None)
    if terms:
        periods.open_periods(terms=list(terms.values()), on=on)


def _term(
    member: Member, type_: MembershipType, row: PlannedRow, on: date, paid_with: periods.Term | None
) -> periods.Term:
    starts_on = _first_day(type_, row.cells.joined_on if row.cells else None, on)
    return periods.Term(
        member=member, type=type_, starts_on=starts_on, ends_on=periods.last_day(type=type_, starts_on=starts_on),
        quote=prices.quote(member=member, type=type_, on=starts_on), source=Period.Source.IMPORTED,
        confirmed_on=starts_on, paid_with=paid_with,
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
