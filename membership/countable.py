"""Countable members: those a grant counts, for the year that is over. Each of the others has the reason why not.

What a traceable payment is, the app that keeps payments says, with a Wagtail hook that gives a query for terms:

    @hooks.register("traceable_terms")
    def terms_paid_by_payments() -> QuerySet[Any]:
        return …values("pk")

Where no app does, a term that is confirmed and cost something counts as paid.
"""

import datetime
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateField,
    DecimalField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from membership.models import Consent, Member, MembershipType, Period
from membership.models.member_queries import MemberQuerySet

COUNTS = "counts"
WHY: dict[str, Promise] = {
    COUNTS: _("Counts"),
    "organisation": _("Is an organisation"),
    "no_birth": _("Date of birth unknown"),
    "too_young": _("Too young"),
    "too_old": _("Too old"),
    "no_consent": _("Has not consented"),
    "not_paid": _("Had not paid by the end of the year"),
    "free": _("Pays nothing"),
    "not_traceable": _("The payment cannot be traced"),
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Who counts: the year, the ages at its 31 December (both included), the consent that must be given (none: no
    matter), and whether what the office marked as paid counts without a payment to show."""

    year: int
    age_from: int = 0
    age_to: int = 25
    purpose: str = "statutes"
    takes_marked: bool = False

    @property
    def on(self) -> date:
        return date(self.year, 12, 31)


def judged(*, members: MemberQuerySet, rule: Rule) -> QuerySet[Any]:
    """Those of the members who belonged at the year's end, with `why`: "counts", or the first reason of `WHY` that
    fits. One query, whatever their number."""
    running = Period.objects.covering(rule.on).begun().filter(member=OuterRef("pk")).order_by("-starts_on", "-pk")
    return (
        members.belonging(on=rule.on)
        .annotate(
            term=Subquery(running.values("pk")[:1], output_field=IntegerField()),
            price_then=Subquery(running.values("price")[:1], output_field=DecimalField()),
            paid_on=Subquery(running.values("confirmed_on")[:1], output_field=DateField()),
            type_name=Subquery(
                running.values(named=MembershipType.name_column("type__"))[:1], output_field=CharField()
            ),
            said_yes=Subquery(_last_word(rule), output_field=BooleanField()),
        )
        .annotate(why=Case(*_reasons(rule), default=Value(COUNTS), output_field=CharField()))
    )


def _last_word(rule: Rule) -> QuerySet[Any]:
    """What somebody last said about the purpose before the year was over."""
    new_year = timezone.make_aware(datetime.datetime(rule.year + 1, 1, 1))
    said = Consent.objects.filter(member=OuterRef("pk"), purpose=rule.purpose, channel="", at__lt=new_year)
    return said.order_by("-at", "-pk").values("is_given")[:1]


def _reasons(rule: Rule) -> list[When]:
    born_from, born_to = date(max(1, rule.year - rule.age_to), 1, 1), date(rule.year - rule.age_from, 12, 31)
    reasons = [
        When(kind=Member.Kind.ORGANISATION, then=Value("organisation")),
        When(born_on__isnull=True, then=Value("no_birth")),
        When(born_on__gt=born_to, then=Value("too_young")),
        When(born_on__lt=born_from, then=Value("too_old")),
    ]
    if rule.purpose:
        reasons.append(When(Q(said_yes__isnull=True) | Q(said_yes=False), then=Value("no_consent")))
    reasons += [
        When(price_then=0, then=Value("free")),
        When(Q(paid_on__isnull=True) | Q(paid_on__gt=rule.on), then=Value("not_paid")),
    ]
    traceable = [hook() for hook in hooks.get_hooks("traceable_terms")]
    if traceable and not rule.takes_marked:
        is_traceable = Q(pk__in=[])
        for terms in traceable:
            is_traceable |= Q(term__in=terms)
        reasons.append(When(~is_traceable, then=Value("not_traceable")))
    return reasons


def count(*, members: MemberQuerySet, rule: Rule) -> dict[str, int]:
    """Return how many count, and how many do not by reason; nothing for reasons that nobody has. One query."""
    rows = judged(members=members, rule=rule).order_by().values("why").annotate(number=Count("pk"))
    found = {row["why"]: row["number"] for row in rows}
    return {why: found[why] for why in WHY if why in found}
