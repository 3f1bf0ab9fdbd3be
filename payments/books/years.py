"""A year of the books in a few figures, which are kept when the year is closed and compared with ever after."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.db.models import Count, Max, Min, Sum
from django.utils.translation import gettext as _

from core import money
from core.money import ZERO
from invoicing.models import ClosedYear, Invoice
from payments.books import open_items
from payments.models import Payment


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was invoiced, credited and received in a year, and what was open and paid too much when it ended."""

    invoices: int
    invoiced: Decimal
    credited: Decimal
    received: Decimal
    open: Decimal
    credit: Decimal

    def as_text(self) -> dict[str, str]:
        """For a JSON column: amounts as text, so that no øre is lost."""
        return {name: str(value) for name, value in asdict(self).items()}


def kept(closed: ClosedYear) -> Figures:
    """The figures as they were kept when the year was closed."""
    amounts = {name: Decimal(value) for name, value in closed.figures.items() if name != "invoices"}
    return Figures(invoices=int(closed.figures["invoices"]), **amounts)


def known_years(*, today: date) -> list[int]:
    """The years with anything in the books, and this one; the newest first."""
    spans = [
        Invoice.objects.aggregate(first=Min("issued_on"), last=Max("issued_on")),
        Payment.objects.aggregate(first=Min("received_on"), last=Max("received_on")),
    ]
    days = [today, *(day for span in spans for day in span.values() if day)]
    return list(range(max(days).year, min(days).year - 1, -1))


def figures(year: int) -> Figures:
    """The figures of a year as the rows have them now."""
    span = (date(year, 1, 1), date(year, 12, 31))
    documents: dict[str, dict[str, Any]] = {
        row["kind"]: cast("dict[str, Any]", row)
        for row in Invoice.objects.filter(issued_on__range=span)
        .order_by().values("kind").annotate(count=Count("pk"), sum=Sum("total"))
    }  # fmt: skip
    received = Payment.objects.filter(received_on__range=span).aggregate(sum=Sum("amount"))["sum"]
    standing = open_items.standing_on(span[1])
    none = {"count": 0, "sum": ZERO}
    invoices, notes = (documents.get(kind, none) for kind in (Invoice.Kind.INVOICE, Invoice.Kind.CREDIT_NOTE))
    return Figures(
        invoices=invoices["count"],
        invoiced=money.rounded(invoices["sum"]),
        credited=-money.rounded(notes["sum"]) or ZERO,
        received=money.rounded(received or ZERO),
        open=standing.open,
        credit=standing.credit,
    )


def changed_after_closing() -> Iterator[str]:
    """A sentence for each closed year whose rows no longer say what they said when it was closed."""
    for closed in ClosedYear.objects.filter(opened_at=None):
        now = figures(closed.year).as_text()
        for name, was in closed.figures.items():
            if now.get(name) != was:
                yield _("%(year)s is closed, but “%(name)s” was %(was)s then and is %(now)s now.") % {
                    "year": closed.year, "name": name, "was": was, "now": now.get(name, "–"),
                }  # fmt: skip
