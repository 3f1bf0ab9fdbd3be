"""Joining: one function that every door calls, from the form on the website to a file with a thousand rows.

People are put in the registry, a household is formed, and the terms are opened. Whoever listens to `periods_opened`
invoices them. Nothing is sent from here but the welcome; whether an e-mail is confirmed is settled before
(see applications.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import dates
from core.errors import Refused
from core.models import User
from membership import consents as consent_story
from membership import households, members, periods, prices
from membership.consents import ConsentGiven
from membership.members import PersonData
from membership.models import Campaign, Household, Member, MembershipType, Period
from membership.signals import member_joined, member_left

__all__ = ["ConsentGiven", "Joined", "PersonData", "come_back", "join", "preview", "types_for"]

Kind = MembershipType.Kind


@dataclass(frozen=True, kw_only=True)
class Joined:
    """Who joined: the main member first, in the order of the form, with their terms in the same order."""

    main_member: Member
    members: list[Member]
    household: Household | None
    periods: list[Period]


def types_for(*, wanted_type: MembershipType, people_count: int) -> list[MembershipType]:
    """Return the type of each person: the wanted one, and the household's other type for those who come along."""
    if wanted_type.kind == Kind.NONE:
        raise Refused(_("“%(type)s” is not a membership. Choose another type."), code="no_membership",
                      params={"type": wanted_type.name})  # fmt: skip
    if people_count == 1:
        return [wanted_type]
    secondary = MembershipType.objects.of_kind(Kind.HOUSEHOLD_SECONDARY)
    if wanted_type.kind != Kind.HOUSEHOLD_MAIN or secondary is None:
        raise Refused(_("“%(type)s” is for one person. Choose a family membership to join together."),
                      code="one_person", params={"type": wanted_type.name})  # fmt: skip
    return [wanted_type, *[secondary] * (people_count - 1)]


def preview(
    *, people: Sequence[PersonData], wanted_type: MembershipType, on: date, campaign: Campaign | None = None
) -> list[prices.Quote]:
    """Return the price of each person with its reasons, as it would be on the date. Writes nothing."""
    types = types_for(wanted_type=wanted_type, people_count=len(people))
    joiner = Member(campaign=campaign) if campaign else None
    return [prices.quote(member=joiner, type=type_, on=on, joining=True) for type_ in types]


def refuse_wrong_age(*, person: PersonData | Member, type: MembershipType, on: date) -> None:
    """Refuse a type that is for another age, counted at 31 December of the year, and name the type that fits."""
    if person.born_on is None or (type.age_from is None and type.age_to is None):
        return
    age = dates.age_on(person.born_on, dates.last_of_year(on))
    if type.age_from is not None and age < type.age_from:
        raise Refused(_("“%(type)s” is for those of %(age)s or older at the end of the year. Choose another type."),
                      code="age", params={"type": type.name, "age": type.age_from})  # fmt: skip
    if type.age_to is not None and age > type.age_to:
        raise Refused(
            _("“%(type)s” is for those of %(age)s or younger at the end of the year. Choose another type."),
            code="age", params={"type": type.name, "age": type.age_to},
        )  # fmt: skip


@transaction.atomic
def join(
    *, people: Sequence[PersonData], wanted_type: MembershipType, on: date, at: datetime, source: str = "joined",
    language: str = "nb", consents: Sequence[ConsentGiven] = (), trial: bool = True, by: User | None = None,
    campaign: Campaign | None = None, recruited_by: Member | None = None,
) -> Joined:  # fmt: skip
    """Make members of one person, an organisation, or everybody at one address; the first is the main member.

    Where the organisation has a trial that is given at signup, everybody gets it while the wanted type is invoiced;
    `trial=False` skips it. A campaign makes the first term of each cheaper. Refuses, with nothing written, a type that
    does not fit the people.
    """
    if not people:
        raise Refused(_("Nobody is on the form. Fill in at least one person."), code="nobody")
    types = types_for(wanted_type=wanted_type, people_count=len(people))
    for person, type_ in zip(people, types, strict=True):
        refuse_wrong_age(person=person, type=type_, on=on)
    came_by = {"campaign": campaign, "recruited_by": recruited_by}
    rows = members.create_many(
        entries=[members.Entry(data=person, office=came_by) for person in people], on=on, language=language, by=by
    )
    household = None
    if len(rows) > 1 or wanted_type.kind == Kind.HOUSEHOLD_MAIN:
        household = households.form(members=rows, main_member=rows[0], on=on, by=by)
    consent_story.record_first(members=rows, given=consents, at=at, source=_consent_source(source), by=by)
    given = MembershipType.objects.given_at_signup() if trial else None
    terms = _terms(rows, types, on, source, given)
    opened = periods.open_periods(terms=terms, on=on, at=at)
    member_joined.send(sender=Member, member=rows[0], members=rows, on=on, at=at)
    return Joined(main_member=rows[0], members=rows, household=household, periods=opened)


