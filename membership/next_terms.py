"""What comes after a term: the same again, another type, or nothing; for one member or for a whole household.

Decides and writes nothing, but for a household whose main member is gone: the next one is made main member.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.conf import settings
from django.db.models import F, Q

from core import dates, money
from membership import households, periods, prices
from membership.models import Household, Member, MembershipType, Period
from membership.prices import Reason

Kind = MembershipType.Kind
_ADULT_AT = 18  # who may be made main member without being asked


@dataclass(kw_only=True)
class Decision:
    """The terms to open, those that carry others before the carried, each under the rule that made it; the terms after
    which there is no membership; and households somebody must look at."""

    terms: list[periods.Term] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    leading_out: list[Period] = field(default_factory=list)
    new_main_members: list[Member] = field(default_factory=list)
    stuck: list[Period] = field(default_factory=list)

    def open(self, term: periods.Term | None, rule: str) -> periods.Term | None:
        """Take a term in; none, where the next term would have run out already, is nothing."""
        if term is not None:
            self.terms.append(term)
            self.rules.append(rule)
        return term

    def leave_out_what_costs(self) -> None:
        """Keep only terms that nobody is invoiced for, themselves or with those they are carried by or carry."""
        costs = {id(term.paid_with or term) for term in self.terms if term.quote.amount}
        kept = [
            (term, rule)
            for term, rule in zip(self.terms, self.rules, strict=True)
            if id(term.paid_with or term) not in costs
        ]
        self.terms, self.rules = [term for term, _rule in kept], [rule for _term, rule in kept]


@dataclass(frozen=True, kw_only=True)
class Next:
    """The type of a next term, why it is another one, and under which rule of the night it is counted."""

    type: MembershipType
    because: tuple[Reason, ...] = ()
    rule: str = "opened"


def next_type(*, member: Member, type: MembershipType, starts_on: date, since: date) -> Next | None:
    """Return the type a member's next term has, or none when it leads out of membership.

    `since` is the first day of the term before. An own price that ended in that term converts to what the member says,
    a special type to what the type says; else the type's ordinary price is asked. Ageing counts at 31 December of the
    year in which the next term starts.
    """
    because: tuple[Reason, ...] = ()
    rule = "opened"
    ended = member.special_price_until
    if member.special_price is not None and ended and ended < starts_on:
        converts_to = member.converts_to or (type.converts_to if type.kind == Kind.SPECIAL else None)
        if ended >= since and type.kind != Kind.HOUSEHOLD_SECONDARY:
            because, rule = (_own_price_ended(ended),), "own prices ended"
            type = converts_to or type
        elif type.kind == Kind.SPECIAL:
            type = converts_to or type
    elif type.kind == Kind.SPECIAL and member.special_price is None:
        type = member.converts_to or type.converts_to or type
    grown = _aged(member, type, starts_on)
    if grown is not type:
        because, rule = (*because, _aged_out(type)), "aged out"
    return None if grown.kind == Kind.NONE else Next(type=grown, because=because, rule=rule)


def _aged(member: Member, type: MembershipType, starts_on: date) -> MembershipType:
    """Where age leads to, over several types if need be."""
    if member.born_on is None:
        return type
    age = dates.age_on(member.born_on, dates.last_of_year(starts_on))
    passed = {type.pk}
    while type.ages_into and type.age_to is not None and age > type.age_to and type.ages_into_id not in passed:
        type = type.ages_into
        passed.add(type.pk)
    return type


def _aged_out(type: MembershipType) -> Reason:
    names = {"type_nb": type.name_in("nb"), "type_en": type.name_in("en")}
    return Reason(code="aged_out", amount=money.ZERO, params={"age": str(type.age_to), **names})


def _own_price_ended(on: date) -> Reason:
    return Reason(code="own_price_ended", amount=money.ZERO, params={"date": on.isoformat()})


def _because(code: str) -> Reason:
    return Reason(code=code, amount=money.ZERO)


def _chosen(period: Period, starts_on: date) -> Next | None:
    """What comes after a term by the rules, or by what the office has chosen."""
    found = next_type(member=period.member, type=period.coming_type, starts_on=starts_on, since=period.starts_on)
    if found is None or period.next_type_id is None:
        return found
    because = (_because("type_changed"), *found.because)
    return Next(type=found.type, because=because, rule="changed by the office")


class Types:
    """The handful of types, read once, with what each leads to."""

    def __init__(self) -> None:
        self.by_id = MembershipType.objects.in_bulk()
        for type_ in self.by_id.values():
            if type_.converts_to_id:
                type_.converts_to = self.by_id[type_.converts_to_id]
            if type_.ages_into_id:
                type_.ages_into = self.by_id[type_.ages_into_id]

    def give(self, period: Period) -> Period:
        """Let a term and its member know their types without asking the database."""
        period.type = self.by_id[period.type_id]
        period.next_type = self.by_id[period.next_type_id] if period.next_type_id else None
        if period.member.converts_to_id:
            period.member.converts_to = self.by_id[period.member.converts_to_id]
        return period

    def of_kind(self, kind: str) -> MembershipType | None:
        """The first type of a kind, in the office's order."""
        return next((type_ for type_ in self._ordered() if type_.kind == kind), None)

    def of_ones_own(self, member: Member, starts_on: date) -> MembershipType | None:
        """The type of somebody whom no household carries any more: the member's own rule, else what those of that age
        may choose on the form, the narrowest age first. None when nothing fits."""
        if member.converts_to_id and self.by_id[member.converts_to_id].kind != Kind.NONE:
            return self.by_id[member.converts_to_id]
        age = dates.age_on(member.born_on, dates.last_of_year(starts_on)) if member.born_on else None
        offered = [type_ for type_ in self._ordered() if type_.is_selectable and type_.kind == Kind.ORDINARY]
        fitting = [type_ for type_ in offered if type_.is_for_organisations != member.is_person and _fits(type_, age)]
        return min(fitting, key=_width, default=None)

    def _ordered(self) -> list[MembershipType]:
        return sorted(self.by_id.values(), key=lambda type_: (type_.order, type_.code))


