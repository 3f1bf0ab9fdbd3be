"""Who may be in the registry twice: found in the background, looked at by the office, and "not the same" for ever.

How alike two entries are is likeness.py's to say. Here entries are brought together: those who have just joined at
once, every night those that were changed since, and all of them where these are many, in time and memory that grow with
the registry and not with its square.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import batched, groupby

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from core.errors import Refused
from core.models import User
from core.results import Result
from membership.likeness import FIELDS, Entry, Likeness, Traits, compare, keys, traits_of
from membership.models import DuplicatePair, Member, ToCompare

_ROWS = 2000  # read at a time
_PAIRS = 500  # compared and written in one transaction
_NEXT = 12  # of many with one key, each is compared with so many: a thousand rows of one name stay a thousand times 12
MANY = 100  # more than so many are found faster by looking at everybody
_BITS = 64  # of a packed entry are the member's; see _together
CHOSEN = "office"


# --- every night -----------------------------------------------------------------------------------------------------


def keep_up(*, at: datetime) -> Result:
    """Look at whatever came in or was changed since the last time. Doing it again changes nothing.

    The database itself writes down what that is (core/changes.py), so a missed night costs nothing but time. After the
    installation, and after a change of the columns that are compared, it is everybody.
    """
    written = _written_down()
    entries = sorted(set(written.values()))
    if len(entries) > MANY:
        return find(at=at)
    result = Result()
    if entries:
        result = look_at(members=list(Member.objects.filter(pk__in=entries).order_by("pk")), at=at)
    _strike_off(written)
    return result


def _written_down() -> dict[int, int]:
    """The entries to compare, by the keys of the list's own rows."""
    return dict(ToCompare.objects.order_by("pk").values_list("pk", "entry"))


def _strike_off(written: Iterable[int]) -> None:
    """These have been looked at: exactly these, for others may have been written down meanwhile."""
    for pks in batched(written, _ROWS):
        ToCompare.objects.filter(pk__in=pks).delete()


# --- everybody -------------------------------------------------------------------------------------------------------


def find(*, at: datetime) -> Result:
    """Look at the whole registry and bring the list up to date. Doing it again changes nothing.

    New pairs are put on the list, those whose score has changed are corrected, and those who are alike no more leave
    it. What the office has said, or put there itself, stays.
    """
    result = Result()
    written = _written_down()
    newest = DuplicatePair.objects.aggregate(newest=Max("pk"))["newest"] or 0
    likely: set[tuple[int, int]] = set()
    for pairs in batched(sorted(_together()), _PAIRS):
        found = _compare(pairs)
        likely |= found.keys()
        result.merge(_remember(found, at=at))
    _take_off(DuplicatePair.objects.filter(pk__lte=newest), but=likely, result=result)
    _strike_off(written)
    return result


def _together() -> set[tuple[int, int]]:
    """Pairs that share a key, the older entry first.

    Everybody's keys are sorted as one number each, key before member, so that those with the same key are neighbours:
    a tenth of the memory of a dictionary. Two keys with the same hash cost one comparison in vain.
    """
    packed: list[int] = []
    for row in Member.objects.order_by("pk").values_list("pk", *FIELDS, named=True).iterator(chunk_size=_ROWS):
        packed += [(hash(key) << _BITS) | row.pk for key in keys(traits_of(row))]
    packed.sort()
    pairs = set()
    for _key, group in groupby(packed, key=lambda number: number >> _BITS):
        members = [number & ((1 << _BITS) - 1) for number in group]
        for place, first in enumerate(members[:-1]):
            pairs |= {(first, second) for second in members[place + 1 : place + 1 + _NEXT] if second != first}
    return pairs


# --- those who are new ----------------------------------------------------------------------------------------------


def look_at(*, members: Sequence[Member], at: datetime) -> Result:
    """Look for others like these few, put those who are likely the same on the list, and take off who is not any
    more."""
    result = Result()
    for member in members:
        traits = traits_of(member)
        its_own = DuplicatePair.objects.filter(Q(first=member) | Q(second=member))
        found = {
            (min(member.pk, other.pk), max(member.pk, other.pk)): likeness
            for other in _near(traits).exclude(pk=member.pk)
            if (likeness := compare(traits, traits_of(other))).is_likely
        }
        result.merge(_remember(found, at=at))
        _take_off(its_own, but=found, result=result)
    return result


def alike(*, people: Iterable[Entry]) -> list[tuple[Member, Likeness]]:
    """Those in the registry who may be somebody of these, the likeliest first.

    Whoever is at the same e-mail or telephone is among them, likely or not: a person is about to look.
    """
    found: dict[int, tuple[Member, Likeness]] = {}
    for person in people:
        traits = traits_of(person)
        for member in _near(traits):
            likeness = compare(traits, traits_of(member))
            known = found.get(member.pk)
            if likeness.is_worth_a_look and (known is None or known[1].score < likeness.score):
                found[member.pk] = (member, likeness)
    return sorted(found.values(), key=lambda pair: (-pair[1].score, pair[0].pk))