@transaction.atomic
def come_back(
    *, people: Sequence[Member], wanted_type: MembershipType, on: date, at: datetime, source: str = "office",
    trial: bool = False, by: User | None = None, campaign: Campaign | None = None,
) -> Joined:  # fmt: skip
    """Make members again of people who are in the registry: nobody is registered twice. The first is the main member.

    "Member since" stays where the chain is unbroken, or the gap not longer than the organisation allows. What they
    were asked for a trial that ran out is credited. A campaign on their form makes this term cheaper. Refuses the dead,
    and who has a membership in that time already.
    """
    if not people:
        raise Refused(_("Nobody is on the form. Fill in at least one person."), code="nobody")
    types = types_for(wanted_type=wanted_type, people_count=len(people))
    for member, type_ in zip(people, types, strict=True):
        if member.died_on:
            raise Refused(_("%(name)s has died and cannot join."), code="deceased", params={"name": member.full_name})
        refuse_wrong_age(person=member, type=type_, on=on)
        _give_up_trials(member, on, at)
    household = people[0].household
    if household is None and (len(people) > 1 or wanted_type.kind == Kind.HOUSEHOLD_MAIN):
        household = households.form(members=people, main_member=people[0], on=on, by=by)
    given = MembershipType.objects.given_at_signup() if trial else None
    opened = periods.open_periods(terms=_terms(people, types, on, source, given, campaign), on=on, at=at)
    member_joined.send(sender=Member, member=people[0], members=list(people), on=on, at=at)
    return Joined(main_member=people[0], members=list(people), household=household, periods=opened)


def _give_up_trials(member: Member, on: date, at: datetime) -> None:
    """A trial that ran out unpaid makes no membership any more, however late it were paid."""
    old = member.periods.trials().unconfirmed().filter(end_reason=Period.EndReason.TRIAL_OVER)
    for trial in old.select_related("member", "type"):
        periods.end(period=trial, on=on, reason=Period.EndReason.CONVERTED, last_on=trial.ended_on)
        member_left.send(
            sender=Member, member=member, reason=Period.EndReason.TRIAL_OVER, periods=[trial], on=on, at=at
        )


def _consent_source(source: str) -> str:
    return {"joined": "form", "imported": "import"}.get(source, "office")


def _terms(
    rows: Sequence[Member],
    types: Sequence[MembershipType],
    on: date,
    source: str,
    given: MembershipType | None,
    promised: Campaign | None = None,
) -> list[periods.Term]:
    """The term of each person. A trial is for those who would have to pay: a free membership starts at once."""
    quotes = [
        prices.quote(member=row, type=type_, on=on, joining=True, promised=promised)
        for row, type_ in zip(rows, types, strict=True)
    ]
    on_trial = given is not None and any(quote.amount for quote in quotes)
    terms: list[periods.Term] = []
    for row, type_, quote in zip(rows, types, quotes, strict=True):
        if on_trial and given is not None:
            held, wanted = given, type_
            ends_on: date | None = dates.days_after(on, settings.CLIENT.membership.trial_days - 1)
        else:
            held, wanted = type_, None
            ends_on = periods.last_day(type=type_, starts_on=on, joining=True, member=row)
        terms.append(
            periods.Term(member=row, type=held, wanted_type=wanted, starts_on=on, ends_on=ends_on, quote=quote,
                         source=source, paid_with=terms[0] if terms else None)
        )  # fmt: skip
    return terms
