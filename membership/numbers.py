"""The association in numbers: who belongs on a date, who came and went by month, and how many of each year stay.

Everything is counted by the database, in a fixed number of queries however many members there are, from the terms that
the caller gives: those whom somebody may know of. A member's terms never overlap, so terms on a day are members. Who
has been erased is in no number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    Expression,
    F,
    Func,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, ExtractMonth, ExtractYear, Least, Substr
from django.utils.translation import gettext as _

from core import dates
from membership import branches
from membership.models import Branch, Member, MembershipType, Period
from membership.models.periods import PeriodQuerySet

AGES = (0, 15, 18, 27, 40, 60, 67, 80)  # where each band of ages begins
NONE, ORGANISATION = "none", "organisation"
COHORTS = 10
EndReason = Period.EndReason


class DaysLater(Func):
    """A date so many whole days later, as a date in either database."""

    output_field = DateField()

    def __init__(self, day: str, *, days: int) -> None:
        super().__init__(F(day))
        self.days = int(days)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=f"date(%(expressions)s, '{self.days:+d} days')")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=f"(%(expressions)s + ({self.days}))")


# --- on a date -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Group:
    """Some members on a date: what they have in common, how many have paid (or pay nothing), and the registry's
    filters that list them. Without filters, the registry has no question that gives just these."""

    label: str
    code: str = ""
    members: int
    paid: int
    filters: dict[str, Any] = field(default_factory=dict)

    @property
    def unpaid(self) -> int:
        return self.members - self.paid


def groupings() -> dict[str, str]:
    """What members can be counted by in this organisation, with the words for it."""
    words = {"type": _("Membership type"), "age": _("Age"), "area": _("Postcode area")}
    if branches.are_used():
        words["branch"] = _("Branch")
    if "gender" in settings.CLIENT.membership.fields:
        words["gender"] = _("Gender")
    return words


def members_by(grouping: str, *, terms: PeriodQuerySet, on: date) -> list[Group]:
    """Return how many belong on the date, by one of `groupings()`. At most two queries.

    Age is the one reached in that year: so do the types count, and so do those who give grants.
    """
    found = terms.covering(on).begun().annotate(group=_KEYS[grouping](on))
    rows = found.order_by().values("group").annotate(
        members=Count("pk"), paid=Count("pk", filter=Q(confirmed_on__lte=on))
    )  # fmt: skip
    counted = {str(row["group"]): (row["members"], row["paid"]) for row in rows}
    return _SHOWN[grouping](counted, on)


def _age_key(on: date) -> Expression:
    bands = [
        When(member__born_on__gt=date(on.year - upper, 12, 31), then=Value(str(lower)))
        for lower, upper in pairwise(AGES)
    ]
    return Case(
        When(member__kind=Member.Kind.ORGANISATION, then=Value(ORGANISATION)),
        When(member__born_on__isnull=True, then=Value(NONE)),
        *bands,
        default=Value(str(AGES[-1])),
        output_field=CharField(),
    )


def _area_key(on: date) -> Expression:
    return Case(
        When(member__postcode__regex=r"^\d\d", then=Substr("member__postcode", 1, 2)),
        When(member__postcode="", then=Value(NONE)),
        default=Value("other"),
        output_field=CharField(),
    )


_KEYS: dict[str, Callable[[date], Any]] = {
    "type": lambda on: F("type_id"),
    "age": _age_key,
    "area": _area_key,
    "branch": lambda on: branches.branch_on(on, member="member", now="member__branch"),
    "gender": lambda on: F("member__gender"),
}  # fmt: skip
Counted = dict[str, tuple[int, int]]


def _group(counted: Counted, key: str, label: str, filters: dict[str, Any], code: str = "") -> Group:
    members, paid = counted.get(key, (0, 0))
    return Group(label=label, code=code, members=members, paid=paid, filters=filters)


def _by_type(counted: Counted, on: date) -> list[Group]:
    types = MembershipType.objects.order_by("order", "code")
    return [_group(counted, str(row.pk), row.name, {"type": row.pk}, row.code) for row in types]


def _by_age(counted: Counted, on: date) -> list[Group]:
    shown = []
    for number, lower in enumerate(AGES):
        upper = AGES[number + 1] - 1 if number + 1 < len(AGES) else None
        label = f"{lower}\u2013{upper}" if upper else _("%(age)d and older") % {"age": lower}
        years = {"born_max": on.year - lower} | ({"born_min": on.year - upper} if upper else {})
        shown.append(_group(counted, str(lower), label, {"kind": Member.Kind.PERSON, **years}))
    for key, label, filters in (
        (NONE, _("Date of birth unknown"), {}),
        (ORGANISATION, _("Organisations"), {"kind": Member.Kind.ORGANISATION}),
    ):
        if key in counted:
            shown.append(_group(counted, key, label, filters))
    return shown


def _by_area(counted: Counted, on: date) -> list[Group]:
    named = {NONE: _("No postcode"), "other": _("Postcodes of other countries")}
    shown = [_group(counted, key, f"{key}xx", {"area": key}) for key in sorted(counted) if key not in named]
    return shown + [_group(counted, key, label, {}) for key, label in named.items() if key in counted]


def _by_branch(counted: Counted, on: date) -> list[Group]:
    rows = list(Branch.objects.all())
    above = {row.parent_id for row in rows}
    # The registry lists a branch with all that lie below it; here each member is counted once.
    shown = [
        _group(counted, str(row.pk), row.name, {} if row.pk in above else {"branch": row.pk}, row.code)
        for row in rows if str(row.pk) in counted
    ]  # fmt: skip
    return shown + ([_group(counted, "None", _("In no branch"), {"branch": NONE})] if "None" in counted else [])


def _by_gender(counted: Counted, on: date) -> list[Group]:
    shown = [_group(counted, key, str(label), {"gender": key}) for key, label in Member.Gender.choices]
    return shown + ([_group(counted, "", _("Not asked"), {})] if "" in counted else [])


_SHOWN: dict[str, Callable[[Counted, date], list[Group]]] = {
    "type": _by_type, "age": _by_age, "area": _by_area, "branch": _by_branch, "gender": _by_gender,
}  # fmt: skip


# --- month by month --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Month:
    """What happened in a month: who joined, who came back after having left, who left by reason; and how many
    belonged on its last day, or on the day asked about."""

    first: date
    last: date
    joined: int
    came_back: int
    left_by: dict[str, int]
    members: int

    @property
    def came(self) -> int:
        return self.joined + self.came_back

    @property
    def left(self) -> int:
        return sum(self.left_by.values())

    @property
    def net(self) -> int:
        return self.came - self.left


def leaving_words() -> dict[str, str]:
    """Why somebody left, by the code that `Month.left_by` has, in the order of columns."""
    return {
        EndReason.RESIGNED: _("Resigned"), EndReason.LAPSED: _("Struck off"), "": _("Not renewed"),
        EndReason.TRIAL_OVER: _("Trial ended"), EndReason.DECEASED: _("Deceased"), EndReason.EXCLUDED: _("Excluded"),
        EndReason.CONVERTED: _("Led to no membership"), EndReason.CORRECTED: _("Corrected by the office"),
    }  # fmt: skip


def months(*, terms: PeriodQuerySet, on: date, count: int = 12) -> list[Month]:
    """Return the months up to the date, the earliest first. Three queries.

    Somebody joins with the first day of an unbroken membership, and leaves with its last; gaps that the organisation
    allows break nothing. Who leaves on the date itself has not left yet.
    """
    spans = _spans(on, count)
    start = spans[0][0]
    terms = _ran(terms)
    came = _came(terms.filter(starts_on__gte=start, starts_on__lte=on))
    left = _left(terms.filter(last_on__gte=start, last_on__lt=on))  # type: ignore[misc]
    belonging = belonging_on(terms=terms, days=[last for _first, last in spans])
    return [
        Month(
            first=first, last=last, joined=came.get((first.year, first.month, False), 0),
            came_back=came.get((first.year, first.month, True), 0),
            left_by=left.get((first.year, first.month), {}), members=number,
        )
        for (first, last), number in zip(spans, belonging, strict=True)
    ]  # fmt: skip


def belonging_on(*, terms: PeriodQuerySet, days: Sequence[date]) -> list[int]:
    """Return how many belonged on each of the days. One query."""
    counts = (
        terms.with_last_day()
        .begun()
        .aggregate(
            **{
                f"day_{number}": Count("pk", filter=Q(starts_on__lte=day) & (Q(last_on=None) | Q(last_on__gte=day)))
                for number, day in enumerate(days)
            }
        )
    )
    return [counts[f"day_{number}"] for number in range(len(days))]


def _spans(on: date, count: int) -> list[tuple[date, date]]:
    """First and last day of so many months, the last of them only up to the date."""
    spans = [(on.replace(day=1), on)]
    while len(spans) < count:
        last = dates.day_before(spans[-1][0])
        spans.append((last.replace(day=1), last))
    return spans[::-1]


def _ran(terms: PeriodQuerySet) -> PeriodQuerySet:
    """Terms by which somebody belonged: not those that were ended before their first day."""
    return terms.with_last_day().begun().filter(Q(last_on=None) | Q(last_on__gte=F("starts_on")))


def _gap() -> int:
    """How many days after a last day the next membership must have begun for the two to be one."""
    return 1 + settings.CLIENT.membership.gap_days


def _came(terms: PeriodQuerySet) -> dict[tuple[int, int, bool], int]:
    """How many joined, by year, month and whether they had belonged before."""
    before = _ran(Period.objects.filter(member=OuterRef("member"), starts_on__lt=OuterRef("starts_on")))
    unbroken = before.annotate(until=DaysLater("last_on", days=_gap())).filter(
        Q(last_on=None) | Q(until__gte=OuterRef("starts_on"))
    )
    rows = terms.filter(~Exists(unbroken)).annotate(again=_yes_or_no(before)).order_by()
    counted = rows.values(year=ExtractYear("starts_on"), month=ExtractMonth("starts_on"), back=F("again")).annotate(
        number=Count("pk")
    )
    return {(row["year"], row["month"], bool(row["back"])): row["number"] for row in counted}


def _left(terms: PeriodQuerySet) -> dict[tuple[int, int], dict[str, int]]:
    """How many left, by year and month, and by reason."""
    later = _ran(Period.objects.filter(member=OuterRef("member"), starts_on__gt=OuterRef("starts_on")))
    unbroken = later.filter(starts_on__lte=OuterRef("until"))
    rows = terms.annotate(until=DaysLater("last_on", days=_gap())).filter(~Exists(unbroken)).order_by()
    counted = rows.values("end_reason", year=ExtractYear("last_on"), month=ExtractMonth("last_on")).annotate(
        number=Count("pk")
    )
    found: dict[tuple[int, int], dict[str, int]] = {}
    for row in counted:
        found.setdefault((row["year"], row["month"]), {})[row["end_reason"]] = row["number"]
    return found


def _yes_or_no(rows: QuerySet[Any]) -> Case:
    """Whether there are such rows, as 0 or 1: both databases group by it."""
    return Case(When(Exists(rows), then=Value(1)), default=Value(0), output_field=IntegerField())


# --- those who joined in one year -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Those who joined in a year: how many, and how many of them belong at the end of each year from then on. The
    last of these is the day asked about."""

    year: int
    joined: int
    belonging: tuple[int, ...]

    @property
    def shares(self) -> tuple[int, ...]:
        """Whole per cent of those who joined."""
        return tuple(round(100 * number / self.joined) if self.joined else 0 for number in self.belonging)


