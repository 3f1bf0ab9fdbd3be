"""Returning by the joining form: the office says that the main applicant is somebody in the registry.

The old entry keeps its number and history and takes over what was typed; "member since" follows the rule for gaps, as
with everybody who comes back. Others on the form get entries of their own; who may have been there already is listed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import dates
from core.errors import Refused
from core.models import User
from membership import applications, campaigns, consents, households, joining, mails, members
from membership.fields import MEMBER_EDITABLE
from membership.members import PersonData
from membership.models import Application, Member
from membership.models.member_queries import MemberQuerySet

State = Application.State
_TAKEN_OVER = (*MEMBER_EDITABLE, "born_on", "organisation_number", "contact_person")


def candidates(*, application: Application) -> MemberQuerySet:
    """The living entries that the main applicant may be: by the rules of likeness, nobody else."""
    person = applications.people_of(application)[:1]
    alike = applications.possible_duplicates(people=person)
    return Member.objects.alive().filter(pk__in=alike, kind__in=[one.kind for one in person])


def others_alike(*, application: Application, entry: Member) -> MemberQuerySet:
    """The living entries that the others on the form may be: they are registered anew, so somebody has to look."""
    others = applications.people_of(application)[1:]
    alike = applications.possible_duplicates(people=others) if others else Member.objects.none()
    return Member.objects.alive().filter(pk__in=alike).exclude(pk=entry.pk)


def changes_for(*, application: Application, entry: Member) -> dict[str, Any]:
    """What the form would change on the entry: what was typed and differs. What was left empty changes nothing."""
    person = applications.people_of(application)[0]
    typed = {name: getattr(person, name) for name in _TAKEN_OVER if getattr(person, name, "") not in ("", None)}
    typed["language"] = application.language
    return {name: value for name, value in typed.items() if getattr(entry, name) != value}


@transaction.atomic
def approve_as(*, application: Application, entry: Member, at: datetime, by: User) -> Application:
    """The office says yes, and that the main applicant is the one of this entry. Again, it changes nothing.

    Others on the form are registered and live with the entry; entries that may be theirs already stay listed on the
    application, for the office to merge. The price that a campaign has promised on the form counts. Refuses who is a
    member already, or is nobody that the form may mean.
    """
    application = Application.objects.select_for_update(of=("self",)).select_related("wanted_type").get(
        pk=application.pk
    )  # fmt: skip
    if application.state == State.JOINED and application.main_member_id == entry.pk:
        return application
    if application.state != State.AWAITING_APPROVAL:
        raise Refused(_("This application is not waiting for the office."), code="state")
    if not candidates(application=application).filter(pk=entry.pk).exists():
        raise Refused(_("%(name)s is not like anybody on the form. Choose one of those beside it."), code="not_alike",
                      params={"name": entry.full_name})  # fmt: skip
    entry = Member.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    members.change(member=entry, changes=changes_for(application=application, entry=entry), at=at, by=by)
    _remember_recruiter(application, entry, at, by)
    alike = list(others_alike(application=application, entry=entry))
    people = [entry, *_register_others(application, entry, at, by)]
    given = [answer for answer in applications.consents_of(application) if answer.is_given]
    for answer in given:
        consents.record(
            member=entry, purpose=answer.purpose, channel=answer.channel, is_given=True, at=at, source="form",
            text=answer.text,
        )  # fmt: skip
    joined = joining.come_back(
        people=people, wanted_type=application.wanted_type, on=dates.day_of(at), at=at, source="joined", trial=True,
        by=by, campaign=application.campaign,
    )  # fmt: skip
    application.state, application.decided_at, application.main_member = State.JOINED, at, entry
    application.save()
    application.possible_duplicates.set(alike)
    mails.welcome(application=application, joined=joined, at=at)
    return application


def _remember_recruiter(application: Application, entry: Member, at: datetime, by: User) -> None:
    """Who brought them back, where nobody is remembered for bringing them the first time."""
    recruiter = campaigns.recruiter(application.recruiter_number)
    if recruiter is not None and recruiter != entry and entry.recruited_by_id is None:
        members.change(member=entry, changes={"recruited_by": recruiter}, at=at, by=by)


def _register_others(application: Application, entry: Member, at: datetime, by: User) -> Sequence[Member]:
    """Those who join with the one who comes back; they move in, where there is a household already."""
    others: list[PersonData] = applications.people_of(application)[1:]
    home = entry.household
    if home is not None and others and not entry.is_main_member:
        raise Refused(
            _("%(name)s lives in the household of %(main)s. Let %(name)s move out first, or make %(name)s main "
              "member."),
            code="household", params={"name": entry.full_name, "main": str(home.main_member or "")},
        )  # fmt: skip
    new = members.create_many(
        entries=[members.Entry(data=person) for person in others], on=dates.day_of(at), language=application.language,
        by=by,
    )  # fmt: skip
    for member in new if home is not None else ():
        households.add(household=home, member=member, by=by)  # type: ignore[arg-type]
    for_all = [answer for answer in applications.consents_of(application) if answer.purpose in consents.FOR_ALL]
    consents.record_each(members=new, given=for_all, at=at, source="form", by=by)
    return new
