"""What a member takes away of payments with "My data"."""

from datetime import date

from django.utils.translation import gettext as _

from membership.models import Member
from membership.my_data import DataPart, headings
from payments.models import Payment


def payments(member: Member, on: date) -> DataPart:
    """Every payment of the member and what it covered. Three queries."""
    columns = headings(
        Payment,
        "received_on", "amount", "currency", "payer_name", "payer_account", "text", "kid", "source", "unused_amount",
    )  # fmt: skip
    rows = [
        (
            row.received_on, row.amount, row.currency, row.payer_name, row.payer_account, row.text, row.kid,
            row.get_source_display(), row.unused_amount,
            "; ".join(f"{part.invoice.number}: {part.amount}" for part in row.allocations.all()),
        )
        for row in Payment.objects.filter(payer=member).prefetch_related("allocations__invoice")
    ]  # fmt: skip
    columns.append(("covered", _("invoices it covered")))
    return DataPart(order=350, name="payments", title=_("Payments"), columns=columns, rows=rows)
