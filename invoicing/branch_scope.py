"""Which invoices somebody may know of who looks after some branches only: those where everybody on it belongs there."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from invoicing.models import Invoice, InvoiceLine, InvoiceQuerySet
from membership import scope


def invoices(own: Sequence[int], *, before: str = "") -> Q:
    """Sent to a member of these branches, with no line for anybody of another. `before` leads to the invoice."""
    strangers = InvoiceLine.objects.filter(period__isnull=False).exclude(period__member__branch__in=own)
    at = f"{before}__" if before else ""
    return Q(**{f"{at}member__branch__in": own}) & ~Q(**{f"{at}pk__in": strangers.values("invoice")})


def readable_by(user: Any) -> InvoiceQuerySet:
    """The invoices whose PDF is there for a log-in: its own, and for the office those it may know of."""
    if not user.has_perm("invoicing.view_invoice"):
        return Invoice.objects.held_by(user)
    if scope.sees_every_branch(user):
        return Invoice.objects.all()
    return Invoice.objects.held_by(user) | scope.visible_to(user, Invoice.objects.all())


def plug_in() -> None:
    """Let the registry's rule about branches hold for invoices."""
    scope.narrow(Invoice, invoices)
