"""Households: formed, joined, left, split, put together and handed over. Warnings are shown, not raised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core import dates
from core.audit import log_many
from core.errors import Refused
from core.inserts import update_many
from core.models import User
from membership import members as member_story
from membership.models import Household, Member, MembershipType, Period
from membership.models.households import ADULT_AT, holding
from membership.models.member_queries import MemberQuerySet

Kind = MembershipType.Kind
# What `warnings` looks at: `prefetch_related(*WITH_WARNINGS)` makes it a fixed number of queries.
WITH_WARNINGS = (
    "members__periods__type", "members__periods__wanted_type", "main_member__periods", "main_member__payer",
)  # fmt: skip
ADDRESS = ("address_line_1", "address_line_2", "postcode", "place", "country")


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
    update_many(everybody, ["household"])
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
    if to.died_on:
        raise Refused(_("%(name)s has died. Choose somebody else."), code="deceased", params={"name": to.full_name})
    if household.main_member_id == to.pk:
        return
    household.main_member = to
    household.save(update_fields=["main_member"])
    log(instance=to, action="membership.household.handed_over", user=by)


def successors(*, household: Household) -> list[Member]:
    """Return who may become main member, the likeliest first: the living others, the oldest first."""
    others = [member for member in household.members.alive() if member.pk != household.main_member_id]
    return sorted(others, key=lambda member: (member.born_on or date.max, member.pk))


def needs_successor(*, member: Member, with_payers: bool = True) -> bool:
    """Whether others wait for somebody instead of this member: as their main member, or as who pays.

    `with_payers` is for those who may know who pays for whom.
    """
    home = member.household
    leads = home is not None and member.is_main_member and home.members.alive().exclude(pk=member.pk).exists()
    return leads or (with_payers and member.pays_for.alive().exists())


@transaction.atomic
def split(
    *, household: Household, members: Sequence[Member], main_member: Member, on: date, by: User | None = None
) -> Household:
    """Let some move out together, into a household of their own. Return the new one.

    When the old main member is among them, those who stay get the oldest of themselves as main member. Everybody
    keeps the membership they have.
    """
    moving = {member.pk for member in members}
    staying = [member for member in household.members.all() if member.pk not in moving]
    strangers = [member for member in members if member.household_id != household.pk]
    if strangers:
        raise Refused(_("%(name)s is not in this household. Add the person first."), code="not_in_household",
                      params={"name": strangers[0].full_name})  # fmt: skip
    if not moving or not staying:
        raise Refused(_("Choose some who move out, and let somebody stay."), code="everybody")
    if household.main_member_id in moving:
        first = next((member for member in successors(household=household) if member.pk not in moving), staying[0])
        hand_over(household=household, to=first, by=by)
    for member in members:
        member.household = household  # as it is now, with its new main member
        remove(member=member, by=by)
    return form(members=members, main_member=main_member, on=on, by=by)


@transaction.atomic
def move_together(*, household: Household, other: Household, by: User | None = None) -> None:
    """Let everybody of another household move in here. The main member here stays main member; the other is gone.

    Invitations to the other household are withdrawn with it.
    """
    if other.pk == household.pk:
        raise Refused(_("They live together already. Choose somebody of another household."), code="same_household")
    people = list(other.members.all())
    Member.objects.filter(household=other).update(household=household)
    other.delete()
    log_many(instances=people, action="membership.household.joined", user=by)


@transaction.atomic
def relocate(
    *, household: Household, address: Mapping[str, Any], at: datetime, by: User | None, source: str = "office"
) -> list[Member]:
    """Give everybody who lives at the main member's address the new one, and return them.

    Who has an address of their own, a student say, keeps it. `address` holds the fields of `ADDRESS`.
    """
    main = household.main_member
    if main is None:
        raise Refused(_("The household has no main member. Choose one first."), code="main_member")
    old = _address_of(main)
    movers = [member for member in household.members.alive() if _address_of(member) == old]
    for member in movers:
        member_story.change(member=member, changes=dict(address), at=at, by=by, source=source)
    return movers


def _address_of(member: Member) -> tuple[str, ...]:
    return tuple(str(getattr(member, name)).casefold() for name in ADDRESS)


@transaction.atomic
def pay_for(*, people: Sequence[Member], payer: Member | None, at: datetime, by: User | None) -> None:
    """Let somebody else get these members' invoices from now on; none: each their own. Invoices sent stay sent."""
    if payer is not None and payer.died_on:
        raise Refused(_("%(name)s has died. Choose somebody else."), code="deceased", params={"name": payer.full_name})
    if payer is not None and payer in people:
        raise Refused(_("Choose somebody else than the member, or nobody."), code="same")
    for member in people:
        member_story.change(member=member, changes={"payer": payer}, at=at, by=by)