def _fits(type_: MembershipType, age: int | None) -> bool:
    if age is None:
        return type_.age_from is None and type_.age_to is None
    return (type_.age_from is None or age >= type_.age_from) and (type_.age_to is None or age <= type_.age_to)


def _width(type_: MembershipType) -> int:
    """How many ages a type is for."""
    return (200 if type_.age_to is None else type_.age_to) - (type_.age_from or 0)


def opens_on(*, type: MembershipType, starts_on: date) -> date:
    """Return the day from which the term that starts then is opened and invoiced.

    Terms that start at New Year open together: `renewal_opens = "01-02"` is 2 January of their year; a day in the
    second half of the year, like "12-01", is in the year before. All others open on their first day.
    """
    is_new_year = (starts_on.month, starts_on.day) == (1, 1)
    if type.term == MembershipType.Term.ROLLING_YEAR or not is_new_year:
        return starts_on
    month_day = settings.CLIENT.invoicing.renewal_opens
    return dates.month_day(month_day, starts_on.year - (month_day >= "07-01"))


def is_open(period: Period, *, on: date, begins_by: date | None = None) -> bool:
    """Whether the term after this one is to be opened on the date, or begins by the day that somebody asked for."""
    if period.ends_on is None:
        return False
    starts_on = dates.day_after(period.ends_on)
    return (begins_by is not None and starts_on <= begins_by) or opens_on(type=period.type, starts_on=starts_on) <= on


