"""What a joining page offers: which types, and the line that says what each costs."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _

from core import money
from membership import prices
from membership.models import Campaign, JoinPage, Member, MembershipType

Kind = MembershipType.Kind
_FOR_JOINERS = (Kind.ORDINARY, Kind.HOUSEHOLD_MAIN, Kind.SPECIAL)


def offered_types(page: JoinPage) -> list[MembershipType]:
    """The types a visitor may choose: the page's own choice, else every selectable type, in the office's order.

    A household's other type, a trial and "not a member" are never chosen; they follow from the choice.
    """
    membership = settings.CLIENT.membership
    chosen: Sequence[MembershipType] = list(page.types.all()) or list(MembershipType.objects.selectable())
    households = page.households and membership.household_joining
    return [
        type_
        for type_ in sorted(chosen, key=lambda type_: (type_.order, type_.code))
        if type_.kind in _FOR_JOINERS
        and (households or type_.kind != Kind.HOUSEHOLD_MAIN)
        and (membership.organisations_may_join or not type_.is_for_organisations)
    ]


def price_line(type: MembershipType, on: date, *, campaign: Campaign | None = None) -> str:
    """What a type costs somebody who joins on the date, in a few words; with the campaign whose link they followed.

    Nothing where nobody pays for anything: "free" would make one look for what is not.
    """
    if not settings.CLIENT.membership.dues:
        return ""
    joiner = Member(campaign=campaign) if campaign else None
    now = prices.quote(member=joiner, type=type, on=on, joining=True).amount
    if not type.price and not now:
        return _("Free")
    values = {"price": money.formatted(type.price), "now": money.formatted(now)}
    if type.frequency == MembershipType.Frequency.PERMANENT:
        line = _("%(now)s once, for life") % values
    elif type.frequency == MembershipType.Frequency.NEVER:
        line = values["now"]
    elif now != type.price:
        line = _("%(now)s now, later %(price)s a year") % values
    else:
        line = _("%(price)s a year") % values
    return line + _for_the_others(type)


def _for_the_others(type: MembershipType) -> str:
    """What the rest of a household costs."""
    secondary = MembershipType.objects.of_kind(Kind.HOUSEHOLD_SECONDARY) if type.kind == Kind.HOUSEHOLD_MAIN else None
    if secondary is None:
        return ""
    if not secondary.price:
        return " " + _("for the whole household")
    return " " + _("and %(price)s for each of the others") % {"price": money.formatted(secondary.price)}
