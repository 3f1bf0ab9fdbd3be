"""Households: formed, joined, left and handed over. Warnings are shown, not raised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core import dates
from core.audit import log_many
from core.errors import Refused
from core.models import User
from membership.models import Household, Member, MembershipType

ADULT_AT = 27  # children of a household are asked to choose a membership of their own at this age


@dataclass(frozen=True, kw_only=True)
class Home:
    """A household about to be formed. `legacy_id` is what an older register called it."""

    members: Sequence[Member]
    main_member: Member
    legacy_id: str = ""


@transaction.atomic
def form(*, members: Sequence[Member], main_member: Member, on: date, by: User | None = None) -> Household:
    """Make a household of members who are in none. The main member is one of them and gets the invoice."""
    return form_many(homes=[Home(members=members, main_member=main_member)], on=on, by=by)[0]


@transaction.atomic
def form_many(*, homes: Sequence[Home], on: date, by: User | None = None) -> list[Household]:
    """Make households, in the order given. Refuses, with nothing written, somebody who is in one already."""
    for home in homes:
        for member in home.members:
            if member.household_id:
                raise _in_a_household(member)
        if home.main_member not in home.members:
            raise Refused(_("The main member must be one of the household."), code="main_member")
    rows = Household.objects.bulk_create(
        [Household(main_member=home.main_member, formed_on=on, legacy_id=home.legacy_id) for home in homes],
        batch_size=500,
    )
    for home, row in zip(homes, rows, strict=True):
        for member in home.members:
            member.household = row
    everybody = [member for home in homes for member in home.members]
    Member.objects.bulk_update(everybody, ["household"], batch_size=500)
    log_many(instances=rows, action="membership.household.formed", user=by)
    return rows


def _in_a_household(member: Member) -> Refused:
    return Refused(
        _("%(name)s is in a household already. Remove the person there first."),
        code="in_household",
        params={"name": member.full_name},
    )


@transaction.atomic
def add(*, household: Household, member: Member, by: User | None = None) -> None:
    """Let somebody move in. Their membership stays as it is until the office or renewal changes its type."""
    if member.household_id == household.pk:
        return
    if member.household_id:
        raise _in_a_household(member)
    member.household = household
    member.save(update_fields=["household"])
    log(instance=member, action="membership.household.joined", user=by)


@transaction.atomic
def remove(*, member: Member, by: User | None = None) -> None:
    """Let somebody move out. The main member must hand over first, unless alone; an empty household is taken away."""
    household = member.household
    if household is None:
        return
    others = household.members.exclude(pk=member.pk)
    if member.is_main_member and others.exists():
        raise Refused(_("%(name)s is the main member. Choose another main member first."), code="main_member",
                      params={"name": member.full_name})  # fmt: skip
    member.household = None
    member.save(update_fields=["household"])
    log(instance=member, action="membership.household.left", user=by)
    if not others.exists():
        household.delete()


@transaction.atomic
def hand_over(*, household: Household, to: Member, by: User | None = None) -> None:
    """Make another of the household its main member: the next invoice goes there. Terms that run stay as they are."""
    if to.household_id != household.pk:
        raise Refused(_("%(name)s is not in this household. Add the person first."), code="not_in_household",
                      params={"name": to.full_name})  # fmt: skip
    if household.main_member_id == to.pk:
        return
    household.main_member = to
    household.save(update_fields=["main_member"])
    log(instance=to, action="membership.household.handed_over", user=by)


def warnings(*, household: Household, on: date) -> list[str]:
    """Return what somebody should look at: sentences, none of which stops anything."""
    members = list(household.members.prefetch_related("periods__type"))
    found = []
    if household.main_member is None:
        found.append(_("The household has no main member, so nobody gets its invoice. Choose one."))
    elif household.main_member.died_on:
        found.append(_("The main member has died. Choose another main member."))
    kinds = {member.pk: {p.type.kind for p in member.periods.all() if p.covers(on)} for member in members}
    mains = [member for member in members if MembershipType.Kind.HOUSEHOLD_MAIN in kinds[member.pk]]
    if len(mains) > 1:
        names = ", ".join(member.full_name for member in mains)
        found.append(_("More than one pays as main member: %(names)s.") % {"names": names})
    for member in members:
        is_secondary = MembershipType.Kind.HOUSEHOLD_SECONDARY in kinds[member.pk]
        if is_secondary and member.born_on and not member.is_main_member:
            age = dates.age_on(member.born_on, dates.last_of_year(on))
            if age == ADULT_AT:
                found.append(_("%(name)s turns %(age)s this year.") % {"name": member.full_name, "age": age})
    return found
