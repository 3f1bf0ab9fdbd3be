"""The simulator: next year's renewal with other prices, ages or rules, decided by the renewal's own code.

Nothing is written. Each member's next term is decided twice, by the rules as they are and by those proposed, in
portions that keep households together: so the numbers are those that the night would give if everybody stayed.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import IntegerField, Q, Value
from django.db.models.functions import Coalesce

from core import dates, money
from membership.models import Member, MembershipType, Period
from membership.models.periods import PeriodQuerySet
from membership.next_terms import Rehearsal, Types
from membership.periods import Term
from membership.prices import Reason

PORTION = 500
FIELDS = ("price", "age_from", "age_to", "ages_into_id", "converts_to_id")  # of a type, that may be tried
EXAMPLES = 100


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What is tried: the year whose renewal it is, and by a type's key the fields that are other than they are."""

    year: int
    changes: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def new_year(self) -> date:
        return date(self.year, 1, 1)

    def counts_on(self, today: date) -> date:
        """The day whose members are renewed: today, or the last day before the year where that is past."""
        return min(today, dates.day_before(self.new_year))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A type, by its key, and what the year costs in it. Without a type there is no membership."""

    type_id: int | None
    price: Decimal
    reasons: tuple[Reason, ...] = ()

    @property
    def why(self) -> str:
        """The reasons in the reader's language."""
        return "; ".join(reason.sentence() for reason in self.reasons)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One member: the term that runs, and the year by the rules as they are and as proposed."""

    member: Member
    now: Outcome
    present: Outcome
    proposed: Outcome

    @property
    def is_changed(self) -> bool:
        """Whether the proposal gives another type or price than the rules as they are."""
        return (self.present.type_id, self.present.price) != (self.proposed.type_id, self.proposed.price)


@dataclass
class Sums:
    """What a simulation adds up, as plain numbers: by type now, by present rules and as proposed; who changes."""

    members: int = 0
    changed: int = 0
    now: dict[str, int] = field(default_factory=dict)
    present: dict[str, list[str]] = field(default_factory=dict)
    proposed: dict[str, list[str]] = field(default_factory=dict)
    moves: dict[str, int] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Take in one member."""
        self.members += 1
        self.now[str(row.now.type_id)] = self.now.get(str(row.now.type_id), 0) + 1
        for sums, outcome in ((self.present, row.present), (self.proposed, row.proposed)):
            number, amount = sums.get(str(outcome.type_id), ["0", "0"])
            sums[str(outcome.type_id)] = [str(int(number) + 1), str(Decimal(amount) + outcome.price)]
        if row.is_changed:
            self.changed += 1
            move = f"{row.present.type_id} {row.proposed.type_id}"
            self.moves[move] = self.moves.get(move, 0) + 1


class ProposedTypes(Types):
    """The types as they would be. What is read from the database is changed in memory only."""

    def __init__(self, changes: dict[int, dict[str, Any]]) -> None:
        super().__init__()
        for key, values in changes.items():
            for name, value in values.items():
                setattr(self.by_id[key], name, value)
        for type_ in self.by_id.values():
            type_.converts_to = self.by_id[type_.converts_to_id] if type_.converts_to_id else None
            type_.ages_into = self.by_id[type_.ages_into_id] if type_.ages_into_id else None


class _Trial(Rehearsal):
    """A portion of the renewal that opens for everybody in it."""

    def __init__(self, terms: Sequence[Period], *, on: date, types: Types) -> None:
        super().__init__([types.give(term) for term in terms], on=on, types=types, all_due=())
        for term in terms:
            if term.member.household_id:
                self.due_at.setdefault(term.member.household_id, []).append(term)


def base(*, terms: PeriodQuerySet, proposal: Proposal, today: date) -> PeriodQuerySet:
    """The terms that run on the proposal's day: one a member, households together."""
    running = terms.covering(proposal.counts_on(today)).begun().filter(member__died_on__isnull=True)
    return (
        running.exclude(type__kind=MembershipType.Kind.NONE)
        .annotate(home=Coalesce("member__household_id", Value(0), output_field=IntegerField()))
        .select_related("member")
        .order_by("home", "pk")
    )


Place = tuple[int, int]  # a household's key, or 0, and a term's: where the next portion begins after


def simulate(
    *, terms: PeriodQuerySet, proposal: Proposal, today: date, after: Place | None = None
) -> Generator[tuple[Place, list[Row]]]:
    """Yield the members a portion at a time, each with the place to go on after. Writes nothing.

    `terms` are those that the reader may know of. A member whose term outlasts the year's renewal, for life or by a
    late joiner's rule, keeps it and pays nothing.
    """
    rows = base(terms=terms, proposal=proposal, today=today)
    if after is not None:
        rows = rows.filter(Q(home__gt=after[0]) | Q(home=after[0], pk__gt=after[1]))
    rules = Types(), ProposedTypes(proposal.changes)
    for portion in _portions(rows.iterator(chunk_size=PORTION)):
        place = (portion[-1].member.household_id or 0, portion[-1].pk)
        yield place, _decide(portion, proposal, *rules)


def _portions(terms: Iterable[Period]) -> Iterator[list[Period]]:
    """At least so many terms at a time, and no household in two of them."""
    portion: list[Period] = []
    for term in terms:
        home = term.member.household_id
        if len(portion) >= PORTION and (home is None or home != portion[-1].member.household_id):
            yield portion
            portion = []
        portion.append(term)
    if portion:
        yield portion


def _decide(portion: list[Period], proposal: Proposal, present: Types, proposed: Types) -> list[Row]:
    now = {term.pk: Outcome(type_id=term.type_id, price=term.price) for term in portion}
    due = [term for term in portion if _moved_on(term, proposal)]
    kept = {term.pk: _kept(term) for term in portion}
    by_present = kept | _next(due, proposal, present)
    by_proposed = kept | _next(due, proposal, proposed)
    return [
        Row(member=term.member, now=now[term.pk], present=by_present[term.pk], proposed=by_proposed[term.pk])
        for term in portion
    ]  # fmt: skip


def _moved_on(term: Period, proposal: Proposal) -> bool:
    """Let the term end where its next one begins in the year; return whether there is one to decide on.

    Who is on trial is taken for what they want to become; a term that ends before the year is taken to be renewed
    until then; who has resigned is not.
    """
    term.type_id = term.wanted_type_id or term.type_id
    if term.ends_on is None or term.ended_on is not None:
        return False
    starts_on = dates.day_after(term.ends_on)
    if starts_on.year > proposal.year:
        return False
    term.ends_on = dates.day_before(dates.add_years(starts_on, proposal.year - starts_on.year))
    return True


def _kept(term: Period) -> Outcome:
    """Of a term that is not decided on: it goes on and costs nothing that year, or it was ended for good."""
    return Outcome(type_id=None if term.ended_on else term.type_id, price=money.ZERO)


def _next(due: Sequence[Period], proposal: Proposal, types: Types) -> dict[int, Outcome]:
    """What comes after each term, by its key."""
    decision = _Trial(due, on=proposal.new_year, types=types).decide()
    outcomes = {term.pk: Outcome(type_id=None, price=money.ZERO) for term in due}
    for term in decision.terms:
        assert term.follows is not None
        outcomes[term.follows.pk] = _outcome(term)
    return outcomes


def _outcome(term: Term) -> Outcome:
    return Outcome(type_id=term.type.pk, price=term.quote.amount, reasons=term.quote.reasons)
