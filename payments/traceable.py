"""Which terms were paid by payments that can be shown: asked by those who count members for a grant."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from membership.models import Period
from payments.models import Allocation


def terms() -> QuerySet[Any]:
    """The keys of terms whose invoice, or whose trial's invoice, is covered by a payment that stands."""
    standing = Allocation.objects.filter(reverses__isnull=True, reversed_by__isnull=True, payment__reversed_by=None)
    own = standing.filter(invoice__lines__period=OuterRef("pk"))
    of_trial = standing.filter(invoice__lines__period=OuterRef("follows"))
    became = Q(source=Period.Source.CONVERTED) & Exists(of_trial)
    return Period.objects.filter(Exists(own) | became).values("pk")