def _near(traits: Traits) -> QuerySet[Member]:
    """The few in the registry who share something with an entry, by indexes."""
    near = Q(pk__in=[])
    for text in (traits.email, *traits.phones):
        if text:
            near |= Q(search_text__fragment=text)
    if traits.born_on:
        near |= Q(born_on__in=_birth_dates(traits.born_on))
    if traits.address:
        near |= Q(postcode=traits.address.split(" ", 1)[0])
    if traits.organisation_number:
        near |= Q(search_text__fragment=traits.organisation_number)
    return Member.objects.filter(near).order_by("pk")


def _birth_dates(born_on: date) -> list[date]:
    """The day, and the day with day and month swapped where there is one."""
    if born_on.day > 12:
        return [born_on]
    return [born_on, born_on.replace(month=born_on.day, day=born_on.month)]


# --- remembering ----------------------------------------------------------------------------------------------------


def _compare(pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Likeness]:
    """The likely ones of some pairs."""
    members = sorted({pk for pair in pairs for pk in pair})
    traits: dict[int, Traits] = {}
    for pks in batched(members, _PAIRS):
        rows = Member.objects.filter(pk__in=pks).order_by().values_list("pk", *FIELDS, named=True)
        traits |= {row.pk: traits_of(row) for row in rows}
    return {
        (first, second): likeness
        for first, second in pairs
        if first in traits and second in traits
        if (likeness := compare(traits[first], traits[second])).is_likely
    }


@transaction.atomic
def _remember(found: dict[tuple[int, int], Likeness], *, at: datetime) -> Result:
    """Put pairs on the list, or correct those that are there; what somebody has said about a pair stays."""
    result = Result()
    if not found:
        return result
    known = {(pair.first_id, pair.second_id): pair for pair in _pairs_of([first for first, _second in found])}
    new = [
        DuplicatePair(first_id=first, second_id=second, score=likeness.score, reasons=list(likeness.reasons),
                      found_at=at)
        for (first, second), likeness in found.items()
        if (first, second) not in known
    ]  # fmt: skip
    other = []
    for pair, likeness in ((known[key], likeness) for key, likeness in found.items() if key in known):
        if CHOSEN not in pair.reasons and (pair.score, tuple(pair.reasons)) != (likeness.score, likeness.reasons):
            pair.score, pair.reasons = likeness.score, list(likeness.reasons)
            other.append(pair)
    DuplicatePair.objects.bulk_create(new, ignore_conflicts=True)
    DuplicatePair.objects.bulk_update(other, ["score", "reasons"])
    if new:
        result.add("found", times=len(new))
    if other:
        result.add("corrected", times=len(other))
    return result


def _take_off(pairs: QuerySet[DuplicatePair], *, but: Container[tuple[int, int]], result: Result) -> None:
    """Take off the list who stood on it because of what the registry said, and says no more."""
    rows = pairs.open().values_list("pk", "first", "second", "reasons").order_by("pk")  # type: ignore[attr-defined]
    gone = [
        pk
        for pk, first, second, reasons in rows.iterator(chunk_size=_ROWS)
        if CHOSEN not in reasons and (first, second) not in but
    ]
    for pks in batched(gone, _PAIRS):
        DuplicatePair.objects.open().filter(pk__in=pks).delete()
    if gone:
        result.add("no longer alike", times=len(gone))


def _pairs_of(firsts: Sequence[int]) -> Iterator[DuplicatePair]:
    for pks in batched(sorted(set(firsts)), _PAIRS):
        yield from DuplicatePair.objects.filter(first__in=pks).order_by()


# --- what the office says -------------------------------------------------------------------------------------------


@transaction.atomic
def put_together(*, one: Member, other: Member, at: datetime) -> DuplicatePair:
    """The office says which two to compare. Twice gives the pair that is there."""
    if one.pk == other.pk:
        raise Refused(_("This is the same entry twice. Choose another one."), code="same")
    first, second = sorted((one, other), key=lambda member: member.pk)
    likeness = compare(traits_of(first), traits_of(second))
    pair, _is_new = DuplicatePair.objects.get_or_create(
        first=first, second=second,
        defaults={"score": likeness.score, "reasons": [CHOSEN, *likeness.reasons], "found_at": at},
    )  # fmt: skip
    return pair


@transaction.atomic
def dismiss(*, pair: DuplicatePair, at: datetime, by: User | None) -> None:
    """They are not the same. It is remembered for ever, with who said so and when; saying it again changes nothing."""
    if DuplicatePair.objects.open().filter(pk=pair.pk).update(dismissed_at=at, dismissed_by=by):
        pair.refresh_from_db()
        for member, other in ((pair.first, pair.second), (pair.second, pair.first)):
            log(instance=member, action="membership.member.not_the_same", user=by,
                data={"number": other.member_number})  # fmt: skip


@transaction.atomic
def reopen(*, pair: DuplicatePair, by: User | None) -> None:
    """It was wrong to say that they are not the same: the pair stands on the list again."""
    if DuplicatePair.objects.dismissed().filter(pk=pair.pk).update(dismissed_at=None, dismissed_by=None):
        pair.refresh_from_db()
        for member, other in ((pair.first, pair.second), (pair.second, pair.first)):
            log(instance=member, action="membership.member.perhaps_the_same", user=by,
                data={"number": other.member_number})  # fmt: skip
