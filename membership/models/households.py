"""Households: who lives together and pays as one, while each stays a member of their own."""

from datetime import date

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from .periods import Period, PeriodQuerySet
from .types import MembershipType

Kind = MembershipType.Kind
ADULT_AT = 27  # children of a household are asked to choose a membership of their own at this age


def holding(periods: PeriodQuerySet, *kinds: str) -> PeriodQuerySet:
    """Terms of one of the kinds; a trial is of the kind it will become."""
    return periods.filter(Q(type__kind__in=kinds) | Q(type__kind=Kind.TRIAL, wanted_type__kind__in=kinds))


class HouseholdQuerySet(models.QuerySet["Household"]):
    def to_look_at(self, *, on: date, with_payers: bool = True) -> "HouseholdQuerySet":
        """Those with at least one warning on the date: the same that `households.warnings` says in sentences.

        `with_payers` is for those who may know who pays for whom.
        """
        from .members import Member

        here = Period.objects.covering(on).filter(member__household=OuterRef("pk"), member__died_on__isnull=True)
        secondary = holding(here, Kind.HOUSEHOLD_SECONDARY)
        mains = holding(here, Kind.HOUSEHOLD_MAIN).order_by().values("member__household")
        of_main = Period.objects.covering(on).filter(member=OuterRef("main_member"))
        year = on.year - ADULT_AT
        grown = secondary.exclude(member=OuterRef("main_member")).filter(
            member__born_on__gte=date(year, 1, 1), member__born_on__lte=date(year, 12, 31)
        )
        others = Member.objects.filter(household=OuterRef("pk"), died_on__isnull=True)
        dead_payer = Q(main_member__died_on__isnull=True, main_member__payer__died_on__isnull=False)
        return self.annotate(
            mains=Coalesce(Subquery(mains.annotate(number=Count("member", distinct=True)).values("number")), 0)
        ).filter(
            Q(main_member__isnull=True)
            | (Q(main_member__died_on__isnull=False) & Exists(others))
            | (dead_payer if with_payers else Q(pk__in=[]))
            | (Q(main_member__died_on__isnull=True) & ~Exists(of_main) & Exists(secondary))
            | Q(mains__gt=1)
            | Exists(grown)
        )


class Household(models.Model):
    """Members at one address with one main member. It pays as one: one invoice, a line a person."""

    main_member = models.OneToOneField(
        "membership.Member", models.SET_NULL, null=True, blank=True, related_name="heads",
        verbose_name=_("main member"),
    )  # fmt: skip
    legacy_id = models.CharField(
        _("old number"), max_length=40, blank=True, db_index=True, help_text=_("As imported, not interpreted.")
    )
    formed_on = models.DateField(_("formed on"))

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")

    def __str__(self) -> str:
        return str(self.main_member or _("Household without main member"))
