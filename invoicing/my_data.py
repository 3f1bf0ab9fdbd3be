"""What a member takes away of invoices with "My data": the invoices addressed to them, a line each."""

from datetime import date

from django.utils.translation import gettext as _

from invoicing.models import Invoice
from invoicing.standing import standing_of
from membership.models import Member
from membership.my_data import DataPart, headings


def invoices(member: Member, on: date) -> DataPart:
    """Every invoice and credit note of the payer, with what was printed on it. Two queries."""
    columns = headings(
        Invoice,
        "number", "kind", "issued_on", "due_on", "buyer_name", "buyer_address", "currency", "total", "open_amount",
        "kid",
    )  # fmt: skip
    found = Invoice.objects.filter(member=member).with_credited().prefetch_related("lines").order_by("-number")
    rows = [
        (
            row.number, row.get_kind_display(), row.issued_on, row.due_on, row.buyer_name, row.buyer_address,
            row.currency, row.total, row.open_amount, row.kid, str(standing_of(row, on=on).label),
            "; ".join(f"{line.text}: {line.amount}" for line in row.lines.all()),
        )
        for row in found
    ]  # fmt: skip
    columns += [("standing", _("state")), ("lines", _("lines"))]
    return DataPart(order=300, name="invoices", title=_("Invoices"), columns=columns, rows=rows)
