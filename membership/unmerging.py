"""A merge undone within thirty days: the other entry comes back, and everything that was moved goes back to it.

What was changed since stays as it is and is listed; what was added since stays with the entry that was kept.
"""

from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from core.errors import Refused
from core.models import User
from core.results import Result
from membership import merge_rows, periods
from membership.members import search_text
from membership.merge_rows import LeftOver, Notes
from membership.merge_terms import share_a_day
from membership.merging import synchronise
from membership.models import AbsorbedEntry, Member, Merge, Period
from membership.models.duplicates import UNDO_WITHIN
from membership.signals import merge_undone

_MEMBER = Member._meta.label


@transaction.atomic
def undo(*, merge: Merge, on: date, at: datetime, by: User) -> Member:
    """Put back what a merge did and return the entry that is there again.

    What could not be put back stands in the merge's `left_over`. Refuses, with nothing written, after thirty days,
    twice, and while a later merge is in the way.
    """
    merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    kept = Member.objects.select_for_update(of=("self",)).get(pk=merge.kept_id)
    _refuse(merge, kept, at)
    if not merge_rows.bring_back(Member, merge.absorbed):
        raise Refused(_("Number %(number)s has been given to somebody else. Change that number first."), code="number",
                      params={"number": merge.absorbed_number})  # fmt: skip
    absorbed = Member.objects.get(pk=merge.absorbed["id"])
    left = [
        LeftOver(model=_MEMBER, column=name)
        for name, value in merge.absorbed.items()
        if merge_rows.stored(getattr(absorbed, name)) != value
    ]
    left += merge_rows.put_back(_fields_of(merge))
    left += merge_rows.put_back(Notes(moved=merge.moved, removed=merge.removed))
    left += _keep_terms_apart(merge)
    AbsorbedEntry.objects.filter(kept=kept, key=absorbed.pk).delete()
    periods.mark_latest(members=[kept.pk, absorbed.pk])
    kept.refresh_from_db()
    _forget_numbers(kept, absorbed)
    merge.undone_at, merge.left_over = at, [asdict(one) for one in left]
    merge.absorbed, merge.changes, merge.moved, merge.removed = {}, {}, [], []
    merge.save()
    for member, other in ((kept, absorbed), (absorbed, kept)):
        log(instance=member, action="membership.member.unmerged", user=by, data={"number": other.member_number})
    periods.mark_latest(members=[kept.pk, absorbed.pk])
    synchronise(users=[kept.user_id, absorbed.user_id], on=on)
    merge_undone.send(sender=Member, kept=kept, restored=absorbed, merge=merge, on=on, at=at)
    return absorbed


def _refuse(merge: Merge, kept: Member, at: datetime) -> None:
    if merge.undone_at:
        raise Refused(_("This merge has been undone already."), code="undone")
    if at > merge.undo_until:
        raise Refused(_("A merge can be undone until %(date)s. Register the person again instead."), code="too_late",
                      params={"date": date_format(merge.undo_until)})  # fmt: skip
    if kept.member_number != merge.kept_number:
        raise Refused(
            _("Number %(number)s has been merged into %(other)s since. Undo that merge first."), code="merged_again",
            params={"number": merge.kept_number, "other": kept.member_number},
        )  # fmt: skip


def _fields_of(merge: Merge) -> Notes:
    """The kept entry's columns, each for itself, so that one that was changed since keeps no other back."""
    columns = {name: both for name, both in merge.changes.items() if name != "former_numbers"}
    return Notes(moved=[{"model": _MEMBER, "pk": merge.kept_id, "columns": {n: b}} for n, b in columns.items()])


def _keep_terms_apart(merge: Merge) -> list[LeftOver]:
    """A term that had given way runs again, unless another has been opened in its time since."""
    left = []
    for entry in merge.moved:
        if entry["model"] != Period._meta.label or "ended_on" not in entry.get("columns", {}):
            continue
        term = Period.objects.filter(pk=entry["pk"]).first()
        if term is None or merge_rows.stored(term.ended_on) != entry["columns"]["ended_on"][0]:
            continue
        others = Period.objects.filter(member=term.member_id).exclude(pk=term.pk)
        if any(share_a_day(term.starts_on, term.last_day, other.starts_on, other.last_day) for other in others):
            ended_on, reason = (entry["columns"][name][1] for name in ("ended_on", "end_reason"))
            Period.objects.filter(pk=term.pk).update(ended_on=ended_on, end_reason=reason)
            left.append(LeftOver(model=Period._meta.label, column="ended_on"))
    return left


def _forget_numbers(kept: Member, absorbed: Member) -> None:
    """Each number finds its own entry again."""
    gone = {absorbed.member_number, *absorbed.former_numbers.split()}
    kept.former_numbers = " ".join(number for number in kept.former_numbers.split() if number not in gone)
    for member in (kept, absorbed):
        member.search_text = search_text(member)
        member.save(update_fields=["former_numbers", "search_text"])


def forget(*, at: datetime) -> Result:
    """Forget what was remembered of merges that can no longer be undone. The number still finds the kept entry."""
    result = Result()
    rows = Merge.objects.filter(merged_at__lt=at - UNDO_WITHIN)
    if number := rows.count():
        rows.delete()
        result.add("forgotten", times=number)
    return result
