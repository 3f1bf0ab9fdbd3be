"""Erasing people from the registry, so that no trace of them is left but in the books.

Whether and when is said in retention.py. What belongs to the entry alone goes with it: terms, consents, requests, the
log about it, its log-in. What others wrote down about them is handled place by place, each in a function of its own;
later apps hear `members_erased` and do the same with theirs.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast, Lower
from django.http import QueryDict
from wagtail.models import ModelLogEntry
from wagtail.search.models import IndexEntry

from core.models import User
from membership import erased_list, voter_rolls
from membership.members import given_up_log_ins
from membership.models import Application, BulkRun, Erasure, Household, ImportRow, Invitation, Member, Period, SavedList
from membership.roles import MEMBERS
from membership.signals import members_erased
from messaging import forgetting

GONE = "…"  # stands where a name stood in somebody else's free text


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What the people of a batch leave behind elsewhere.

    `names`, `emails` (in lower case) and `phones` are those that nobody else in the registry has: what is left of a
    name that is somebody else's as well is somebody else's. `near` are the keys of those each lived with, paid with,
    or paid for.
    """

    members: Sequence[Member]
    keys: tuple[int, ...]
    names: frozenset[str]
    emails: frozenset[str]
    phones: frozenset[str]
    households: tuple[int, ...]
    near: Mapping[int, frozenset[int]]

    @property
    def texts(self) -> frozenset[str]:
        """Everything that can only mean one of them."""
        return self.names | self.emails | self.phones


@transaction.atomic
def erase(*, members: Sequence[tuple[Member, Erasure.Rule]], at: datetime) -> int:
    """Erase these people, each by the rule named, and return how many. That it was done stays; who it was does not.

    Of somebody whose entry was merged with another, it stays of both entries.
    """
    if not members:
        return 0
    traces = _traces([member for member, _rule in members])
    entries = erased_list.entries_of(traces.members)
    members_erased.send(sender=Member, members=list(traces.members), at=at)
    log_ins = _own_log_ins(traces)
    _forget_messages(traces, log_ins, at)
    _empty_applications(traces)
    _unname_invitations(traces)
    voter_rolls.forget(members=traces.members)
    _clear_family_notes(traces)
    _clear_office_notes(traces)
    _clear_import_rows(traces)
    _clear_refusals(traces)
    _clear_saved_lists(traces)
    _forget_log(traces, log_ins)
    Member.objects.filter(pk__in=traces.keys).delete()
    _close_empty_households(traces)
    User.objects.filter(pk__in=log_ins).delete()
    done = [
        Erasure(member_key=key, rule=rule, erased_at=at, fingerprint=mark)
        for of_one, (_member, rule) in zip(traces.keys, members, strict=True)
        for key, mark in entries[of_one].items()
    ]
    Erasure.objects.bulk_create(done)
    erased_list.remember(done)
    return len(members)


def _traces(members: Sequence[Member]) -> Traces:
    keys = tuple(member.pk for member in members)
    others = Member.objects.exclude(pk__in=keys)
    emails = {member.email.lower() for member in members if member.email}
    phones = {phone for member in members for phone in (member.mobile, member.work_phone) if phone}
    lowered = others.annotate(lowered=Lower("email"))
    namesakes = others.filter(last_name__in={member.last_name for member in members})
    taken = others.filter(Q(mobile__in=phones) | Q(work_phone__in=phones)).values_list("mobile", "work_phone")
    return Traces(
        members=members,
        keys=keys,
        names=frozenset({member.full_name for member in members} - {other.full_name for other in namesakes}),
        emails=frozenset(emails - set(lowered.filter(lowered__in=emails).values_list("lowered", flat=True))),
        phones=frozenset(phones - {phone for pair in taken for phone in pair}),
        households=tuple({member.household_id for member in members if member.household_id}),
        near=_near(members),
    )


def _near(members: Sequence[Member]) -> Mapping[int, frozenset[int]]:
    """Those who may have something written down about each: the household, payers, and who paid with whom."""
    near: dict[int, set[int]] = {member.pk: {member.payer_id} if member.payer_id else set() for member in members}
    homes = {member.household_id: set[int]() for member in members if member.household_id}
    for key, home in Member.objects.filter(household__in=homes).values_list("pk", "household_id"):
        homes[home].add(key)
    for member in members:
        if member.household_id:
            near[member.pk] |= homes[member.household_id]
    for key, payer in Member.objects.filter(payer__in=near).values_list("pk", "payer_id"):
        near[payer].add(key)
    together = Period.objects.filter(paid_with__isnull=False).values_list("member_id", "paid_with__member_id")
    for one, other in together.filter(Q(member__in=near) | Q(paid_with__member__in=near)):
        near.get(one, set()).add(other)
        near.get(other, set()).add(one)
    return {key: frozenset(found - near.keys()) for key, found in near.items()}


