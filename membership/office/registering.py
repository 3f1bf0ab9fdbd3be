"""The office registers somebody: the same as joining on the website, with the office's choices."""

from datetime import date, datetime

from django.db import transaction

from core.models import User
from membership import branches, households, joining, members
from membership.members import PersonData
from membership.models import Branch, Member, MembershipType, Period


@transaction.atomic
def register(
    *, person: PersonData, wanted_type: MembershipType | None, on: date, at: datetime, language: str, by: User | None,
    household_of: Member | None = None, trial: bool = True, branch: Branch | None = None,
) -> Member:  # fmt: skip
    """Put somebody in the registry and, with a type, make a member of them from `on`; return the entry.

    With `household_of` they move in there; the household is made, with that member as the main one, when there is
    none. Without a type nothing is owed: a payer, a donor. `branch` goes before what the postcode says. Refuses, with
    nothing written, what joining would refuse.
    """
    if wanted_type is None:
        member = members.create(data=person, on=on, language=language, by=by)
    else:
        joined = joining.join(
            people=[person], wanted_type=wanted_type, on=on, at=at, source=Period.Source.OFFICE, language=language,
            trial=trial, by=by,
        )  # fmt: skip
        member = joined.main_member
    if branch is not None:
        branches.place(member=member, branch=branch)
    if household_of is not None:
        _move_in(member, household_of, on, by)
    return member


def _move_in(member: Member, household_of: Member, on: date, by: User | None) -> None:
    if member.household_id:
        households.remove(member=member, by=by)  # a family type makes a household of one
    if household_of.household is None:
        households.form(members=[household_of, member], main_member=household_of, on=on, by=by)
    else:
        households.add(household=household_of.household, member=member, by=by)
