"""Memberships of two entries that become one: what becomes of terms at the same time. Writes nothing.

The rule: of two terms that share a day, the paid one counts, else the one that is no trial, else that of the entry
that is kept. The other stays as history and in the books, ended as a correction before the first shared day. Where it
goes on after the one that counts, somebody would lose time that may be paid for, and the merge is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from core import dates
from core.errors import Refused
from membership.models import Period


@dataclass(kw_only=True)
class Ending:
    """A term that gives way: to which other, and what its last day becomes."""

    term: Period
    to: Period
    last_on: date


def endings(*, kept: Sequence[Period], absorbed: Sequence[Period]) -> list[Ending]:
    """The terms that are to be ended so that none overlap, in time's order. Refuses what the rule does not settle."""
    found: dict[int, Ending] = {}
    for ours in sorted(kept, key=lambda term: (term.starts_on, term.pk)):
        for theirs in sorted(absorbed, key=lambda term: (term.starts_on, term.pk)):
            if share_a_day(ours.starts_on, _last(ours, found), theirs.starts_on, _last(theirs, found)):
                counts, gives_way = (ours, theirs) if _weight(ours) >= _weight(theirs) else (theirs, ours)
                found[gives_way.pk] = _give_way(gives_way, counts, found)
    return sorted(found.values(), key=lambda ending: (ending.term.starts_on, ending.term.pk))


def _weight(term: Period) -> tuple[bool, bool]:
    return term.confirmed_on is not None, not term.is_trial


def _last(term: Period, found: dict[int, Ending]) -> date | None:
    return found[term.pk].last_on if term.pk in found else term.last_day


def _give_way(term: Period, counts: Period, found: dict[int, Ending]) -> Ending:
    if (_last(term, found) or date.max) > (_last(counts, found) or date.max):
        raise Refused(
            _("The memberships %(one)s and %(other)s overlap, and neither holds the other. End one of them first."),
            code="overlap", params={"one": in_words(term), "other": in_words(counts)},
        )  # fmt: skip
    first_shared = max(term.starts_on, counts.starts_on)
    return Ending(term=term, to=counts, last_on=dates.day_before(first_shared))


def share_a_day(start: date, end: date | None, other_start: date, other_end: date | None) -> bool:
    """Whether two spans share a day. A term ended the day before it began has none."""
    far = date.max
    if (end or far) < start or (other_end or far) < other_start:
        return False
    return start <= (other_end or far) and other_start <= (end or far)


def in_words(term: Period) -> str:
    """A term for a sentence: "Enslig 1. januar 2026–31. desember 2026"."""
    last = date_format(term.last_day) if term.last_day else ""
    return f"{term.type.name} {date_format(term.starts_on)}–{last}"
