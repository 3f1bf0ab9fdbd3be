"""Simulations on their way: the worker adds up portion by portion, the page shows how far it is and then what came out.

Of the registry nothing is written. What was tried and what came out is a `Simulation`: for who asked and nobody else,
for a day. Who would change is decided once, and kept by key, so that the page and the file only read.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import batched, islice
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from core.models import User
from membership import scope, simulator
from membership.models import Member, Period, Simulation, SimulationPart
from membership.models.periods import PeriodQuerySet
from membership.prices import reasons_from_json
from membership.simulator import Outcome, Place, Proposal, Row, Sums

KEPT_FOR = timedelta(days=1)
AT_ONCE = 10  # portions of the simulator in one transaction
MEMBERS_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A member who would change: the year by the rules as they are, and as proposed."""

    member: Member
    present: Outcome
    proposed: Outcome


@transaction.atomic
def start(*, proposal: Proposal, today: date, at: datetime, by: User) -> Simulation:
    """Remember what is to be tried. The caller enqueues the work."""
    terms = simulator.base(terms=_terms(by), proposal=proposal, today=today)
    run = Simulation(
        year=proposal.year, changes=[[pk, _plain(values)] for pk, values in proposal.changes.items()], today=today,
        total=terms.count(), sums=asdict(Sums()), branches=scope.cache_key(by), asked_at=at, asked_by=by,
    )  # fmt: skip
    run.moved(at=at)
    run.save()
    return run


def found(*, key: str, user: User, at: datetime) -> Simulation | None:
    """The simulation, for who asked for it while the same branches are theirs, and nobody else; none after a day."""
    run = Simulation.objects.filter(key=key, asked_by=user, asked_at__gt=at - KEPT_FOR).first()
    return run if run is not None and run.branches == scope.cache_key(user) else None


@transaction.atomic
def carry_on(*, run_id: int, at: datetime) -> bool:
    """Do the next portions; return whether there is more to do. Two workers take turns; one that is killed has done
    nothing of its portion."""
    run = Simulation.objects.select_for_update(of=("self",)).select_related("asked_by").filter(pk=run_id).first()
    if run is None or not run.is_under_way:
        return False
    after: Place | None = (run.place[0], run.place[1]) if run.place else None
    portions = simulator.simulate(terms=_terms(run.asked_by), proposal=_proposal(run), today=run.today, after=after)
    sums, done, who_changes = Sums(**run.sums), 0, []
    with closing(portions):  # whatever happens, its cursor goes before its transaction
        for place, rows in islice(portions, AT_ONCE):
            run.place, done = list(place), done + 1
            for row in rows:
                sums.add(row)
            who_changes += [row for row in rows if row.is_changed]
    _keep(run, who_changes)
    run.sums = asdict(sums)
    if done < AT_ONCE:
        run.state = Simulation.State.DONE
    run.moved(at=at)
    run.save(update_fields=["place", "sums", "state", "moved_at", "rings"])
    return run.is_under_way


def changed(*, run: Simulation, user: User) -> Iterator[Changed]:
    """Yield who would change, as it was decided, so many at a time: those whom the log-in may know of now. Who has been
    erased meanwhile is nobody there."""
    for some in batched(_kept(run), MEMBERS_AT_ONCE):
        rows: QuerySet[Member] = scope.visible_to(user, Member.objects.filter(pk__in=[pk for pk, _old, _new in some]))
        people = {member.pk: member for member in rows}
        yield from (Changed(member=people[pk], present=old, proposed=new) for pk, old, new in some if pk in people)


def examples(*, run: Simulation, user: User) -> list[Changed]:
    """The first of those who would change, for the page; by name."""
    rows = list(islice(changed(run=run, user=user), simulator.EXAMPLES))
    return sorted(rows, key=lambda row: (row.member.last_name, row.member.first_names, row.member.pk))


def outdated(*, on: date) -> QuerySet[Simulation]:
    """Those that are to be forgotten on a day."""
    return Simulation.objects.filter(asked_at__date__lt=on)


@transaction.atomic
def forget(*, on: date, most: int) -> int:
    """Forget at most so many old ones; return how many."""
    keys = list(outdated(on=on).order_by("pk").values_list("pk", flat=True)[:most])
    Simulation.objects.filter(pk__in=keys).delete()
    return len(keys)


def _terms(user: User) -> PeriodQuerySet:
    return scope.visible_to(user, Period.objects.all())


def _proposal(run: Simulation) -> Proposal:
    changes = {
        pk: {name: Decimal(value) if name == "price" else value for name, value in values.items()}
        for pk, values in run.changes
    }
    return Proposal(year=run.year, changes=changes)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def _keep(run: Simulation, rows: list[Row]) -> None:
    """Write down who changes; what many have in common is written once."""
    if not rows:
        return
    outcomes: list[Any] = []
    kept = []
    for row in rows:
        pair = [_as_json(row.present), _as_json(row.proposed)]
        outcomes += [outcome for outcome in pair if outcome not in outcomes]
        kept.append([row.member.pk, *(outcomes.index(outcome) for outcome in pair)])
    SimulationPart.objects.create(simulation=run, outcomes=outcomes, rows=kept)


def _kept(run: Simulation) -> Iterator[tuple[int, Outcome, Outcome]]:
    for part in SimulationPart.objects.filter(simulation=run).order_by("pk").iterator(chunk_size=10):
        outcomes = [_from_json(data) for data in part.outcomes]
        yield from ((pk, outcomes[present], outcomes[proposed]) for pk, present, proposed in part.rows)


def _as_json(outcome: Outcome) -> list[Any]:
    return [outcome.type_id, str(outcome.price), [reason.as_json() for reason in outcome.reasons]]


def _from_json(data: list[Any]) -> Outcome:
    type_id, price, reasons = data
    return Outcome(type_id=type_id, price=Decimal(price), reasons=reasons_from_json(reasons))