def warnings(*, household: Household, on: date, with_payers: bool = True) -> list[str]:
    """Return what somebody should look at: sentences, none of which stops anything.

    `with_payers` is for those who may know who pays for whom. Prefetch `WITH_WARNINGS` in lists.
    `Household.objects.to_look_at(on=…)` finds the households that have any.
    """
    members = [member for member in household.members.all() if not member.died_on]
    kinds = {member.pk: _kinds_of(member, on) for member in members}
    found = _about_main_member(household, members, kinds, on)
    main = household.main_member
    if with_payers and main and not main.died_on and main.payer and main.payer.died_on:
        found.append(_payer_died(main.payer))
    mains = [member for member in members if Kind.HOUSEHOLD_MAIN in kinds[member.pk]]
    if len(mains) > 1:
        names = ", ".join(member.full_name for member in mains)
        found.append(_("More than one pays as main member: %(names)s.") % {"names": names})
    for member in members:
        is_secondary = Kind.HOUSEHOLD_SECONDARY in kinds[member.pk]
        if is_secondary and member.born_on and member.pk != household.main_member_id:
            age = dates.age_on(member.born_on, dates.last_of_year(on))
            if age == ADULT_AT:
                found.append(_("%(name)s turns %(age)s this year.") % {"name": member.full_name, "age": age})
    return found


def _kinds_of(member: Member, on: date) -> set[str]:
    """The kinds of the terms that run; a trial's is the one it will become."""
    return {period.invoiced_type.kind for period in member.periods.all() if period.covers(on)}


def _about_main_member(
    household: Household, members: Sequence[Member], kinds: Mapping[int, set[str]], on: date
) -> list[str]:
    main = household.main_member
    if main is None:
        return [_("The household has no main member, so nobody gets its invoice. Choose one.")]
    if main.died_on:
        return [_("The main member has died. Choose another main member.")] if members else []
    found = []
    carried = [member for member in members if Kind.HOUSEHOLD_SECONDARY in kinds[member.pk]]
    if carried and not any(period.covers(on) for period in main.periods.all()):
        found.append(_("%(name)s is the main member, and not a member any more.") % {"name": main.full_name})
    return found


def _payer_died(payer: Member) -> str:
    return _("%(name)s, who pays, has died. Choose another payer.") % {"name": payer.full_name}


def loose_members(*, on: date, with_payers: bool = True) -> MemberQuerySet:
    """Return people to look at who are in no household: with a household's membership, or with a payer who died.

    `with_payers` is for those who may know who pays for whom.
    """
    running = Period.objects.covering(on).filter(member=OuterRef("pk"))
    in_household_type = Exists(holding(running, Kind.HOUSEHOLD_MAIN, Kind.HOUSEHOLD_SECONDARY))
    dead_payer = Q(payer__died_on__isnull=False) & Exists(running) if with_payers else Q(pk__in=[])
    return Member.objects.alive().filter(household__isnull=True).filter(in_household_type | dead_payer)


def loose_warning(*, member: Member, on: date, with_payers: bool = True) -> str:
    """Return the sentence about one of `loose_members`. Reads `member.periods.all()` and `member.payer`."""
    if with_payers and member.payer and member.payer.died_on:
        return _payer_died(member.payer)
    return _("Has a household's membership and is in no household. Add the person to one, or change the membership.")
