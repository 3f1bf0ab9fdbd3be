"""Applications: the joining form as it came in, until the e-mail is confirmed and the office, where asked, agrees.

Nobody is in the registry before that. The answer to the sender is the same whether the address is known or not; the
office sees who might be there already.
"""

import dataclasses
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from core import dates
from core.errors import Refused
from core.models import User
from core.results import Result
from membership import branches, campaigns, duplicates, joining, mails
from membership.consents import ConsentGiven
from membership.members import PersonData
from membership.models import Application, Campaign, ConsentText, Member, MembershipType

State = Application.State
CONFIRM_WITHIN = timedelta(days=7)
_LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"  # none that look alike, no vowels that make words


@transaction.atomic
def apply(
    *, token: UUID, people: Sequence[PersonData], wanted_type: MembershipType, consents: Sequence[ConsentGiven],
    language: str, at: datetime, campaign: Campaign | None = None, recruiter_number: str = "",
) -> Application:  # fmt: skip
    """Keep a joining form and send the mail that confirms its address. The same token again gives the first one.

    Refuses what `joining.join` would refuse, so that nobody confirms in vain, and a campaign that is over or used up.
    """
    if campaign is not None and not Application.objects.filter(token=token).exists():
        campaign = campaigns.take(campaign=campaign, on=dates.day_of(at), type=wanted_type)
    joining.preview(people=people, wanted_type=wanted_type, on=dates.day_of(at), campaign=campaign)
    application, is_new = Application.objects.get_or_create(
        token=token,
        defaults={
            "reference": _reference(token),
            "name": people[0].full_name,
            "email": people[0].email,
            "language": language,
            "wanted_type": wanted_type,
            "answers": _answers(people, consents),
            "branch": branches.of_postcodes([people[0].postcode if people[0].country == "NO" else ""])[0],
            "campaign": campaign,
            "recruiter_number": recruiter_number,
            "sent_at": at,
        },
    )
    if is_new:
        mails.confirm_application(application=application, at=at)
    return application


def _reference(token: UUID) -> str:
    """Eight letters and digits to tell on the phone."""
    number, letters = token.int, ""
    for _position in range(8):
        number, rest = divmod(number, len(_LETTERS))
        letters += _LETTERS[rest]
    return letters


def _answers(people: Sequence[PersonData], consents: Sequence[ConsentGiven]) -> dict[str, Any]:
    rows = [{**dataclasses.asdict(p), "born_on": p.born_on.isoformat() if p.born_on else None} for p in people]
    agreed = [
        {"purpose": c.purpose, "channel": c.channel, "text": c.text.pk if c.text else None}
        for c in consents
        if c.is_given
    ]
    return {"people": rows, "consents": agreed}


def people_of(application: Application) -> list[PersonData]:
    """The people on the form, the main member first."""
    return [
        PersonData(**{**row, "born_on": date.fromisoformat(row["born_on"]) if row["born_on"] else None})
        for row in application.answers["people"]
    ]


def consents_of(application: Application) -> list[ConsentGiven]:
    """What was agreed to, with the texts shown."""
    texts = ConsentText.objects.in_bulk([row["text"] for row in application.answers["consents"] if row["text"]])
    return [
        ConsentGiven(purpose=row["purpose"], channel=row["channel"], text=texts.get(row["text"]))
        for row in application.answers["consents"]
    ]


@transaction.atomic
def confirm(*, application: Application, at: datetime) -> Application:
    """The address is theirs: they join, or wait for the office. Confirming again changes nothing."""
    application = _locked(application)
    if application.state != State.UNCONFIRMED:
        return application
    if at - application.sent_at > CONFIRM_WITHIN:
        raise Refused(_("This link is older than seven days. Please fill in the form again."), code="old_link")
    application.confirmed_at = at
    if settings.CLIENT.membership.approval:
        application.state = State.AWAITING_APPROVAL
        application.possible_duplicates.set(possible_duplicates(people=people_of(application)))
        application.save()
        return application
    return _join(application, at=at, by=None)


@transaction.atomic
def approve(*, application: Application, at: datetime, by: User) -> Application:
    """The office says yes. Approving again changes nothing."""
    application = _locked(application)
    if application.state == State.JOINED:
        return application
    if application.state != State.AWAITING_APPROVAL:
        raise Refused(_("This application is not waiting for the office."), code="state")
    return _join(application, at=at, by=by)


@transaction.atomic
def refuse(*, application: Application, at: datetime, by: User, reason: str, words: str = "") -> Application:
    """The office says no; the reason stands in the log. Nobody enters the registry. Again, it changes nothing.

    Who has confirmed the address is told, with the office's `words`; nobody else, for it may be a stranger's address.
    """
    application = _locked(application)
    if application.state == State.REFUSED:
        return application
    if application.state == State.JOINED:
        raise Refused(_("They have joined already. End the membership instead."), code="state")
    application.state, application.decided_at = State.REFUSED, at
    application.save()
    log(instance=application, action="membership.application.refused", user=by, data={"reason": reason})
    if application.confirmed_at is not None:
        mails.application_refused(application=application, words=words.strip(), at=at)
    return application


def _join(application: Application, *, at: datetime, by: User | None) -> Application:
    people = people_of(application)
    alike = list(possible_duplicates(people=people))
    joined = joining.join(
        people=people,
        wanted_type=application.wanted_type,
        on=dates.day_of(at),
        at=at,
        language=application.language,
        consents=consents_of(application),
        campaign=application.campaign,
        recruited_by=campaigns.recruiter(application.recruiter_number),
        by=by,
    )
    application.state, application.decided_at = State.JOINED, at
    application.main_member = joined.main_member
    application.save()
    application.possible_duplicates.set(alike)
    mails.welcome(application=application, joined=joined, at=at)
    return application


def possible_duplicates(*, people: Sequence[PersonData]) -> QuerySet[Member]:
    """Members who may be the same as somebody on the form, by the rules of membership/likeness.py."""
    return Member.objects.filter(pk__in=[member.pk for member, _likeness in duplicates.alike(people=people)])


def expire_unconfirmed(*, at: datetime) -> Result:
    """Forget what was typed on forms nobody confirmed in time."""
    result = Result()
    rows = Application.objects.filter(state=State.UNCONFIRMED, sent_at__lt=at - CONFIRM_WITHIN)
    nothing: dict[str, Any] = {"people": [], "consents": []}
    if number := rows.update(state=State.EXPIRED, decided_at=at, answers=nothing, name="", email=""):
        result.add("forms forgotten", times=number)
    return result


def _locked(application: Application) -> Application:
    return Application.objects.select_for_update(of=("self",)).select_related("wanted_type").get(pk=application.pk)
