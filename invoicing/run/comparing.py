"""What a run issued beside what was shown before: between the two somebody may have paid, joined, moved or left."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from core.money import ZERO
from invoicing.models import InvoiceRun
from membership.models import Member


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What one payer was to get, and got. Nothing of either is zero."""

    payer: Member
    planned: Decimal
    issued: Decimal


def differences(run: InvoiceRun) -> list[Difference]:
    """By name, the payers of a finished run who got another sum than was shown. Three queries at most.

    Empty while the run is not done, and once its plan has been forgotten.
    """
    is_as_shown = (run.issued, run.issued_total) == (run.planned, run.planned_total)
    if run.state != InvoiceRun.State.DONE or is_as_shown or not run.rows.exists():
        return []
    planned = dict(run.rows.order_by().values_list("payer").annotate(sum=Sum("total")).filter(sum__gt=0))
    issued = dict(run.invoices.order_by().values_list("member").annotate(sum=Sum("total")))
    other = {key for key in planned.keys() | issued.keys() if planned.get(key, ZERO) != issued.get(key, ZERO)}
    people = Member.objects.filter(pk__among=other)
    return [
        Difference(payer=payer, planned=planned.get(payer.pk, ZERO), issued=issued.get(payer.pk, ZERO))
        for payer in people
    ]
