"""One thing done with everybody on a list, in the background: counted before, followed on its way, told afterwards.

What can be done is a `BulkVerb`. An app adds its own with the Wagtail hook `bulk_verb`:

    @hooks.register("bulk_verb")
    def stop_reminders() -> BulkVerb:
        return BulkVerb(key="stop_reminders", label=_("Stop reminders"), …)

Who is on the list is fixed when somebody says yes; filters that change meanwhile take nobody in or out. Each portion is
one transaction with its place in the list, so a worker that is killed leaves nothing half done and nothing done twice.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.db import transaction
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.log_actions import log

from core.errors import Refused
from core.models import User
from membership import scope
from membership.fields import may_see_office_fields
from membership.models import BulkRun, Member
from membership.models.member_queries import MemberQuerySet

PORTION = 200
State = BulkRun.State


@dataclass(frozen=True, kw_only=True)
class Doing:
    """What a verb is given for one member: the form's cleaned answers, the day and moment, and who asked."""

    member: Member
    answers: dict[str, Any]
    on: date
    at: datetime
    by: User | None


@dataclass(frozen=True, kw_only=True)
class BulkVerb:
    """Something that can be done with everybody on a list.

    `perform` does it with one member and returns whether anything changed; `Refused` puts the member on the list of
    those it could not be done with. `permission` is the right it takes; what is about fields that only the office may
    know, `is_office_only`, takes the right to those as well. What sends something, or cannot be taken back,
    `needs_typed_count`: the number of members is typed before it begins. `next_label` and `next_url`, an address's
    name, lead on to what comes next when it is done.
    """

    key: str
    label: str | Promise
    explanation: str | Promise
    permission: str
    perform: Callable[[Doing], bool]
    form_class: type[forms.Form] = forms.Form
    icon: str = "edit"
    is_serious: bool = False
    needs_typed_count: bool = False
    is_office_only: bool = False
    next_label: str | Promise = ""
    next_url: str = ""

    def is_for(self, user: Any) -> bool:
        """Whether this log-in may do it."""
        return bool(user.has_perm(self.permission)) and (not self.is_office_only or may_see_office_fields(user))


def bulk_verbs(*, user: Any) -> list[BulkVerb]:
    """What this log-in may do with a list."""
    return [verb for verb in _every_verb() if verb.is_for(user)]


def verb_called(key: str) -> BulkVerb | None:
    """The verb with that key."""
    return next((verb for verb in _every_verb() if verb.key == key), None)


def _every_verb() -> Iterable[BulkVerb]:
    """Each that the organisation has a use for: a hook without one gives nothing."""
    return (verb for make in hooks.get_hooks("bulk_verb") if (verb := make()))


@transaction.atomic
def start(*, verb: BulkVerb, answers: QueryDict, members: MemberQuerySet, at: datetime, by: User) -> BulkRun:
    """Fix who is on the list and what was answered. Refuses an empty list. The caller enqueues the first portion."""
    ids = list(members.order_by("last_name", "first_names", "pk").values_list("pk", flat=True))
    if not ids:
        raise Refused(_("Nobody is on this list."), code="empty")
    kept = {name: answers.getlist(name) for name in verb.form_class.base_fields}
    return BulkRun.objects.create(verb=verb.key, answers=kept, members=ids, total=len(ids), asked_at=at, asked_by=by,
                                  moved_at=at)  # fmt: skip


@transaction.atomic
def carry_on(*, run_id: int, on: date, at: datetime) -> bool:
    """Do the next portion; return whether there is more to do. Two workers take turns; a stopped run stays stopped."""
    run = BulkRun.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=run_id)
    if not run.is_under_way:
        return False
    verb = verb_called(run.verb)
    if verb is None:  # its app was switched off meanwhile
        stop(run=run, at=at, by=None)
        return False
    form = verb.form_class(_as_sent(run.answers))
    everybody = Member.objects.all()
    if run.asked_by is not None:
        scope.narrow_form(form, run.asked_by)
        everybody = scope.visible_to(run.asked_by, everybody)
    form.full_clean()
    ids = run.members[run.position : run.position + PORTION]
    found = everybody.in_bulk(ids)
    for pk in ids:
        try:
            with transaction.atomic():
                if pk not in found:
                    raise Refused(_("Is not in the registry any more."), code="gone")
                doing = Doing(member=found[pk], answers=form.cleaned_data, on=on, at=at, by=run.asked_by)
                run.changed += verb.perform(doing)
        except Refused as refusal:
            run.refused.append({"member": pk, "why": refusal.sentence})  # no name: who is erased is not named here
    run.position += len(ids)
    run.moved(at=at)
    if run.position >= run.total:
        run.state, run.finished_at = State.DONE, at
    # Not the list: it is long.
    run.save(update_fields=["changed", "refused", "position", "state", "moved_at", "rings", "finished_at"])
    return run.state == State.RUNNING


@transaction.atomic
def stop(*, run: BulkRun, at: datetime, by: User | None) -> bool:
    """Stop after the portion under way. What has been done stays done: true when there was something to stop."""
    stopped = BulkRun.objects.filter(pk=run.pk, state=State.RUNNING).update(state=State.STOPPED, finished_at=at)
    if stopped:
        log(instance=run, action="membership.list.stopped", user=by)
    return bool(stopped)


def _as_sent(answers: dict[str, list[str]]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, values in answers.items():
        data.setlist(name, values)
    return data
