"""Two entries become one: looked at first, value by value, and undone within thirty days (unmerging.py).

The entry that is kept takes over everything that points to the other: periods, invoices, payments, messages, consents,
household, recruits and the history. The other entry goes; its number finds the kept one from then on.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Field, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log

from core.errors import Refused
from core.models import User
from membership import members_group, merge_rows, merge_terms, periods
from membership.fields import OFFICE_EDITABLE, editable_by
from membership.members import is_only_for, search_text
from membership.merge_rows import Notes
from membership.models import AbsorbedEntry, DuplicatePair, Member, Merge, Period
from membership.models.duplicates import UNDO_WITHIN
from membership.signals import members_merged
from messaging.models import Message

# These follow from rules; about every other column somebody may choose, or the one that is not empty counts.
_BY_RULE = {
    "id", "kind", "member_number", "former_numbers", "search_text", "user", "household", "registered_on",
    "member_since", "died_on",
}  # fmt: skip
# These are one address: the street of one entry and the town of the other would be nobody's.
ADDRESS = ("address_line_1", "address_line_2", "postcode", "place", "country")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field in which the two differ. `suggested` is "kept" unless only the other has a value; the parts of an address
    are suggested together."""

    name: str
    label: str
    kept: Any
    absorbed: Any
    suggested: str


@dataclass(kw_only=True)
class Plan:
    """What a merge would do: the terms that give way, the columns that change on the kept entry, and all in words."""

    endings: list[merge_terms.Ending]
    changes: dict[str, Any]
    sentences: list[str]


# --- looking --------------------------------------------------------------------------------------------------------


def better_one(*, one: Member, other: Member, on: date) -> Member:
    """Which of two to keep unless somebody says otherwise: who belongs, then who has a log-in, then the older entry."""

    def weight(member: Member) -> tuple[bool, bool, int]:
        belongs = any(term.covers(on) for term in member.periods.all())
        return belongs, member.user_id is not None, -member.pk

    return max(one, other, key=weight)


def differences(*, kept: Member, absorbed: Member, by: User) -> list[Difference]:
    """The fields in which two entries differ, among those the log-in may change: what it may not see is not there."""
    found = []
    for name in editable_by(by):
        ours, theirs = _value(kept, name, absorbed), _value(absorbed, name, kept)
        if name not in _BY_RULE and ours != theirs:
            label = str(Member._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            suggested = "absorbed" if _is_missing(kept, name, absorbed) else "kept"
            found.append(Difference(name=name, label=label, kept=ours, absorbed=theirs, suggested=suggested))
    return found


def _value(member: Member, name: str, other: Member) -> Any:
    """A field's value; nobody is their own payer or recruiter."""
    value = getattr(member, name)
    return None if isinstance(value, Member) and value.pk in {member.pk, other.pk} else value


def _is_missing(member: Member, name: str, other: Member) -> bool:
    """Whether a field is empty; for a part of an address, whether there is no address at all but for the country."""
    parts = ADDRESS[:-1] if name in ADDRESS else (name,)
    return all(_value(member, part, other) in {None, ""} for part in parts)


def plan(*, kept: Member, absorbed: Member, choices: Mapping[str, str], on: date, by: User) -> Plan:
    """What merging would do, with `choices` field -> "kept" or "absorbed". Writes nothing.

    Refuses what cannot be one entry, with what to do first.
    """
    _refuse_different(kept, absorbed)
    if strangers := set(choices) - set(editable_by(by)):
        raise Refused(gettext_lazy("The field %(field)s cannot be changed here."), code="field",
                      params={"field": min(strangers)})  # fmt: skip
    terms = [list(member.periods.select_related("type").order_by("pk")) for member in (kept, absorbed)]
    endings = merge_terms.endings(kept=terms[0], absorbed=terms[1])
    changes = _chosen(kept, absorbed, choices) | _by_rule(kept, absorbed)
    email = changes.get("email", kept.email)
    changes |= _log_in(kept, absorbed, email)
    changes = {name: value for name, value in changes.items() if getattr(kept, name) != value}
    return Plan(
        endings=endings,
        changes=changes,
        sentences=_sentences(kept, absorbed, endings)
        + _said_of(changes, by)
        + [_("It can be undone until %(date)s.") % {"date": date_format(on + UNDO_WITHIN)}],
    )


def _refuse_different(kept: Member, absorbed: Member) -> None:
    if kept.pk == absorbed.pk:
        raise Refused(gettext_lazy("This is the same entry twice. Choose another one."), code="same")
    if kept.kind != absorbed.kind:
        raise Refused(gettext_lazy("A person and an organisation cannot become one entry."), code="kind")
    if bool(kept.died_on) != bool(absorbed.died_on):
        dead, other = (kept, absorbed) if kept.died_on else (absorbed, kept)
        raise Refused(
            gettext_lazy("%(dead)s (%(number)s) is recorded as deceased and the other is not. If it is the same "
                         "person, record the death of number %(other)s first."),
            code="deceased",
            params={"dead": dead.full_name, "number": dead.member_number, "other": other.member_number},
        )  # fmt: skip
    if kept.household_id and absorbed.household_id and kept.household_id != absorbed.household_id:
        raise Refused(
            gettext_lazy("They are in two households. Let %(name)s (%(number)s) move out of one of them first."),
            code="households", params={"name": absorbed.full_name, "number": absorbed.member_number},
        )  # fmt: skip


def _chosen(kept: Member, absorbed: Member, choices: Mapping[str, str]) -> dict[str, Any]:
    """The values of all columns that no rule settles: as chosen, else the one that is not empty."""
    values = {}
    for column in _columns():
        ours, theirs = _value(kept, column.name, absorbed), _value(absorbed, column.name, kept)
        choice = choices.get(column.name) or ("absorbed" if _is_missing(kept, column.name, absorbed) else "kept")
        values[column.name] = theirs if choice == "absorbed" else ours
    return values


def _columns() -> list["Field[Any, Any]"]:
    return [column for column in Member._meta.concrete_fields if column.name not in _BY_RULE]


def _by_rule(kept: Member, absorbed: Member) -> dict[str, Any]:
    """The earliest day of each, the household that there is, and both numbers."""
    numbers = [kept.former_numbers, absorbed.member_number, absorbed.former_numbers]
    return {
        "registered_on": min(kept.registered_on, absorbed.registered_on),
        "member_since": _earliest(kept.member_since, absorbed.member_since),
        "died_on": _earliest(kept.died_on, absorbed.died_on),
        "household": kept.household or absorbed.household,
        "former_numbers": " ".join(filter(None, numbers)),
    }


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day), default=None)


