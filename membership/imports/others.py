"""The others whom a row names: who pays for somebody, and who recruited them.

They are named by member number, old id or e-mail. They may be in the registry, or come in the same file, before or
after; so they are looked for when a row is carried out, and once more when all rows are.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import batched

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from core.inserts import update_many
from core.models import User
from membership import members
from membership.models import ImportRow, ImportRun, Member

Action = ImportRow.Action
FIELDS = ("payer", "recruited_by")
_ROWS = 1000
_LONGEST_ID = 18  # digits that the database can hold

type Named = dict[str, list[Member]]


def in_registry(texts: Iterable[str]) -> Named:
    """The living members that each text means: none, one, or several who share an address. A handful of queries."""
    named: Named = {text: [] for text in texts}
    alive = Member.objects.alive().order_by("pk")
    emails = [text for text in named if "@" in text]
    if emails:
        by_email: Named = {}
        for member in alive.alias(lowered=Lower("email")).filter(lowered__among={text.lower() for text in emails}):
            by_email.setdefault(member.email.casefold(), []).append(member)
        named |= {text: by_email.get(text.casefold(), []) for text in emails}
    numbers = set(named) - set(emails)
    for member in alive.filter(member_number__among=numbers) if numbers else ():
        named[member.member_number] = [member]
    if left := {text for text in numbers if not named[text]}:
        for member in alive.exclude(former_numbers="").iterator():
            named |= {number: [member] for number in left & set(member.former_numbers.split())}
    ids = {int(text): text for text in numbers if not named[text] and _may_be_an_id(text)}
    for member in alive.filter(legacy_id__among=ids) if ids else ():
        named[ids[member.legacy_id or 0]].append(member)
    return named


def _may_be_an_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID


# --- before anything is written --------------------------------------------------------------------------------------


def look_at(run: ImportRun) -> Iterator[list[ImportRow]]:
    """Refuse rows whose payer is nowhere, or may be several; warn where the recruiter is. Yields what has changed.

    Whoever is to pay is not left out silently: the invoice would go to somebody else.
    """
    if not set(FIELDS) & set(run.columns):
        return
    rows = run.rows.exclude(action=Action.REFUSED).exclude(refers={}).order_by("pk")
    wanted: dict[str, int] = {}
    for some in batched(rows.iterator(chunk_size=_ROWS), _ROWS):
        named = in_registry(_texts(some))
        wanted |= {text: len(found) for text, found in named.items()}
    _count_in_file(run, wanted)
    wanted = {text: number for text, number in wanted.items() if number != 1}
    if not wanted:
        return
    last = 0
    while portion := list(rows.filter(pk__gt=last)[:_ROWS]):
        last = portion[-1].pk
        if changed := [row for row in portion if _judge(row, wanted)]:
            yield changed


def _texts(rows: Iterable[ImportRow]) -> set[str]:
    return {text for row in rows for text in row.refers.values()}


def _count_in_file(run: ImportRun, wanted: dict[str, int]) -> None:
    """Add how many rows that come in each text means: who shares an address with somebody in the registry, too."""
    spellings: dict[str, list[str]] = {}
    for text in wanted:
        spellings.setdefault(text.casefold(), []).append(text)
    new = run.rows.filter(action=Action.CREATE).order_by("pk").values_list("data", flat=True)
    for data in new.iterator(chunk_size=_ROWS) if spellings else ():
        person, office = data["data"], data.get("office", {})
        means = {data.get("member_number", ""), str(office.get("legacy_id", "")), person.get("email", "").casefold()}
        for meant in means & spellings.keys():
            for text in spellings[meant]:
                wanted[text] += 1


def _judge(row: ImportRow, wanted: dict[str, int]) -> bool:
    """Whether something is to be said of the row."""
    payer, recruiter = row.refers.get("payer", ""), row.refers.get("recruited_by", "")
    if wanted.get(payer, 1) != 1:
        row.action, row.is_waiting, row.reason = Action.REFUSED, False, _why(payer, wanted[payer])[:500]
        return True
    if wanted.get(recruiter, 1) != 1:
        row.warnings.append(_no_recruiter(recruiter))
        del row.refers["recruited_by"]
        row.data.pop("recruited_by", None)
        row.changes.pop("recruited_by", None)
        return True
    return False


def _why(text: str, number: int) -> str:
    words = {"text": text[:80], "number": number}
    if number:
        return _("%(number)s members have “%(text)s”. Write the payer's member number instead.") % words
    return _("The payer “%(text)s” is neither in the registry nor in the file. Write a member number, an old id or an "
             "e-mail address, or leave the cell empty.") % words  # fmt: skip


def _no_recruiter(text: str) -> str:
    return _("The recruiter “%(text)s” is not known, and was left out.") % {"text": text[:80]}


# --- carried out -----------------------------------------------------------------------------------------------------


def link(rows: Sequence[ImportRow], *, is_last: bool, at: datetime, by: User | None) -> None:
    """Set who pays for these rows' members and who recruited them, as far as those are in the registry by now.

    When all rows have been carried out (`is_last`), whoever is still missing is told of on the row.
    """
    named = in_registry(_texts(rows))
    new: dict[tuple[str, ...], list[Member]] = {}
    changed = []
    for row in rows:
        assert row.member is not None
        found = _found(row, named, is_last)
        if found and row.action == Action.CREATE:
            for name, other in found.items():
                setattr(row.member, name, other)
            new.setdefault(tuple(found), []).append(row.member)
        elif found:
            changed.append((row.member, found))
    for fields, some in new.items():
        update_many(some, fields)
    members.change_many(changes=changed, at=at, by=by, source="import")


def _found(row: ImportRow, named: Named, is_last: bool) -> dict[str, Member]:
    """Those of the row's others that are known, which need not be looked for again. Nobody pays for themselves."""
    found = {}
    for name, text in list(row.refers.items()):
        people = named[text]
        if len(people) != 1 and not is_last:
            continue
        del row.refers[name]
        if len(people) == 1 and people[0].pk != row.member_id:
            found[name] = people[0]
            if name in row.changes:
                row.changes[name][1] = people[0].member_number
            continue
        row.changes.pop(name, None)
        if len(people) != 1:
            row.warnings.append(_left_out(name, text, len(people)))
    return found


