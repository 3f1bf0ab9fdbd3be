"""What the books say when a term is to give way to one of another type: not while its invoice is paid in part."""

from django.utils.translation import gettext as _

from invoicing.models import Invoice
from membership.models import Period


def hold_back(term: Period) -> str:
    """A sentence, or nothing. What is paid in part would be lost between the two terms."""
    open_ones = Invoice.objects.open().filter(lines__period=term, lines__is_credited=False)
    for invoice in open_ones.with_credited():
        if invoice.paid_amount:
            return _("Invoice %(number)s is paid in part. Settle it first, or choose “from the next term”.") % {
                "number": invoice.number}  # fmt: skip
    return ""
