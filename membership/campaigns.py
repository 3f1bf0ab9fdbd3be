"""Campaign codes: whether one may be used, what it does to the price of the first period; and who recruited whom."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from core import money
from core.errors import Refused
from membership.models import Application, Campaign, Member, MembershipType
from membership.models.member_queries import MemberQuerySet

State = Application.State


@dataclass(frozen=True, kw_only=True)
class Discount:
    """What a campaign makes of a price. `params` are the facts for the sentence that says why."""

    campaign: Campaign

    def price_of(self, usual: Decimal) -> Decimal:
        """The price instead of the usual one: never higher."""
        if self.campaign.price is not None:
            return min(usual, self.campaign.price)
        percent = self.campaign.percent or Decimal(0)
        return money.rounded(usual * (100 - percent) / 100)

    @property
    def params(self) -> dict[str, str]:
        percent = self.campaign.percent
        return {"name": self.campaign.name, "percent": format(Decimal(percent).normalize(), "f") if percent else ""}


def are_used() -> bool:
    """Whether the organisation has campaign codes."""
    return bool(settings.CLIENT.membership.campaigns)


def discount_for(
    member: Member | None, type: MembershipType, on: date, *, promised: Campaign | None = None
) -> Discount | None:
    """What the code somebody joined with does to a term of that type that begins on the date: the first one only.

    Whether the code was valid is settled when it is given (`find`); from then on the price is promised. That of a
    code on a form (`promised`) is so also where the form turns out to be somebody's who has been a member before.
    """
    if promised is not None:
        return Discount(campaign=promised) if _is_for(promised, type) else None
    if member is None or member.campaign is None or not _is_for(member.campaign, type):
        return None
    if member.pk and member.periods.filter(starts_on__lt=on).exclude(type__kind=MembershipType.Kind.TRIAL).exists():
        return None
    return Discount(campaign=member.campaign)


def _is_for(campaign: Campaign, type: MembershipType) -> bool:
    """Whether it counts for the type; the others of a household follow their main member."""
    types = list(campaign.types.all())
    return not types or type in types or type.kind == MembershipType.Kind.HOUSEHOLD_SECONDARY


def find(*, code: str, on: date, type: MembershipType | None = None) -> Campaign:
    """Return the campaign of a code that may be used on the date for the type. Refuses any other with its reason."""
    typed = "".join(code.split()).upper()
    campaign = Campaign.objects.prefetch_related("types").filter(code=typed).first()
    if campaign is None:
        raise Refused(_("We do not know the code “%(code)s”. Check how it is spelt, or leave it empty."),
                      code="unknown", params={"code": code.strip()})  # fmt: skip
    if on < campaign.valid_from:
        words = {"code": campaign.code, "date": date_format(campaign.valid_from)}
        raise Refused(
            _("The code %(code)s counts from %(date)s. Come back then, or leave it empty."), code="early", params=words
        )
    if campaign.valid_to and on > campaign.valid_to:
        words = {"code": campaign.code, "date": date_format(campaign.valid_to)}
        raise Refused(
            _("The code %(code)s ended on %(date)s. Leave it empty to join at the usual price."),
            code="ended", params=words,
        )  # fmt: skip
    if campaign.max_uses is not None and uses(campaign) >= campaign.max_uses:
        raise Refused(_("The code %(code)s is used up. Leave it empty to join at the usual price."),
                      code="used_up", params={"code": campaign.code})  # fmt: skip
    if type is not None and not _is_for(campaign, type):
        raise Refused(_("The code %(code)s is not for “%(type)s”. Choose another membership, or leave it empty."),
                      code="type", params={"code": campaign.code, "type": type.name})  # fmt: skip
    return campaign


def take(*, campaign: Campaign, on: date, type: MembershipType) -> Campaign:
    """Find it again for a form that is being sent, and let others wait: the last use is given once.

    Call it in the transaction that keeps the form.
    """
    Campaign.objects.select_for_update().filter(pk=campaign.pk).first()
    return find(code=campaign.code, on=on, type=type)


def uses(campaign: Campaign) -> int:
    """How many joining forms have used it; those that were refused, or never confirmed, do not count."""
    return campaign.applications.exclude(state__in=[State.REFUSED, State.EXPIRED]).count()


# --- recruiters -------------------------------------------------------------------------------------------------------


def recruiter(number: str) -> Member | None:
    """The living member of a number somebody gave; none for a number that is nobody's.

    The joining form takes any number: it must not tell strangers which there are.
    """
    return Member.objects.alive().numbered("".join(number.split())).first() if number.strip() else None


def recruiters(*, first: date | None = None, last: date | None = None) -> MemberQuerySet:
    """Those who have recruited somebody, with `recruited` and, of these, `paid`: how many have paid a membership.

    Between `first` and `last`, both included, where they are given: the days on which they became members, and paid.
    """
    came, paying = Q(recruits__isnull=False), Q(recruits__periods__price__gt=0)
    paying &= Q(recruits__periods__confirmed_on__isnull=False)
    for day, lookup in ((first, "gte"), (last, "lte")):
        if day:
            came &= Q(**{f"recruits__registered_on__{lookup}": day})
            paying &= Q(**{f"recruits__periods__confirmed_on__{lookup}": day})
    counted = Member.objects.annotate(
        recruited=Count("recruits", filter=came, distinct=True), paid=Count("recruits", filter=paying, distinct=True)
    )
    found = counted.filter(Q(recruited__gt=0) | Q(paid__gt=0))
    return found.order_by("-paid", "-recruited", "last_name", "first_names", "pk")