def _left_out(name: str, text: str, number: int) -> str:
    """Why somebody who is named was not set: nobody is there, or several are."""
    if not number:
        return _no_recruiter(text) if name == "recruited_by" else _no_payer(text)
    words = {"text": text[:80], "number": number}
    if name == "recruited_by":
        return _("%(number)s members have “%(text)s”, so the recruiter was left out. Choose the right one.") % words
    return _("%(number)s members have “%(text)s”, so the invoice goes to the member. Choose the right payer.") % words


def _no_payer(text: str) -> str:
    return _("The payer “%(text)s” did not come in, so the invoice goes to the member. Choose another payer.") % {
        "text": text[:80]}  # fmt: skip


# --- taken back ------------------------------------------------------------------------------------------------------


def as_they_were(rows: Sequence[ImportRow]) -> dict[int, dict[str, Member | None]]:
    """Who paid, and who had recruited, before the import changed it: by the row's key."""
    before = {row.pk: {name: row.changes[name][0] for name in FIELDS if name in row.changes} for row in rows}
    numbers = {number for pairs in before.values() for number in pairs.values() if number}
    people = {m.member_number: m for m in Member.objects.filter(member_number__among=numbers)} if numbers else {}
    return {pk: {name: people.get(number) for name, number in pairs.items()} for pk, pairs in before.items()}


def named_by_others(rows: QuerySet[ImportRow]) -> QuerySet[ImportRow]:
    """Those of some rows whose members pay for, or have recruited, the member of another of them in another home.

    They are taken back after those, so that it is known by then whether somebody who is kept needs them.
    """
    theirs = Member.objects.filter(pk__in=rows.values("member"))
    named = Q(pk__in=[])
    for name in FIELDS:
        elsewhere = theirs.filter(**{f"{name}__isnull": False}).exclude(
            household__isnull=False, **{f"{name}__household": F("household")}
        )
        named |= Q(member__in=elsewhere.values(name))
    return rows.filter(named)