def _log_in(kept: Member, absorbed: Member, email: str) -> dict[str, Any]:
    """The log-in goes with the e-mail address that was chosen; without one, whichever there is."""
    takes_over = absorbed.user and email == absorbed.email and email.casefold() != kept.email.casefold()
    return {"user": absorbed.user if takes_over else kept.user or absorbed.user}


def _sentences(kept: Member, absorbed: Member, endings: Iterable[merge_terms.Ending]) -> list[str]:
    words = {"name": kept.full_name, "number": kept.member_number, "other": absorbed.member_number}
    sentences = [_("Number %(number)s, %(name)s, is kept. Number %(other)s finds it from now on.") % words]
    if moving := _counted(kept, absorbed):
        sentences.append(_("To the entry that is kept go: %(what)s.") % {"what": moving})
    if absorbed.consents.exists():
        sentences.append(_("Of what they have agreed to, the last word counts."))
    sentences += [
        _("%(term)s is ended as a correction, because %(other)s counts. If there is an invoice for it that is not "
          "owed, credit it.") % {"term": merge_terms.in_words(ending.term), "other": merge_terms.in_words(ending.to)}
        for ending in endings
    ]  # fmt: skip
    if absorbed.user_id and kept.user_id and absorbed.user_id != kept.user_id:
        sentences.append(_("They have two log-ins. The one with the e-mail address that you chose stays."))
    return sentences


def _said_of(changes: Mapping[str, Any], by: User) -> list[str]:
    """Which fields of the kept entry change, of those that the log-in may see."""
    labels = [Member._meta.get_field(name).verbose_name for name in editable_by(by) if name in changes]  # type: ignore[union-attr]
    return (
        [_("On the entry that is kept change: %(fields)s.") % {"fields": ", ".join(map(str, labels))}] if labels else []
    )


def _counted(kept: Member, absorbed: Member) -> str:
    """What would be moved, with how many: "2 periods, 1 invoice"."""
    counts: dict[Any, int] = {}
    for link in merge_rows.links():
        if number := merge_rows.pointing(link, to=absorbed, but=kept).count():
            model = link.model
            if not model._meta.auto_created:
                counts[model] = counts.get(model, 0) + number
    if number := Message.objects.filter(recipient_ref=absorbed.recipient_ref).count():
        counts[Message] = number
    words = [
        f"{number} {model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural}"
        for model, number in counts.items()
    ]
    return ", ".join(words)