class Portion:
    """Some terms that are due, with their households: decided together, in a fixed number of queries."""

    def __init__(
        self, due: Sequence[Period], *, on: date, types: Types, all_due: Iterable[Period],
        begins_by: date | None = None,
    ) -> None:  # fmt: skip
        """`all_due` is every term that is due of anybody in these households, with `begins_by` also before its time."""
        self.due, self.on, self.types = due, on, types
        self.decision = Decision()
        homes = {period.member.household_id for period in due if period.member.household_id}
        self.homes = Household.objects.select_related("main_member").in_bulk(homes) if homes else {}
        self.due_at: dict[int, list[Period]] = {}
        for period in all_due:
            assert period.member.household_id is not None
            if is_open(types.give(period), on=on, begins_by=begins_by):
                self.due_at.setdefault(period.member.household_id, []).append(period)

    @cached_property
    def _latest(self) -> dict[int, Period]:
        """Where the main member's term is not due, their last one that was not void, by their key; the dead have
        none. Read once for all homes, where one of them asks."""
        leading = {row.member_id for rows in self.due_at.values() for row in rows}
        mains = [home.main_member for home in self.homes.values()]
        asked = [main.pk for main in mains if main and not main.died_on and main.pk not in leading]
        ran = Q(last_on__isnull=True) | Q(last_on__gte=F("starts_on"))  # a term for life has no last day
        rows = Period.objects.with_last_day().filter(ran, member__in=asked)
        rows = rows.select_related("member", "type").order_by("starts_on", "pk")
        return {row.member_id: row for row in rows}

    def decide(self) -> Decision:
        """Decide on each term once. A household is decided on with its main member's term."""
        for period in self.due:
            home = self.homes.get(period.member.household_id or 0)
            if home is None or (not _is_carried(period) and home.main_member_id != period.member_id):
                self._alone(period)
                continue
            together = self.due_at.get(home.pk, [])
            leader = next((row for row in together if row.member_id == home.main_member_id), None)
            first = leader or min((row for row in together if _is_carried(row)), key=lambda row: row.pk)
            if period.pk == first.pk:
                self._household(home, leader, together)
        return self.decision

    def _household(self, home: Household, leader: Period | None, together: list[Period]) -> None:
        others = [row for row in together if row is not leader and _is_carried(row)]
        if leader is None:
            paying = self._latest.get(home.main_member_id or 0)
            if paying is not None and paying.ended_on is None:
                self._join_in(paying, others)
                return
            leader = self._next_main(home, others)
            if leader is None:
                self.decision.stuck += others
                return
            others.remove(leader)
        term = self._lead(leader, others)
        if term is None:
            rest = [row for row in others if self._continues(row)]
            if rest and not self._continues(leader):
                self._household_without(home, rest)
            return
        for row in others:
            self._carry(row, term)

    def _household_without(self, home: Household, rest: list[Period]) -> None:
        """The main member's membership leads to none: somebody else is asked to pay."""
        leader = self._next_main(home, rest)
        if leader is None:
            self.decision.stuck += rest
            return
        self._household(home, leader, rest)

    def _continues(self, row: Period) -> bool:
        assert row.ends_on is not None
        return _chosen(row, dates.day_after(row.ends_on)) is not None

    def _next_main(self, home: Household, rows: Sequence[Period]) -> Period | None:
        """Make the oldest who is of age the main member; those without a date of birth count as of age, last."""
        grown = [row for row in rows if _is_adult(row.member, self.on)]
        if not grown:
            return None
        chosen = min(grown, key=lambda row: (row.member.born_on or date.max, row.pk))
        self._hand_over(home, chosen.member)
        self.decision.new_main_members.append(chosen.member)
        return chosen

    def _hand_over(self, home: Household, to: Member) -> None:
        """The one thing that is written."""
        households.hand_over(household=home, to=to)

    def _lead(self, period: Period, others: Sequence[Period]) -> periods.Term | None:
        """The main member's next term. Who was carried until now becomes what the payer was."""
        if period.coming_type.kind != Kind.HOUSEHOLD_SECONDARY:
            return self._alone(period)
        assert period.ends_on is not None
        starts_on = dates.day_after(period.ends_on)
        if others:
            type_ = next((row.type for row in others if row.type.kind == Kind.HOUSEHOLD_MAIN), None)
            type_ = type_ or self.types.of_kind(Kind.HOUSEHOLD_MAIN)
            code = "new_main"
        else:
            type_, code = self.types.of_ones_own(period.member, starts_on), "on_its_own"
        if type_ is None:
            self.decision.stuck.append(period)
            return None
        chosen = Next(type=type_, because=(_because(code),), rule="main members changed")
        return self.decision.open(self._term(period, chosen), chosen.rule)

    def _carry(self, period: Period, main: periods.Term) -> None:
        """A household member's next term: carried by the main member's, or one's own for who has grown out of it."""
        assert period.ends_on is not None
        type_ = period.coming_type
        extra: tuple[Reason, ...] = ()
        starts_on = dates.day_after(period.ends_on)
        if type_.kind == Kind.HOUSEHOLD_MAIN:
            type_, extra = self.types.of_kind(Kind.HOUSEHOLD_SECONDARY) or type_, (_because("no_longer_main"),)
            chosen = next_type(member=period.member, type=type_, starts_on=starts_on, since=period.starts_on)
        else:
            chosen = _chosen(period, starts_on)
        if chosen is None:
            self._lead_out(period)
        elif chosen.type.kind != Kind.HOUSEHOLD_SECONDARY and chosen.type.pk != type_.pk:
            self.decision.open(self._term(period, chosen), chosen.rule)
        elif main.type.kind != Kind.HOUSEHOLD_MAIN and main.follows and main.type.pk != main.follows.type_id:
            self._on_its_own(period)
        else:
            chosen = Next(type=chosen.type, because=(*extra, *chosen.because), rule=chosen.rule)
            self.decision.open(self._term(period, chosen, paid_with=main), chosen.rule)

    def _join_in(self, paying: Period, others: Sequence[Period]) -> None:
        """Household members whose terms ended on another day than the main member's: they follow the one that runs.

        Where the main member has not paid yet, they wait.
        """
        for row in others:
            assert row.ends_on is not None
            starts_on = dates.day_after(row.ends_on)
            if not paying.covers(starts_on):
                continue
            chosen = _chosen(row, starts_on)
            if chosen is None:
                self._lead_out(row)
            elif chosen.type.kind != Kind.HOUSEHOLD_SECONDARY:
                self.decision.open(self._term(row, chosen), chosen.rule)
            else:
                self.decision.open(self._term(row, chosen, joins=paying), chosen.rule)

    def _alone(self, period: Period) -> periods.Term | None:
        """The next term of somebody nobody carries; who was carried and moved out gets a membership of their own."""
        assert period.ends_on is not None
        starts_on = dates.day_after(period.ends_on)
        is_secondary = period.coming_type.kind == Kind.HOUSEHOLD_SECONDARY
        if is_secondary and (period.paid_with_id or period.next_type_id):
            return self._on_its_own(period)
        chosen = _chosen(period, starts_on)
        if chosen is None:
            self._lead_out(period)
            return None
        return self.decision.open(self._term(period, chosen), chosen.rule)

    def _on_its_own(self, period: Period) -> periods.Term | None:
        assert period.ends_on is not None
        type_ = self.types.of_ones_own(period.member, dates.day_after(period.ends_on))
        if type_ is None:
            self.decision.stuck.append(period)
            return None
        chosen = Next(type=type_, because=(_because("on_its_own"),), rule="on their own")
        return self.decision.open(self._term(period, chosen), chosen.rule)

    def _lead_out(self, period: Period) -> None:
        """There is no membership after this one: noted when it is over, so that a change of mind before counts."""
        if period.ends_on is not None and period.ends_on < self.on:
            self.decision.leading_out.append(period)

    def _term(
        self, period: Period, chosen: Next, *, paid_with: periods.Term | None = None, joins: Period | None = None
    ) -> periods.Term | None:
        """The next term, unless it has run out; the rest of a year always. What is carried ends with its carrier."""
        assert period.ends_on is not None
        member, starts_on = period.member, dates.day_after(period.ends_on)
        enters = (starts_on.month, starts_on.day) != (1, 1) and chosen.rule != "opened"
        ends_on = periods.last_day(type=chosen.type, starts_on=starts_on, joining=enters, member=member)
        carrier_ends = paid_with.ends_on if paid_with else joins.last_day if joins else None
        ends_on = carrier_ends or ends_on
        earliest_end = starts_on if enters else max(self.on, starts_on)
        if ends_on and ends_on < earliest_end:
            return None
        quote = prices.quote(member=member, type=chosen.type, on=starts_on, joining=enters, because=chosen.because)
        is_paid = joins is not None and joins.confirmed_on is not None and not quote.amount
        return periods.Term(
            member=member, type=chosen.type, starts_on=starts_on, ends_on=ends_on, quote=quote, follows=period,
            source=Period.Source.RENEWED, paid_with=paid_with, paid_with_period=joins,
            confirmed_on=self.on if is_paid else None, pay_by=joins.pay_by if joins and not quote.amount else None,
        )  # fmt: skip


class Rehearsal(Portion):
    """The same decisions with nothing written: a household is handed over in memory only."""

    def _hand_over(self, home: Household, to: Member) -> None:
        home.main_member = to


def _is_carried(period: Period) -> bool:
    if period.next_type is not None:
        return bool(period.next_type.is_household_type)
    return period.type.is_household_type or period.paid_with_id is not None


def _is_adult(member: Member, on: date) -> bool:
    return member.is_person and (member.born_on is None or dates.age_on(member.born_on, on) >= _ADULT_AT)
