"""Which payments somebody may know of who looks after some branches only: from people there, for invoices of theirs.

What came from nobody we know is not about a branch, and is for those who see every branch.
"""

from collections.abc import Sequence

from django.db.models import Q

from invoicing import branch_scope
from membership import scope
from payments.models import Allocation, Payment, ProviderPayment


def payments(own: Sequence[int]) -> Q:
    """From a member of these branches, and used for no invoice that names anybody of another."""
    strangers = Allocation.objects.exclude(branch_scope.invoices(own, before="invoice"))
    return Q(payer__branch__in=own) & ~Q(pk__in=strangers.values("payment"))


def allocations(own: Sequence[int]) -> Q:
    """Of such payments."""
    return Q(payment__in=Payment.objects.filter(payments(own)).order_by())


def online_payments(own: Sequence[int]) -> Q:
    """For invoices that name nobody of another branch."""
    return branch_scope.invoices(own, before="invoice")


def plug_in() -> None:
    """Let the registry's rule about branches hold for payments."""
    scope.narrow(Payment, payments)
    scope.narrow(Allocation, allocations)
    scope.narrow(ProviderPayment, online_payments)
