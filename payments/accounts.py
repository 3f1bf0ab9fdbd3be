"""What somebody has paid, as they and the office read it."""

from typing import Any

from django.db.models import QuerySet, Sum

from core.money import ZERO
from payments.models import Payment


def statement(payments: QuerySet[Payment]) -> dict[str, Any]:
    """Return the payments, newest first, with what each covered, and the credit left of them.

    A reversal is not a line of its own: it is told on the payment it undid. Three queries, however many payments.
    """
    rows = (
        payments.filter(reverses=None)
        .select_related("payer", "reversed_by")
        .prefetch_related("allocations__invoice")
        .order_by("-received_on", "-pk")
    )
    credit = payments.filter(unused_amount__gt=0).aggregate(sum=Sum("unused_amount"))["sum"] or ZERO
    return {"payments": list(rows), "credit": credit}
