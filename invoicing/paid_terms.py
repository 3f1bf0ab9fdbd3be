"""What the payment of an invoice has confirmed: the membership until a day, or for life."""

from dataclasses import dataclass
from datetime import date

from invoicing.models import Invoice, InvoiceLine
from membership.models import Period


@dataclass(frozen=True, kw_only=True)
class PaidTerms:
    """For life, or until the last day of the last term; neither when nothing on the invoice is confirmed (yet)."""

    is_for_life: bool
    confirmed_until: date | None


def paid_terms(invoice: Invoice) -> PaidTerms:
    """Look up the terms on the invoice that are confirmed now, and those that trials on it have become.

    Two questions in one, each by an index: asked with an "or" over the joins, the database reads everybody's terms.
    """
    on_it = InvoiceLine.objects.filter(invoice=invoice, period__isnull=False).order_by().values("period")
    confirmed = Period.objects.order_by().filter(confirmed_on__isnull=False, ended_on__isnull=True)
    own = confirmed.filter(pk__in=on_it).values_list("ends_on")
    found = own.union(confirmed.filter(follows__in=on_it).values_list("ends_on")).order_by()
    last_days = [ends_on for (ends_on,) in found]
    if None in last_days:
        return PaidTerms(is_for_life=True, confirmed_until=None)
    return PaidTerms(is_for_life=False, confirmed_until=max((day for day in last_days if day), default=None))
