"""Who gets a newsletter: a query, asked anew each time, never a copied list.

Whoever has not said yes to newsletters, or has died, is in no audience.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from membership.models import Member, Period
from membership.models.member_queries import MemberQuerySet
from messaging.models import Suppression
from newsletter.models import NewsletterPage


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large an audience is: people, the e-mails they get (one an address), and those who can get none."""

    members: int
    addresses: int
    without_address: int
    blocked: int

    @property
    def mails(self) -> int:
        """How many e-mails would be sent."""
        return self.addresses - self.blocked


def members(*, page: NewsletterPage, on: date) -> MemberQuerySet:
    """Those who get this newsletter on the date, with and without an address."""
    found = Member.objects.alive().consenting("newsletter", "email")
    if page.audience == NewsletterPage.Audience.MEMBERS:
        found = found.belonging(on=on)
    elif page.audience == NewsletterPage.Audience.PAID:
        found = found.in_status("active", on=on)
    types = [type_.pk for type_ in page.audience_types.all()]
    if types:
        running = Period.objects.covering(on).filter(member=OuterRef("pk"), type__in=types)
        found = found.filter(Exists(running))
    if page.audience_language:
        found = found.filter(language=page.audience_language)
    return found


def size(*, page: NewsletterPage, on: date) -> Size:
    """Count the audience on the date. Two queries."""
    found = members(page=page, on=on)
    counts = found.aggregate(
        members=Count("pk"),
        addresses=Count(Lower("email"), distinct=True, filter=~Q(email="")),
        without_address=Count("pk", filter=Q(email="")),
    )
    addresses = found.exclude(email="").annotate(in_lower_case=Lower("email")).values("in_lower_case")
    return Size(**counts, blocked=Suppression.objects.filter(address__in=addresses).count())


def describe(page: NewsletterPage) -> str:
    """The audience in a sentence, for the office."""
    parts = [page.get_audience_display()]
    types = [str(type_) for type_ in page.audience_types.all()]
    if types:
        parts.append(_("only %(types)s") % {"types": ", ".join(types)})
    if page.audience_language:
        parts.append(_("only those who read %(language)s") % {"language": page.get_audience_language_display()})
    return "; ".join(str(part) for part in parts)
