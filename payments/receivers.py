"""What we do when an earlier app reports: one write or one enqueue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from invoicing.models import Invoice
from invoicing.signals import invoices_issued
from payments import credit


@receiver(invoices_issued, dispatch_uid="payments.use_credit")
def use_credit(*, invoices: Sequence[Invoice], at: datetime, **kwargs: Any) -> None:
    """Who has paid too much before owes less now."""
    credit.use(invoices=invoices, at=at)
