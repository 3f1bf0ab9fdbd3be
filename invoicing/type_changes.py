"""What the books say when a term is to give way to one of another type: not while its invoice is paid in part."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from invoicing.models import Invoice, InvoiceLine
from membership.models import Period


def keep_payments_waiting(terms: Collection[int]) -> None:
    """Lock the invoices for these terms, and for the trials they came from, in the order that payments lock them in."""
    lines = InvoiceLine.objects.filter(period__in=terms) | InvoiceLine.objects.filter(period__followed_by__in=terms)
    rows = Invoice.objects.select_for_update().filter(pk__in=lines.order_by().values("invoice")).order_by("pk")
    list(rows.values_list("pk", flat=True))


def hold_back(term: Period) -> str:
    """A sentence, or nothing. What is paid in part would be lost between the two terms."""
    open_ones = Invoice.objects.open().filter(lines__period=term, lines__is_credited=False)
    for invoice in open_ones.with_credited():
        if invoice.paid_amount:
            return _("Invoice %(number)s is paid in part. Settle it first, or choose “from the next term”.") % {
                "number": invoice.number}  # fmt: skip
    return ""
