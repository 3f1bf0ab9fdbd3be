"""Sums of rows that belong to another row, added up in the database."""

from typing import Any

from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from core.money import ZERO

MONEY: Any = DecimalField(max_digits=14, decimal_places=2)


def sum_of(rows: QuerySet[Any], by: str, amount: str, *, outer: str = "pk") -> Coalesce:
    """The sum of an amount over the rows whose `by` is the outer row's `outer`, 0.00 without any.

    SQLite adds decimals as floats: round what is compared or shown.
    """
    of_this = rows.filter(**{by: OuterRef(outer)}).order_by().values(by).annotate(sum=Sum(amount))
    return Coalesce(Subquery(of_this.values("sum")), ZERO, output_field=MONEY)