def _own_log_ins(traces: Traces) -> list[int]:
    """The log-ins that only these people used, those of addresses they gave up included. One that opens the office
    belongs to the role, and stays."""
    users = User.objects.filter(members__in=traces.keys, is_staff=False, is_superuser=False)
    with_role = User.groups.through.objects.exclude(group__name=MEMBERS).values("user_id")
    shared = Member.objects.exclude(pk__in=traces.keys).filter(user__isnull=False).values("user_id")
    own = set(users.exclude(pk__in=with_role).exclude(pk__in=shared).values_list("pk", flat=True))
    numbers = {number for one in traces.members for number in (one.member_number, *one.former_numbers.split())}
    return sorted(own | set(given_up_log_ins(numbers=numbers).values_list("pk", flat=True)))


def _forget_messages(traces: Traces, log_ins: Collection[int], at: datetime) -> None:
    """What was sent to them is emptied; what was sent to their family and speaks of them loses its words."""
    own = [f"member:{key}" for key in traces.keys] + [f"user:{key}" for key in log_ins]
    own += [f"application:{key}" for key in _own_applications(traces).values_list("pk", flat=True)]
    forgetting.forget(recipients=own, addresses=traces.emails, at=at)
    for member in traces.members:
        if near := traces.near[member.pk]:
            forms = Application.objects.filter(main_member__in=near).values_list("pk", flat=True)
            told = [f"member:{key}" for key in near] + [f"application:{key}" for key in forms]
            forgetting.wipe_words(recipients=told, about=[member.full_name])


def _own_applications(traces: Traces) -> QuerySet[Application]:
    """The joining forms they sent. One that still waits for an answer is new: who comes back is let in by it."""
    answered = Application.objects.filter(decided_at__isnull=False).annotate(lowered=Lower("email"))
    return answered.filter(Q(main_member__in=traces.keys) | Q(lowered__in=traces.emails))


def _empty_applications(traces: Traces) -> None:
    """A form that has been answered has done its work; that it came, and when, stays. Their families' keep who sent
    them."""
    nothing: dict[str, Any] = {"people": [], "consents": []}
    keys = list(_own_applications(traces).values_list("pk", flat=True))
    Application.objects.filter(pk__in=keys).update(answers=nothing, name="", email="")
    _log_about(Application, keys).update(label="")
    near = frozenset[int]().union(*traces.near.values())
    Application.objects.filter(main_member__in=near, decided_at__isnull=False).update(answers=nothing)


def _unname_invitations(traces: Traces) -> None:
    """Invitations to them, wherever they were sent from."""
    to_them = Invitation.objects.annotate(lowered=Lower("email"))
    to_them.filter(Q(member__in=traces.keys) | Q(lowered__in=traces.emails)).update(name="", email="")


def _clear_family_notes(traces: Traces) -> None:
    """The free text from old registers about who lives together loses their names."""
    for member in traces.members:
        names = [name for name in (member.full_name, member.first_names) if name]
        for mate in Member.objects.filter(pk__in=traces.near[member.pk]).exclude(household_note=""):
            Member.objects.filter(pk=mate.pk).update(household_note=_without(mate.household_note, names))


def _clear_office_notes(traces: Traces) -> None:
    """The office's notes about others lose what can only mean them."""
    speaks = Q(pk__in=[])
    for text in traces.texts:
        speaks |= Q(office_notes__icontains=text)
    notes = Member.objects.exclude(office_notes="").exclude(pk__in=traces.keys)
    for other in notes.filter(speaks).only("office_notes"):
        Member.objects.filter(pk=other.pk).update(office_notes=_without(other.office_notes, traces.texts))


def _clear_import_rows(traces: Traces) -> None:
    """Rows of imported files that speak of them and are about nobody in the registry: refused ones, and warnings.

    The row that made their entry goes with it.
    """
    speaks = Q(name__in=traces.names)
    for text in traces.texts:
        escaped = json.dumps(text)[1:-1]  # as SQLite keeps letters beyond ASCII; PostgreSQL keeps them as they are
        speaks |= Q(reason__contains=text) | Q(said__contains=text) | Q(said__contains=escaped)
    rows = ImportRow.objects.annotate(said=Cast("warnings", TextField())).exclude(member__in=traces.keys)
    rows.filter(speaks).update(
        name="", reason="", warnings=[], data={}, changes={}, refers={}, household="", identity="", by_birth="",
        by_phone="", by_email="",
    )  # fmt: skip