# --- doing ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def merge(*, kept: Member, absorbed: Member, choices: Mapping[str, str], on: date, at: datetime, by: User) -> Merge:
    """Make one entry of two. `choices`: field -> "kept" or "absorbed", of the fields that the log-in may change.

    Returns what is remembered so that it can be undone. Refuses, with nothing written, what `plan` refuses.
    """
    kept, absorbed = _locked(kept, absorbed)
    planned = plan(kept=kept, absorbed=absorbed, choices=choices, on=on, by=by)
    before, notes = merge_rows.row_of(absorbed), Notes()
    for ending in planned.endings:
        merge_rows.change(notes, Period.objects.filter(pk=ending.term.pk), ended_on=ending.last_on,
                          end_reason=Period.EndReason.CORRECTED)  # fmt: skip
    _settle_pairs(notes, kept, absorbed)
    merge_rows.move_all(notes, absorbed=absorbed, kept=kept)
    periods.mark_latest(members=[kept.pk])
    unused = [user for user in (kept.user, absorbed.user) if user and user != planned.changes.get("user", kept.user)]
    absorbed_pk = absorbed.pk
    absorbed.delete()
    AbsorbedEntry.objects.create(kept=kept, key=absorbed_pk, number=before["member_number"])
    changes = _write(kept, planned.changes)
    for user in unused:
        if is_only_for(user, kept):
            merge_rows.change(notes, User.objects.filter(pk=user.pk), is_active=False)
    row = Merge.objects.create(
        kept=kept, kept_number=kept.member_number, absorbed_number=before["member_number"],
        absorbed_name=f"{before['first_names']} {before['last_name']}".strip(), absorbed=before, changes=changes,
        moved=notes.moved, removed=notes.removed, merged_at=at, merged_by=by,
    )  # fmt: skip
    names = [name for name in OFFICE_EDITABLE if name in planned.changes]
    log(instance=kept, action="membership.member.merged", user=by,
        data={"number": before["member_number"], "changed": names})  # fmt: skip
    periods.mark_latest(members=[kept.pk])
    synchronise(users=[kept.user_id, before["user_id"], *(user.pk for user in unused)], on=on)
    members_merged.send(sender=Member, kept=kept, absorbed_pk=absorbed_pk, merge=row, on=on, at=at)
    return row


def _locked(kept: Member, absorbed: Member) -> tuple[Member, Member]:
    """Both as they stand now, held, in an order that lets two mergers at once never wait for each other."""
    rows = Member.objects.select_for_update(of=("self",)).filter(pk__in=[kept.pk, absorbed.pk]).order_by("pk")
    found = {member.pk: member for member in rows.select_related("user", "household")}
    if kept.pk not in found or absorbed.pk not in found:
        raise Refused(gettext_lazy("One of the entries is gone by now. Look at the list again."), code="gone")
    return found[kept.pk], found[absorbed.pk]


def _settle_pairs(notes: Notes, kept: Member, absorbed: Member) -> None:
    """Take the absorbed entry off the list of duplicates. Who is known not to be the same as it, is not the same as
    the kept one."""
    for pair in DuplicatePair.objects.filter(Q(first=absorbed) | Q(second=absorbed)).order_by("pk"):
        other = pair.second_id if pair.first_id == absorbed.pk else pair.first_id
        merge_rows.remove(notes, pair)
        if pair.dismissed_at is None or other == kept.pk:
            continue
        first, second = sorted((other, kept.pk))
        known = DuplicatePair.objects.filter(first=first, second=second)
        said = {"dismissed_at": pair.dismissed_at, "dismissed_by": pair.dismissed_by_id}
        if known.exists():
            merge_rows.change(notes, known.open(), **said)
        else:
            copy = DuplicatePair.objects.create(
                first_id=first, second_id=second, score=pair.score, reasons=pair.reasons, found_at=pair.found_at,
                dismissed_at=pair.dismissed_at, dismissed_by_id=pair.dismissed_by_id,
            )  # fmt: skip
            merge_rows.made(notes, copy)


def _write(kept: Member, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Write the values, and return for each column what it was and what it is."""
    changes = {}
    for name, value in values.items():
        attname = Member._meta.get_field(name).attname  # type: ignore[union-attr]
        before = merge_rows.stored(getattr(kept, attname))
        setattr(kept, name, value)
        changes[attname] = [before, merge_rows.stored(getattr(kept, attname))]
    kept.search_text = search_text(kept)
    kept.save(update_fields=[*values, "search_text"])
    return changes


def synchronise(*, users: Collection[int | None], on: date) -> None:
    """The pages for members open and close with what was moved."""
    members_group.synchronise(on=on, log_ins=[pk for pk in users if pk])
