"""How alike two entries are: a score from 0 to 100, and what it rests on. No database, no clock.

The one home of the rule that the list of duplicates, the joining form, the office's form and imports ask. A family
shares its e-mail, its telephone and its address, so none of them, nor all together, makes two people one: without the
same, or nearly the same, first name the score stays below LIKELY.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations
from typing import Protocol

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LIKELY = 60  # from here on two entries stand on the list
_NOT_THE_SAME_NAME = 50  # the most that two with different first names can have

# What two entries may have in common, the points it gives, and its words.
_POINTS = {
    "name": 40, "similar_name": 26, "first_name": 5, "born": 40, "born_swapped": 30, "born_nearly": 0, "phone": 25,
    "email": 25, "address": 20, "organisation_number": 60,
}  # fmt: skip
_AGAINST = 60  # another birth date, or another organisation number
WORDS = {
    "name": gettext_lazy("same name"),
    "similar_name": gettext_lazy("similar name"),
    "first_name": gettext_lazy("same first name, other surname"),
    "surname": gettext_lazy("same surname"),
    "born": gettext_lazy("same date of birth"),
    "born_swapped": gettext_lazy("day and month of birth swapped"),
    "born_nearly": gettext_lazy("date of birth differs in one part"),
    "phone": gettext_lazy("same telephone"),
    "email": gettext_lazy("same e-mail"),
    "address": gettext_lazy("same address"),
    "organisation_number": gettext_lazy("same organisation number"),
    "office": gettext_lazy("chosen by the office"),
}

# The columns of a member that are compared.
FIELDS = (
    "kind", "first_names", "last_name", "born_on", "email", "mobile", "work_phone", "address_line_1", "postcode",
    "organisation_number",
)  # fmt: skip


class Entry(Protocol):
    """What is compared: a member, a person on a form, or a row with the columns FIELDS. It is only read."""

    @property
    def kind(self) -> str: ...
    @property
    def first_names(self) -> str: ...
    @property
    def last_name(self) -> str: ...
    @property
    def born_on(self) -> date | None: ...
    @property
    def email(self) -> str: ...
    @property
    def mobile(self) -> str: ...
    @property
    def work_phone(self) -> str: ...
    @property
    def address_line_1(self) -> str: ...
    @property
    def postcode(self) -> str: ...
    @property
    def organisation_number(self) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """An entry with its spelling folded. `address` is empty unless both street and postcode are known."""

    kind: str
    first: tuple[str, ...]
    last: tuple[str, ...]
    born_on: date | None
    email: str
    phones: frozenset[str]
    address: str
    organisation_number: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """How alike two entries are. `reasons` are keys of WORDS, the weightiest first."""

    score: int
    reasons: tuple[str, ...]

    @property
    def is_likely(self) -> bool:
        """Whether it is probably the same person."""
        return self.score >= LIKELY

    @property
    def is_worth_a_look(self) -> bool:
        """Whether whoever looks at one of them should see the other: also a relative at the same e-mail."""
        shared, born = {"email", "phone"} & set(self.reasons), {"born", "born_swapped"} & set(self.reasons)
        named = {"surname", "name", "similar_name"} & set(self.reasons)
        return self.is_likely or bool(shared) or bool(born and named)


def in_words(reasons: Sequence[str]) -> str:
    """The reasons as the reader's language has them: "Same name, same date of birth"."""
    return str(capfirst(_(", ").join(str(WORDS[reason]) for reason in reasons)))


# --- spelling --------------------------------------------------------------------------------------------------------

# One letter for all the ways a Norwegian one is written, also by keyboards that have none of them.
_LETTERS = str.maketrans(
    {"å": "a", "æ": "a", "ä": "a", "ø": "o", "ö": "o", "đ": "d", "ð": "d", "ŋ": "n", "ŧ": "t", "ł": "l", "þ": "th",
     "'": "", "’": "", "`": "", "´": "", "-": " ", "‐": " ", "–": " ", ".": " ", ",": " ", "/": " "}
)  # fmt: skip


@lru_cache(maxsize=50_000)
def tokens(text: str) -> tuple[str, ...]:
    """The words of a name or an address, folded: "Aase-Marie Ødegård" and "Åse Marie Oedegaard" give the same."""
    folded = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    bare = "".join(letter for letter in unicodedata.normalize("NFD", folded) if not unicodedata.combining(letter))
    return tuple(_digraphs(word) for word in bare.split())


def _digraphs(word: str) -> str:
    return word.replace("aa", "a").replace("ae", "a").replace("oe", "o")


def _joined(words: Sequence[str]) -> str:
    return _digraphs("".join(words))


