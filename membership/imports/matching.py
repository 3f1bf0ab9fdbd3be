"""Who in the registry a row is about, for many rows in a few queries.

An entry is found again by its own number (also one it took over in a merge), else by its old id, else by e-mail, name
and date of birth together; in that order, so that importing the same file twice changes nothing the second time.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from membership.imports import others
from membership.imports.cells import Cells
from membership.likeness import FIELDS, Likeness, Traits, compare, in_words, keys, traits_of
from membership.models import Branch, Member, Period

# What is asked first, second and last, for people.
ORDER = (
    gettext_lazy("the member number"),
    gettext_lazy("the old id"),
    gettext_lazy("e-mail, name and date of birth together"),
)
_LIKE_AT_MOST = 3  # members named in one row's warning


class Found:
    """The entries that some rows may mean on a day, and the types of their terms that run."""

    def __init__(self, rows: Sequence[Cells], *, on: date) -> None:
        self.on = on
        self._by_number: dict[str, Member] = {}
        self._by_legacy_id: dict[int, Member] = {}
        self._by_person: dict[str, Member] = {}
        members = {member.pk: member for member in _candidates(rows)}
        for member in members.values():
            self._by_number[member.member_number] = member
            for number in member.former_numbers.split():
                self._by_number.setdefault(number, member)
            if member.legacy_id is not None:
                self._by_legacy_id.setdefault(member.legacy_id, member)
            if member.email and member.born_on:
                person = f"{member.email.casefold()}|{member.full_name.casefold()}|{member.born_on}"
                self._by_person.setdefault(person, member)
        self.branch_codes: dict[int, str] = {}
        if any(row.branch for row in rows):
            self.branch_codes = dict(Branch.objects.values_list("pk", "code"))
        self._named = others.in_registry({text for row in rows for text in (row.payer, row.recruited_by) if text})
        self._others: dict[int | None, Member] = {}
        if self._named:
            keys = {pk for member in members.values() for pk in (member.payer_id, member.recruited_by_id) if pk}
            self._others = {member.pk: member for member in Member.objects.filter(pk__among=keys)}
        running = Period.objects.covering(on).filter(member__pk__among=members) if members else Period.objects.none()
        self.type_codes: dict[int, str] = dict(running.values_list("member", "type__code"))

    def find(self, cells: Cells) -> Member | None:
        """Own number first; then the old id; then e-mail, name and date of birth together."""
        if member := self._by_number.get(cells.member_number):
            return member
        if member := self._by_legacy_id.get(cells.office.get("legacy_id", -1)):
            return member
        return self._by_person.get(cells.person)

    def has_already(self, member: Member, field: str, text: str) -> bool:
        """Whether the text means the payer, or recruiter, that the member has; our own exports write the name."""
        people = self._named.get(text, [])
        if len(people) == 1:
            return people[0].pk in {member.pk, getattr(member, f"{field}_id")}
        has = self._others.get(getattr(member, f"{field}_id"))
        return has is not None and not people and has.full_name.casefold() == text.casefold()

    def number_of(self, member: Member, field: str) -> str | None:
        """The number of the payer, or recruiter, that the member has."""
        has = self._others.get(getattr(member, f"{field}_id"))
        return has.member_number if has else None

    def number_for(self, text: str) -> str:
        """The number of the one that the text means; the text itself where that is not known yet."""
        people = self._named.get(text, [])
        return people[0].member_number if len(people) == 1 else text


def _candidates(rows: Sequence[Cells]) -> Iterator[Member]:
    members = Member.objects.select_related("converts_to")
    numbers = {row.member_number for row in rows} - {""}
    known = _in(members, "member_number", numbers)
    yield from known
    if left := numbers - {member.member_number for member in known}:
        merged = members.exclude(former_numbers="").order_by()
        yield from (member for member in merged.iterator() if left & set(member.former_numbers.split()))
    yield from _in(members, "legacy_id", {row.office["legacy_id"] for row in rows if "legacy_id" in row.office})
    emails = {row.data.email for row in rows if row.person}
    yield from _in(members, "email", emails | {email.lower() for email in emails})


def _in(members: Any, field: str, values: Iterable[Any]) -> list[Member]:
    wanted = list(values)
    return list(members.filter(**{f"{field}__among": wanted})) if wanted else []


# --- likely duplicates -----------------------------------------------------------------------------------------------


def duplicate_warnings(traits: Sequence[Traits]) -> list[list[str]]:
    """For each of some rows that would be new: who in the registry may be the same person, with what they share."""
    if not Member.objects.exists():
        return [[] for _one in traits]
    near: dict[tuple[str, ...], list[Any]] = {}
    for member in _near(traits):
        for key in keys(traits_of(member)):
            near.setdefault(key, []).append(member)
    return [_warnings(one, near) for one in traits]


def _near(traits: Sequence[Traits]) -> list[Member]:
    """The entries that share something with one of the rows, by indexes: birth date and surname, e-mail or phone."""
    phones = {phone for one in traits for phone in one.phones}
    emails = {one.email for one in traits if one.email}
    births = {one.born_on for one in traits if one.born_on}
    shared = Q(mobile__in=phones) | Q(email__in=emails) | Q(born_on__in=births)
    return list(Member.objects.filter(shared).only("pk", "member_number", *FIELDS).order_by("pk"))


def _warnings(traits: Traits, near: dict[tuple[str, ...], list[Any]]) -> list[str]:
    likely: dict[int, tuple[Member, Likeness]] = {}
    for key in keys(traits):
        for member in near.get(key, []):
            likeness = compare(traits, traits_of(member))
            if likeness.is_likely:
                likely[member.pk] = (member, likeness)
    found = sorted(likely.values(), key=lambda pair: (-pair[1].score, pair[0].pk))[:_LIKE_AT_MOST]
    return [
        _("May be %(name)s, number %(number)s, who is in the registry: %(reasons)s.")
        % {"name": member.full_name, "number": member.member_number, "reasons": in_words(likeness.reasons)}
        for member, likeness in found
    ]
