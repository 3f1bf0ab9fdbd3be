"""What the payment of an invoice has confirmed: the membership until a day, or for life."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from invoicing.models import Invoice
from membership.models import Period


@dataclass(frozen=True, kw_only=True)
class PaidTerms:
    """For life, or until the last day of the last term; neither when nothing on the invoice is confirmed (yet)."""

    is_for_life: bool
    confirmed_until: date | None


def paid_terms(invoice: Invoice) -> PaidTerms:
    """Look up the terms on the invoice that are confirmed now, and those that trials on it have become."""
    on_it = Q(invoice_lines__invoice=invoice) | Q(follows__invoice_lines__invoice=invoice)
    confirmed = Period.objects.filter(on_it, confirmed_on__isnull=False, ended_on__isnull=True)
    last_days = list(confirmed.values_list("ends_on", flat=True))
    if None in last_days:
        return PaidTerms(is_for_life=True, confirmed_until=None)
    return PaidTerms(is_for_life=False, confirmed_until=max((day for day in last_days if day), default=None))