def traits_of(entry: Entry) -> Traits:
    """An entry as it is compared."""
    street = _joined(tokens(entry.address_line_1))
    return Traits(
        kind=entry.kind,
        first=tokens(entry.first_names),
        last=tokens(entry.last_name),
        born_on=entry.born_on,
        email=entry.email.strip().casefold(),
        phones=frozenset(number for number in (entry.mobile, entry.work_phone) if number),
        address=f"{entry.postcode} {street}" if street and entry.postcode else "",
        organisation_number=entry.organisation_number,
    )


# --- what brings two together ---------------------------------------------------------------------------------------


def keys(traits: Traits) -> Iterator[tuple[str, ...]]:
    """Keys of which two likely entries share at least one, so that only those that do need be compared.

    Each is something to reach somebody by together with the beginning of a first name, so that a family, a block of
    flats or an office's telephone brings nobody together by itself; or a date of birth with the beginnings of two
    names, so that those born on one day are not all compared. Two who are missed by that: one letter wrong in the
    first two, and names in each other's columns where the date of birth is not known.
    """
    starts = {word[:3] for word in (traits.first or traits.last)}
    if traits.born_on:
        day, month = sorted((traits.born_on.day, traits.born_on.month))
        for one, other in set(combinations(sorted(word[:2] for word in traits.first + traits.last), 2)):
            yield "born", f"{traits.born_on.year} {day} {month}", one, other
    for start in starts:
        if traits.email:
            yield "email", traits.email, start
        for number in traits.phones:
            yield "phone", number, start
        if traits.address:
            yield "address", traits.address, start
    if traits.organisation_number:
        yield "organisation_number", traits.organisation_number


# --- comparing -------------------------------------------------------------------------------------------------------


def compare(a: Traits, b: Traits) -> Likeness:
    """How alike two entries are; a person and an organisation are not."""
    if a.kind != b.kind:
        return Likeness(score=0, reasons=())
    name = _compare_names(a, b)
    reasons = [name] if name else []
    against = 0
    if a.born_on and b.born_on:
        if born := _compare_births(a.born_on, b.born_on):
            reasons.append(born)
        else:
            against += _AGAINST
    if a.organisation_number and b.organisation_number:
        if a.organisation_number == b.organisation_number:
            reasons.append("organisation_number")
        else:
            against += _AGAINST
    if a.phones & b.phones:
        reasons.append("phone")
    reasons += [what for what in ("email", "address") if getattr(a, what) and getattr(a, what) == getattr(b, what)]
    score = sum(_POINTS.get(reason, 0) for reason in reasons) - against
    if name in {"", "surname"} and "organisation_number" not in reasons:
        score = min(score, _NOT_THE_SAME_NAME)
    return Likeness(score=max(0, min(score, 100)), reasons=tuple(reasons))


def _compare_names(a: Traits, b: Traits) -> str:
    """Return "name", "similar_name", "first_name" (another surname), "surname" (another first name), or "".

    What stands in which column does not count: "Kari Berg | Hansen" is "Kari | Berg Hansen".
    """
    if sorted(a.first + a.last) == sorted(b.first + b.last):
        return "name"
    first = 2 if not a.first and not b.first else _alike(a.first, b.first)
    last = _alike(a.last, b.last)
    if first and last:
        return "name" if first == last == 2 else "similar_name"
    if first and a.first:
        return "first_name"
    return "surname" if last and a.first and b.first else ""


def _alike(a: Sequence[str], b: Sequence[str]) -> int:
    """2 for the same words, however they are put together; 1 where one leaves out some, or one letter is wrong."""
    if not a or not b:
        return 0
    if _joined(a) == _joined(b):
        return 2
    shorter, longer = sorted((set(a), set(b)), key=len)
    return 1 if shorter <= longer or _one_letter_apart(_joined(a), _joined(b)) else 0


def _one_letter_apart(a: str, b: str) -> bool:
    """Whether one letter is missing, wrong, or has changed places with its neighbour. Short names are never near:
    Ida and Oda may be twins."""
    if min(len(a), len(b)) < 6 or abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    if len(a) != len(b):
        return rest_a[1:] == rest_b if len(a) > len(b) else rest_a == rest_b[1:]
    return rest_a[1:] == rest_b[1:] or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])


def _compare_births(a: date, b: date) -> str:
    """Return "born", "born_swapped", "born_nearly" (one of day, month and year differs), or "" for another day."""
    if a == b:
        return "born"
    if a.year == b.year and (a.day, a.month) == (b.month, b.day):
        return "born_swapped"
    return "born_nearly" if sum((a.day == b.day, a.month == b.month, a.year == b.year)) == 2 else ""
