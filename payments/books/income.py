"""What was earned in a span of days: invoiced less credited, by membership type, branch or rate of VAT.

Lines are counted by their amount, so that no sum is ever rounded: there are few different prices.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from core import money
from core.money import ZERO
from invoicing import vat
from invoicing.models import Invoice, InvoiceLine
from membership.models import MembershipType


@dataclass(kw_only=True)
class Income:
    """One row: what it is of, and its sums. `lines` is how many were invoiced and not taken back."""

    code: str
    lines: int = 0
    invoiced: Decimal = field(default=ZERO)
    credited: Decimal = field(default=ZERO)
    vat: Decimal = field(default=ZERO)
    paid: Decimal = field(default=ZERO)

    @property
    def earned(self) -> Decimal:
        """What is left of it for the organisation: without what was taken back, and without VAT."""
        return self.invoiced - self.credited - self.vat


GROUPINGS: dict[str, Callable[[dict[str, Any]], str]] = {
    "type": lambda row: str(row["type_code"]),
    "branch": lambda row: str(row["branch_code"]),
    "vat": lambda row: f"{row['vat_percent'].normalize():f}",
}


def income_by(grouping: str, *, first: date, last: date) -> list[Income]:
    """The rows of a grouping, a key of `GROUPINGS`, in the order of their codes; what has none comes last.

    `paid` is the part of what was invoiced in the span that has been paid in full by now, without VAT: what a
    branch's share is counted of.
    """
    code_of = GROUPINGS[grouping]
    found: dict[str, Income] = {}
    rows: QuerySet[Any, Any] = (
        InvoiceLine.objects.filter(invoice__issued_on__range=(first, last))
        .exclude(amount=0)
        .order_by()
        .values("type_code", "branch_code", "vat_percent", "amount", "invoice__kind", "is_credited")
        .annotate(count=Count("pk"), settled=Count("pk", filter=Q(invoice__open_amount=0)))
    )
    for row in rows:
        code = code_of(row)
        _add(found.setdefault(code, Income(code=code)), row)
    return sorted(found.values(), key=lambda income: (not income.code, income.code))


def branch_shares(*, first: date, last: date) -> dict[str, Decimal]:
    """What each branch has a right to of what was invoiced in the span and is paid, by its code.

    The share of a line is its type's `branch_percent` of the price without VAT, in whole øre.
    """
    percents = dict(MembershipType.objects.exclude(branch_percent=0).values_list("code", "branch_percent"))
    rows = (
        InvoiceLine.objects.filter(
            invoice__issued_on__range=(first, last), invoice__kind=Invoice.Kind.INVOICE, invoice__open_amount=0,
            is_credited=False, type_code__in=percents,
        )
        .exclude(branch_code="")
        .order_by()
        .values("type_code", "branch_code", "vat_percent", "amount")
        .annotate(count=Count("pk"))
    )  # fmt: skip
    found: dict[str, Decimal] = {}
    for row in rows:
        net = row["amount"] - vat.inside(row["amount"], row["vat_percent"])
        share = money.share(net, percent=percents[row["type_code"]]) * row["count"]
        found[row["branch_code"]] = found.get(row["branch_code"], ZERO) + share
    return found


def _add(income: Income, row: dict[str, Any]) -> None:
    amount, count = row["amount"], row["count"]
    of_which = vat.inside(amount, row["vat_percent"])
    income.vat += of_which * count
    if row["invoice__kind"] == Invoice.Kind.CREDIT_NOTE:
        income.credited -= amount * count
        return
    income.invoiced += amount * count
    if not row["is_credited"]:
        income.lines += count
        income.paid += (amount - of_which) * row["settled"]
