"""Taking back what an import did, row by row: who came in goes out, what was changed is as it was.

A row that somebody has touched since is kept as it is, and listed with the reason: an entry in the log that is newer
than the import, a value that is another than the import wrote, or anything at all that points to the member, like an
invoice. What can point to a member is asked of Django, so that later apps need not say it and none can be forgotten.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import ForeignObjectRel, Model, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from core import dates
from core.audit import log_many
from core.inserts import update_many
from core.models import User
from membership import branches, members, roles
from membership.imports import applying, others, planning
from membership.imports.cells import as_text
from membership.models import (
    Branch,
    Consent,
    DuplicatePair,
    Household,
    ImportRow,
    ImportRun,
    Member,
    MembershipType,
    Period,
)
from messaging.models import Message

Action, Outcome = ImportRow.Action, ImportRow.Outcome

# Entries in the log that change nothing.
_LOOKS = ("membership.member.viewed", "membership.member.exported")
_CHANGED_AND_BACK = 2  # entries
# What an import itself makes for a member, and what is only found out about one: none of them keeps anybody.
_OWN = (ImportRow, Period, Consent, Household, DuplicatePair)


@dataclass(frozen=True, kw_only=True)
class _Undoing:
    """What holds for all the rows."""

    types: planning.Types
    at: datetime
    by: User | None


def next_rows(run: ImportRun) -> QuerySet[ImportRow]:
    """Those that can be taken back next. Who pays for, or has recruited, others of the import comes after them, with
    the household: by then it is known whether somebody who is kept needs them."""
    waiting = run.rows.filter(is_waiting=True)
    if not set(others.FIELDS) & set(run.columns):
        return waiting
    later = others.named_by_others(waiting)
    homes = later.exclude(household="").values("household")
    free = waiting.exclude(pk__in=later.values("pk")).exclude(household__in=homes)
    return free if free.exists() else waiting  # they name each other in a ring


@transaction.atomic
def undo(rows: Sequence[ImportRow], *, types: planning.Types, at: datetime, by: User | None) -> None:
    """Take back some rows of an import, whole households in one call, and note on each what became of it."""
    doing = _Undoing(types=types, at=at, by=by)
    entries = Member.objects.select_for_update(of=("self",)).select_related("converts_to", "branch", *others.FIELDS)
    found = entries.in_bulk([row.member_id for row in rows if row.member_id])
    why = touched(rows)
    created = [row for row in rows if row.action == Action.CREATE and row.member_id in found]
    why |= _pointed_at([row.member_id for row in created if row.member_id], together=found)
    why = _changed_since(rows, found) | why
    _keep_together(created, found, why)
    for row in rows:
        row.is_waiting = False
        row.outcome = Outcome.KEPT if row.member_id in why else Outcome.UNDONE
        row.reason = why.get(row.member_id or 0, "")[:500]
    _restore([row for row in rows if row.action == Action.CHANGE and row.outcome == Outcome.UNDONE], found, doing)
    _take_out([row for row in created if row.outcome == Outcome.UNDONE], found, doing)


def touched(rows: Sequence[ImportRow]) -> dict[int, str]:
    """Members of whom the log tells something newer than the import: key -> the sentence."""
    marks = {row.member_id: row.log_mark for row in rows if row.member_id}
    if not marks:
        return {}
    why = {}
    for entry in _entries(marks):
        pk = int(entry.object_id)
        if entry.pk > marks[pk]:
            why[pk] = _("Since then: %(what)s, %(date)s.") % {
                "what": entry.message, "date": f"{entry.timestamp:%Y-%m-%d}"}  # fmt: skip
    return why


def _entries(marks: Mapping[int, int]) -> QuerySet[ModelLogEntry]:
    """What the log tells of some members since the oldest of their marks, looks aside."""
    entries = ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Member, for_concrete_model=False),
        object_id__in=[str(pk) for pk in marks], pk__gt=min(marks.values(), default=0),
    )  # fmt: skip
    return entries.exclude(action__in=_LOOKS).order_by("pk")


def _pointed_at(ids: Sequence[int], *, together: Collection[int]) -> dict[int, str]:
    """Members that anything else in the database points to, or their terms: key -> the sentence. What those who are
    looked at `together` point to is looked at when it is known who of them is kept."""
    why: dict[int, str] = {}
    of_period = dict(Period.objects.filter(member__in=ids).values_list("pk", "member"))
    for what, pk in _pointers(Member, ids, together):
        why.setdefault(pk, what)
    for what, pk in _pointers(Period, list(of_period), together):
        why.setdefault(of_period[pk], what)
    answers = Consent.objects.filter(member__in=ids).exclude(source=Consent.Source.IMPORT)
    for pk in answers.values_list("member", flat=True):
        why.setdefault(pk, _has(Consent))
    refs = {f"member:{pk}": pk for pk in ids}
    for ref in Message.objects.filter(recipient_ref__in=list(refs)).values_list("recipient_ref", flat=True):
        why.setdefault(refs[ref], _has(Message))
    return why


def _pointers(model: type[Model], ids: Sequence[int], together: Collection[int]) -> Iterator[tuple[str, int]]:
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel):
            continue
        other = relation.related_model
        if issubclass(other, _OWN):
            continue
        name = relation.field.name
        rows = other._base_manager.filter(**{f"{name}__in": ids})
        if other is Member:
            rows = rows.exclude(pk__in=together)
        for pk in rows.values_list(name, flat=True).distinct():
            yield _has(other), pk


def _has(model: type[Model]) -> str:
    return _("Is used since then: %(what)s.") % {"what": capfirst(model._meta.verbose_name)}


def _changed_since(rows: Sequence[ImportRow], found: dict[int, Member]) -> dict[int, str]:
    """Members that have another value by now than the import gave them: key -> the sentence."""
    changed = [row for row in rows if row.action == Action.CHANGE]
    return {
        row.member_id: _("Has been changed since then.") for row in changed
        if row.member_id and not (row.member_id in found and _is_as_imported(found[row.member_id], row))
    }  # fmt: skip


def _keep_together(created: Sequence[ImportRow], found: dict[int, Member], why: dict[int, str]) -> None:
    """Keep the households, payers and recruiters of those who are kept, and theirs."""
    ids = {row.member_id for row in created if row.member_id}
    before = -1
    while before < len(why):
        before = len(why)
        _keep_households_whole(created, found, why)
        for pk in [pk for pk in why if pk in found]:
            for key in {getattr(found[pk], f"{name}_id") for name in others.FIELDS} & ids:
                why.setdefault(key, _("%(name)s, who is kept, needs this one.") % {"name": found[pk].full_name})


def _keep_households_whole(rows: Sequence[ImportRow], found: dict[int, Member], why: dict[int, str]) -> None:
    """Keep the main member of whoever moved in later; and if one of a household is kept, all who came with them."""
    ids = [row.member_id for row in rows if row.member_id]
    others = Member.objects.filter(household__main_member__in=ids).exclude(pk__in=ids)
    for main, name in others.values_list("household__main_member", "last_name"):
        why.setdefault(main, _("%(name)s has moved in.") % {"name": name})
    homes: dict[int, list[int]] = {}
    for pk in ids:
        if home := found[pk].household_id:
            homes.setdefault(home, []).append(pk)
    for people in homes.values():
        kept = [pk for pk in people if pk in why]
        for pk in people if kept else ():
            why.setdefault(pk, _("%(name)s in the same household is kept.") % {"name": found[kept[0]].full_name})


def _restore(rows: Sequence[ImportRow], found: dict[int, Member], doing: _Undoing) -> None:
    """Give changed members their old values back."""
    before = others.as_they_were(rows)
    each = [
        (found[row.member_id], applying.values(row, 0, doing.types) | before[row.pk]) for row in rows if row.member_id
    ]
    moves = [(member, cast("Branch | None", old["branch"])) for member, old in each if "branch" in old]
    branches.remember(moves=moves, on=dates.day_of(doing.at), at=doing.at, by=doing.by)
    members.change_many(changes=each, at=doing.at, by=doing.by, source="import")
    _forget_log_ins([member for member, old in each if "email" in old])
    _as_if_untouched(rows)


def _forget_log_ins(changed: Sequence[Member]) -> None:
    """The log-ins that came with addresses from the file, and that nobody has used."""
    if changed:
        numbers = [member.member_number for member in changed]
        members.given_up_log_ins(numbers=numbers).filter(last_login=None).delete()


def _as_if_untouched(restored: Sequence[ImportRow]) -> None:
    """An import and its undoing are no change to an earlier import, if they are all that has happened since."""
    ids = [row.member_id for row in restored if row.member_id]
    runs = {row.run_id for row in restored}
    earlier = list(ImportRow.objects.filter(member__in=ids, outcome=Outcome.DONE).exclude(run__in=runs))
    marks = {row.member_id: row.log_mark for row in earlier if row.member_id}
    since: dict[int, list[int]] = {}
    for entry in _entries(marks) if marks else ():
        since.setdefault(int(entry.object_id), []).append(entry.pk)
    untouched = []
    for row in earlier:
        later = [pk for pk in since.get(row.member_id or 0, []) if pk > row.log_mark]
        if len(later) == _CHANGED_AND_BACK:
            row.log_mark = later[-1]
            untouched.append(row)
    update_many(untouched, ["log_mark"])


def _is_as_imported(member: Member, row: ImportRow) -> bool:
    for name, (_old, new) in row.changes.items():
        now = getattr(member, name)
        if isinstance(now, MembershipType | Branch):
            now = now.code
        elif isinstance(now, Member):
            now = now.member_number
        if as_text(now) != new:
            return False
    return True


def _take_out(rows: Sequence[ImportRow], found: dict[int, Member], doing: _Undoing) -> None:
    """Remove members as if they had never come: terms, consents, households and log-ins that nobody else uses."""
    gone = [found[row.member_id] for row in rows if row.member_id]
    ids = [member.pk for member in gone]
    if not ids:
        return
    log_many(instances=gone, action="membership.import.undone", user=doing.by)
    log_ins = [member.user_id for member in gone if member.user_id]
    names = [f"m{member.member_number}" for member in gone]
    homes = {member.household_id for member in gone if member.household_id}
    ImportRow.objects.filter(member__in=ids).update(member=None)
    for row in rows:
        row.member = None
    Period.objects.filter(member__in=ids).delete()
    Consent.objects.filter(member__in=ids).delete()
    Member.objects.filter(pk__in=ids).delete()
    Household.objects.filter(pk__in=homes, members=None).delete()
    unused = User.objects.filter(pk__in=log_ins, username__in=names, last_login=None, members=None, is_staff=False)
    offices = Group.objects.exclude(name=roles.MEMBERS)
    unused.filter(is_superuser=False).exclude(groups__in=offices).delete()
