"""Who gets a newsletter: a query, asked anew each time, never a copied list.

Whoever has not said yes to newsletters, or has died, is in no audience.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from membership.models import Member, Period
from membership.models.member_queries import MemberQuerySet
from messaging import suppression
from messaging.addresses import is_usable
from messaging.models import Channel
from newsletter.models import NewsletterPage


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large an audience is: people, the e-mails they get (one an address), and those who can get none.

    `blocked` are addresses that nothing is sent to, or that cannot be right.
    """

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
    """Count the audience on the date. Two queries.

    All addresses are looked at, for old registers hold some that no mail server takes, like those with ø before the @.
    """
    found = list(members(page=page, on=on).values_list(Lower("email"), flat=True))
    addresses = {address.strip() for address in found} - {""}
    odd = {address for address in addresses if not is_usable(address, channel=Channel.EMAIL)}
    return Size(
        members=len(found),
        addresses=len(addresses),
        without_address=sum(not address.strip() for address in found),
        blocked=len(odd | (addresses & suppression.all_reasons().keys())),
    )


def describe(page: NewsletterPage) -> str:
    """The audience in a sentence, for the office."""
    parts = [page.get_audience_display()]
    types = [str(type_) for type_ in page.audience_types.all()]
    if types:
        parts.append(_("only %(types)s") % {"types": ", ".join(types)})
    if page.audience_language:
        parts.append(_("only those who read %(language)s") % {"language": page.get_audience_language_display()})
    return "; ".join(str(part) for part in parts)