def cohorts(*, terms: PeriodQuerySet, on: date, count: int = COHORTS) -> list[Cohort]:
    """Return the last years' joiners and how many of them stayed, the earliest year first. One query.

    The year is that of their very first term, or of an earlier “member since” from an old register; between that and
    the first term we know of they belonged. Who left before the registers were joined is in no cohort.
    """
    years = range(on.year - count + 1, on.year + 1)
    of_member = _ran(Period.objects.filter(member=OuterRef("member")))
    first = of_member.order_by().values("member").annotate(day=Min("starts_on")).values("day")[:1]
    rows = _ran(terms).filter(starts_on__lte=on).annotate(first=Subquery(first, output_field=DateField()))
    rows = rows.annotate(joined=Least(F("first"), Coalesce("member__member_since", F("first"))))
    counts = {f"at_{year}": Count("pk", filter=_belonged(min(date(year, 12, 31), on))) for year in years}
    counted = (
        rows.filter(joined__gte=date(years[0], 1, 1))
        .order_by()
        .values(year=ExtractYear("joined"))
        .annotate(size=Count("pk", filter=Q(starts_on=F("first"))), **counts)
    )
    by_year: dict[int, dict[str, Any]] = {row["year"]: dict(row) for row in counted}
    return [
        Cohort(
            year=year, joined=by_year[year]["size"],
            belonging=tuple(by_year[year][f"at_{later}"] for later in years if later >= year),
        )
        for year in years if year in by_year
    ]  # fmt: skip


def _belonged(day: date) -> Q:
    covers = Q(starts_on__lte=day) & (Q(last_on=None) | Q(last_on__gte=day))
    before_the_first = Q(starts_on=F("first"), joined__lte=day, first__gt=day)
    return covers | before_the_first