def _clear_refusals(traces: Traces) -> None:
    """Why something could not be done with them on a list: that it was refused stays, the sentence may name them."""
    for run in BulkRun.objects.exclude(refused=[]).only("refused"):
        if any(row["member"] in traces.keys for row in run.refused):
            refused = [{**row, "why": ""} if row["member"] in traces.keys else row for row in run.refused]
            BulkRun.objects.filter(pk=run.pk).update(refused=refused)


def _clear_saved_lists(traces: Traces) -> None:
    """Lists saved under a name, where somebody had searched for them: the list stays, without what was searched for."""
    numbers = {member.member_number for member in traces.members}
    for saved in SavedList.objects.iterator():
        asked = QueryDict(saved.asked, mutable=True)
        for key, values in list(asked.lists()):
            asked.setlist(key, [value for value in values if not _means_one(value, traces, numbers)])
        name = _without(saved.name, traces.texts)
        if name != saved.name and SavedList.objects.filter(owner=saved.owner_id, name=name).exists():
            name = f"{GONE} {saved.pk}"  # nobody has two lists of one name
        if asked.urlencode() != QueryDict(saved.asked).urlencode() or name != saved.name:
            SavedList.objects.filter(pk=saved.pk).update(asked=asked.urlencode(), name=name)


def _means_one(text: str, traces: Traces, numbers: Collection[str]) -> bool:
    """Whether what was searched for can only mean one of them: a name, an address, a number, however it is spaced."""
    plain, digits = " ".join(text.split()).casefold(), re.sub(r"\D", "", text)
    is_phone = len(digits) >= 8 and any(phone.endswith(digits) for phone in traces.phones)
    return is_phone or text.strip() in numbers or any(found.casefold() in plain for found in traces.texts)


def _without(text: str, texts: Iterable[str]) -> str:
    """The text without these words; longer ones first, so that no half of a name is left."""
    for gone in sorted(texts, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(gone)}(?!\w)", GONE, text, flags=re.IGNORECASE)
    return text


def _forget_log(traces: Traces, log_ins: Collection[int]) -> None:
    """The log about them goes, terms and log-in included; their households' log loses their names.

    What they did themselves in the office stays, by a log-in that nobody has any more.
    """
    terms = Period.objects.filter(member__in=traces.keys).values_list("pk", flat=True)
    _log_about(Member, traces.keys).delete()
    _log_about(Period, list(terms)).delete()
    _log_about(User, log_ins).delete()
    _log_about(Household, traces.households).filter(label__in={m.full_name for m in traces.members}).update(label="")


def _log_about(model: type[Model], keys: Collection[int]) -> QuerySet[ModelLogEntry]:
    about: QuerySet[ModelLogEntry] = ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model), object_id__in=[str(key) for key in keys]
    )
    return about


def _close_empty_households(traces: Traces) -> None:
    empty = list(Household.objects.filter(pk__in=traces.households, members=None).values_list("pk", flat=True))
    Household.objects.filter(pk__in=empty).delete()


def tidy_up() -> None:
    """After the last of a night: end the sessions of log-ins that are gone, and let SQLite's search forget the words
    of erased rows at once. PostgreSQL does that by itself."""
    sessions = [(row.pk, row.get_decoded().get(SESSION_KEY)) for row in Session.objects.iterator()]
    known = {str(key) for key in User.objects.values_list("pk", flat=True)}
    Session.objects.filter(pk__in=[key for key, user in sessions if user and user not in known]).delete()
    if connection.vendor == "sqlite":
        for index in (f"{IndexEntry._meta.db_table}_fts", f"{Member._meta.db_table}_search_text_fragments"):
            optimize(index)


def optimize(index: str) -> None:
    """Merge what an FTS5 table keeps, which drops the words of deleted rows. Nothing where it is an ordinary table, as
    in a database that was made without migrations."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pragma_table_xinfo(%s) WHERE hidden = 1 AND name = %s", [index, index])
        if cursor.fetchone()[0]:
            name = connection.ops.quote_name(index)
            cursor.execute(f"INSERT INTO {name} ({name}) VALUES ('optimize')")
