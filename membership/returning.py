"""Returning by the joining form: the office says that the main applicant is somebody in the registry.

The old entry keeps its number and history and takes over what was typed; "member since" follows the rule for gaps, as
with everybody who comes back. Others on the form come back with their own entries where nobody can be mistaken: see
`recognised`. The rest get new entries; who of them may have been there already is listed.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core import dates
from core.errors import Refused
from core.models import User
from membership import applications, campaigns, consents, households, joining, mails, members
from membership.fields import MEMBER_EDITABLE
from membership.members import PersonData
from membership.models import Application, Member, Period
from membership.models.member_queries import MemberQuerySet

State = Application.State
_TAKEN_OVER = (*MEMBER_EDITABLE, "born_on", "organisation_number", "contact_person")


def candidates(*, application: Application) -> MemberQuerySet:
    """The living entries that the main applicant may be: by the rules of likeness, nobody else."""
    person = applications.people_of(application)[:1]
    alike = applications.possible_duplicates(people=person)
    return Member.objects.alive().filter(pk__in=alike, kind__in=[one.kind for one in person])


def recognised(*, application: Application, entry: Member) -> dict[int, Member]:
    """The others on the form who are in the registry without a doubt, each by the place on the form, the first is 1.

    Whoever filled in the form has shown that the address of the old entry is theirs; they are of the entry's household,
    have the same name and date of birth, and no membership now. Anybody can type a family's names: whose address is
    another is believed nothing, and a stranger's form reaches nobody's entry.
    """
    people = applications.people_of(application)
    is_theirs = bool(entry.email) and people[0].email.strip().casefold() == entry.email.strip().casefold()
    if application.confirmed_at is None or not is_theirs or not entry.household_id:
        return {}
    on = dates.day_of(application.confirmed_at)
    later = Period.objects.with_last_day().filter(Q(last_on__isnull=True) | Q(last_on__gte=on), member=OuterRef("pk"))
    home = Member.objects.alive().filter(
        ~Exists(later), household=entry.household_id, kind=Member.Kind.PERSON, born_on__isnull=False
    )  # fmt: skip
    by_person: dict[tuple[str, Any], list[Member]] = {}
    for member in home.exclude(pk=entry.pk).order_by("pk"):
        by_person.setdefault(_told_by(member), []).append(member)
    on_form = [_told_by(person) for person in people]
    return {
        place: by_person[told][0]
        for place, told in enumerate(on_form)
        if place and len(by_person.get(told, ())) == 1 and on_form.count(told) == 1
    }


def _told_by(person: PersonData | Member) -> tuple[str, Any]:
    """The name as it is read, and the date of birth."""
    return unicodedata.normalize("NFC", " ".join(person.full_name.split())).casefold(), person.born_on


def others_anew(*, application: Application, entry: Member) -> list[PersonData]:
    """The others on the form who get new entries, in the form's order."""
    known = recognised(application=application, entry=entry)
    people = applications.people_of(application)
    return [person for place, person in enumerate(people) if place and place not in known]


def others_alike(*, application: Application, entry: Member) -> MemberQuerySet:
    """The living entries that those who are registered anew may be all the same: somebody has to look."""
    known = recognised(application=application, entry=entry).values()
    others = others_anew(application=application, entry=entry)
    alike = applications.possible_duplicates(people=others) if others else Member.objects.none()
    return Member.objects.alive().filter(pk__in=alike).exclude(pk__in=[entry.pk, *(member.pk for member in known)])


def changes_for(*, application: Application, entry: Member) -> dict[str, Any]:
    """What the form would change on the entry: what was typed and differs. What was left empty changes nothing."""
    person = applications.people_of(application)[0]
    typed = {name: getattr(person, name) for name in _TAKEN_OVER if getattr(person, name, "") not in ("", None)}
    typed["language"] = application.language
    return {name: value for name, value in typed.items() if getattr(entry, name) != value}


@transaction.atomic
def approve_as(*, application: Application, entry: Member, at: datetime, by: User) -> Application:
    """The office says yes, and that the main applicant is the one of this entry. Again, it changes nothing.

    Others on the form whom `recognised` knows come back with their entries, of which nothing changes; the rest are
    registered and live with the entry; entries that may be theirs already stay listed on the application, for the
    office to merge. The price that a campaign has promised on the form counts. Refuses who is a
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
    known = recognised(application=application, entry=entry)  # before the entry takes over what was typed
    alike = list(others_alike(application=application, entry=entry))
    anew = others_anew(application=application, entry=entry)
    members.change(member=entry, changes=changes_for(application=application, entry=entry), at=at, by=by)
    _remember_recruiter(application, entry, at, by)
    people = _everybody(entry, known, _register(application, entry, anew, at, by))
    _agree_for_all(application, known.values(), at)
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


def _everybody(entry: Member, known: dict[int, Member], new: Sequence[Member]) -> list[Member]:
    """The entries in the order of the form."""
    rest = iter(new)
    return [entry, *(known[place] if place in known else next(rest) for place in range(1, len(known) + len(new) + 1))]


def _register(
    application: Application, entry: Member, anew: Sequence[PersonData], at: datetime, by: User
) -> Sequence[Member]:
    """Those who join with the one who comes back; they move in, where there is a household already."""
    home = entry.household
    if home is not None and len(applications.people_of(application)) > 1 and not entry.is_main_member:
        raise Refused(
            _("%(name)s lives in the household of %(main)s. Let %(name)s move out first, or make %(name)s main "
              "member."),
            code="household", params={"name": entry.full_name, "main": str(home.main_member or "")},
        )  # fmt: skip
    new = members.create_many(
        entries=[members.Entry(data=person) for person in anew], on=dates.day_of(at), language=application.language,
        by=by,
    )  # fmt: skip
    for member in new if home is not None else ():
        households.add(household=home, member=member, by=by)  # type: ignore[arg-type]
    for_all = [answer for answer in applications.consents_of(application) if answer.purpose in consents.FOR_ALL]
    consents.record_each(members=new, given=for_all, at=at, source="form", by=by)
    return new


def _agree_for_all(application: Application, known: Iterable[Member], at: datetime) -> None:
    """Who fills in the form answers also for those who come back, but only what joining asks of all."""
    for_all = [answer for answer in applications.consents_of(application) if answer.purpose in consents.FOR_ALL]
    for member in known:
        for answer in for_all:
            consents.record(
                member=member, purpose=answer.purpose, channel=answer.channel, is_given=True, at=at, source="form",
                text=answer.text,
            )  # fmt: skip
