"""Simulations on their way: the worker adds up portion by portion, the page shows how far it is.

What is tried and what came out lies in the cache for a day, under a key that only the asker's page knows; no table is
touched. Members are there by key only, so whoever is erased meanwhile is nobody there.
"""

import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from django.core.cache import cache

from core.models import User
from membership import scope, simulator
from membership.models import Period
from membership.simulator import Proposal, Row, Sums

KEPT_SECONDS = 24 * 3600
AT_ONCE = 10  # portions


@dataclass(frozen=True, kw_only=True)
class Run:
    """A simulation: who asked, what is tried on which day, how many there are, and what came out so far."""

    key: str
    user: int
    proposal: Proposal
    today: date
    total: int
    after: tuple[int, int] | None
    sums: Sums
    is_done: bool


def start(*, proposal: Proposal, today: date, by: User) -> Run:
    """Remember what is to be tried. The caller enqueues the work."""
    terms = simulator.base(terms=_terms(by), proposal=proposal, today=today)
    run = Run(key=secrets.token_urlsafe(16), user=by.pk, proposal=proposal, today=today, total=terms.count(),
              after=None, sums=Sums(), is_done=False)  # fmt: skip
    _keep(run)
    return run


def found(*, key: str, user: User) -> Run | None:
    """The run, for who asked for it and nobody else; none when it is gone."""
    run = _read(key)
    return run if run is not None and run.user == user.pk else None


def carry_on(*, key: str) -> bool:
    """Do the next portions; return whether there is more to do."""
    run = _read(key)
    if run is None or run.is_done:
        return False
    user = User.objects.get(pk=run.user)
    terms = _terms(user)
    portions = simulator.simulate(terms=terms, proposal=run.proposal, today=run.today, after=run.after)
    after, done = run.after, 0
    for place, rows in islice(portions, AT_ONCE):
        after, done = place, done + 1
        for row in rows:
            run.sums.add(row)
    ran = replace(run, after=after, is_done=done < AT_ONCE)
    _keep(ran)
    return not ran.is_done


def changed(*, run: Run, user: User, members: list[int] | None = None) -> Iterator[Row]:
    """Yield who changes, decided anew a portion at a time. With `members`, only what those and their households are."""
    terms = _terms(user)
    if members is not None:
        homes = Period.objects.filter(member__in=members, member__household__isnull=False).values("member__household")
        terms = terms.filter(member__in=members) | terms.filter(member__household__in=homes)
    wanted = set(members) if members is not None else None
    for _place, rows in simulator.simulate(terms=terms, proposal=run.proposal, today=run.today):
        yield from (row for row in rows if row.is_changed and (wanted is None or row.member.pk in wanted))


def _terms(user: User) -> Any:
    return scope.visible_to(user, Period.objects.all())


def _keep(run: Run) -> None:
    data = asdict(run) | {"today": run.today.isoformat()}
    data["proposal"]["changes"] = [[pk, _plain(values)] for pk, values in run.proposal.changes.items()]
    cache.set(f"simulation:{run.key}", data, KEPT_SECONDS)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def _read(key: str) -> Run | None:
    data = cache.get(f"simulation:{key}")
    if data is None:
        return None
    changes = {
        pk: {name: Decimal(value) if name == "price" else value for name, value in values.items()}
        for pk, values in data["proposal"]["changes"]
    }
    proposal = Proposal(year=data["proposal"]["year"], changes=changes)
    after = tuple(data["after"]) if data["after"] else None
    return Run(**data | {"proposal": proposal, "sums": Sums(**data["sums"]), "after": after,
                         "today": date.fromisoformat(data["today"])})  # fmt: skip
