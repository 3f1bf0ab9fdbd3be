"""What was earned in a span of days: invoiced less credited, by membership type, branch or rate of VAT.

Lines are counted by their amount, so that no sum is ever rounded: there are few different prices.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from core import money
from core.money import ZERO
from invoicing import vat
from invoicing.models import Invoice, InvoiceLine
from membership.models import MembershipType
from payments.models import WriteOff


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

    `paid` is what has been paid by now of the invoices of the span that nothing is left to pay on, without VAT: what
    a branch's share is counted of.
    """
    code_of = GROUPINGS[grouping]
    found: dict[str, Income] = {}
    rows: QuerySet[Any, Any] = (
        InvoiceLine.objects.filter(invoice__issued_on__range=(first, last))
        .exclude(amount=0)
        .order_by()
        .values("type_code", "branch_code", "vat_percent", "amount", "invoice__kind", "is_credited")
        .annotate(
            count=Count("pk"), settled=Count("pk", filter=Q(invoice__open_amount=0) & ~Q(invoice__in=_given_up_on()))
        )
    )
    for row in rows:
        code = code_of(row)
        _add(found.setdefault(code, Income(code=code)), row)
    for line, part in _paid_in_part(first, last):
        code = code_of({name: getattr(line, name) for name in ("type_code", "branch_code", "vat_percent")})
        found[code].paid += money.rounded(_net(line.amount, line.vat_percent) * part)
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
        .exclude(invoice__in=_given_up_on())
        .order_by()
        .values("type_code", "branch_code", "vat_percent", "amount")
        .annotate(count=Count("pk"))
    )  # fmt: skip
    found: dict[str, Decimal] = {}
    for row in rows:
        net = _net(row["amount"], row["vat_percent"])
        share = money.share(net, percent=percents[row["type_code"]]) * row["count"]
        found[row["branch_code"]] = found.get(row["branch_code"], ZERO) + share
    for line, part in _paid_in_part(first, last):
        if line.branch_code and line.type_code in percents:
            net = _net(line.amount, line.vat_percent) * part
            share = money.share(money.rounded(net), percent=percents[line.type_code])
            found[line.branch_code] = found.get(line.branch_code, ZERO) + share
    return found


def _given_up_on() -> QuerySet[Invoice, Any]:
    """The invoices of which a part was written off or taken off by amount: nothing is left to pay, nor all paid.

    They are few. Asked of each invoice by itself, SQLite would go through all lines for every one of them.
    """
    losses = WriteOff.objects.filter(reverses=None, reversed_by=None)
    reductions = InvoiceLine.objects.filter(invoice__credits__isnull=False, credits=None)
    found = Q(pk__in=losses.values("invoice")) | Q(pk__in=reductions.values("invoice__credits"))
    return Invoice.objects.invoices().filter(found).order_by().values("pk")


def _paid_in_part(first: date, last: date) -> Iterator[tuple[InvoiceLine, Decimal]]:
    """The lines of those that are settled, each with the part of it, from 0 to 1, that money has covered."""
    rows = Invoice.objects.filter(issued_on__range=(first, last), open_amount=0, pk__in=_given_up_on())
    rows = rows.annotate(covered=Sum("allocations__amount")).prefetch_related("lines").order_by("pk")
    for invoice in rows.iterator(chunk_size=500):
        lines = [line for line in invoice.lines.all() if line.amount and not line.is_credited]
        if due := sum((line.amount for line in lines), ZERO):
            part = min((invoice.covered or ZERO) / due, Decimal(1))
            yield from ((line, part) for line in lines)


def _net(amount: Decimal, vat_percent: Decimal) -> Decimal:
    return amount - vat.inside(amount, vat_percent)


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
