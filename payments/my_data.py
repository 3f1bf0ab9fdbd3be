"""What a member takes away of payments with "My data"."""

from datetime import date

from django.utils.translation import gettext as _

from membership.models import Member
from membership.my_data import DataPart, headings
from payments.models import Payment, ProviderPayment


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


def online_payments(member: Member, on: date) -> DataPart:
    """Every try of the member to pay with a provider, and how it ended."""
    columns = headings(ProviderPayment, "created_at", "provider", "amount", "currency", "state", "reference")
    columns.insert(1, ("invoice", _("invoice")))
    rows = [
        (
            row.created_at, row.invoice.number, row.provider, row.amount, row.currency, row.get_state_display(),
            row.reference,
        )
        for row in ProviderPayment.objects.filter(invoice__member=member).select_related("invoice")
    ]  # fmt: skip
    return DataPart(order=360, name="online-payments", title=_("Online payments"), columns=columns, rows=rows)
