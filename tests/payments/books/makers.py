"""A year of money in tests."""

from datetime import date
from typing import Any

from invoicing.models import Invoice
from payments import intake
from payments.models import Payment
from tests.makers import at_noon, kroner


def pay(invoice: Invoice, amount: str, *, on: date, **changes: Any) -> Payment:
    """So much for an invoice, registered the day it came."""
    return intake.record(
        amount=kroner(amount), received_on=on, source=changes.pop("source", "ocr"),
        source_reference=f"test:{Payment.objects.count()}", at=at_noon(changes.pop("recorded_on", on)), by=None,
        invoices=[invoice], **changes,
    )  # fmt: skip
