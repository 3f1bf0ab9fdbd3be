"""When somebody leaves: what they have not paid is credited, line by line, so that the others' lines stand."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import override

from invoicing.credit_notes import credit
from invoicing.models import Invoice, InvoiceLine
from membership.models import Member, Period


@transaction.atomic
def credit_unpaid(
    *, member: Member, reason: str, on: date, at: datetime, periods: Sequence[Period] = ()
) -> list[Invoice]:
    """Credit the open lines of one who left. `reason` is a `Period.EndReason`. Returns the credit notes.

    With `periods`, only what was asked for these terms, or for the trials they came from, is credited: what the member
    owes for another term stands. Lines of others on the same invoice stay owed; where those cost nothing, they are
    taken back with the rest. Doing it again finds nothing open.
    """
    notes = []
    owed = Q(lines__period__member=member) & (_asked_for(periods) if periods else Q())
    for invoice in Invoice.objects.open().filter(owed).distinct().order_by("number"):
        lines = _lines_of(member, invoice)
        if any(line.amount for line in lines):
            with override(invoice.language):
                words = str(capfirst(Period.EndReason(reason).label))
            notes.append(credit(invoice=invoice, on=on, at=at, by=None, reason=words, lines=lines))
    return notes


def _asked_for(periods: Sequence[Period]) -> Q:
    """Lines for these terms. A trial's invoice is for what it became, maybe after another conversion between."""
    ids = [period.pk for period in periods]
    trials = Period.objects.trials().filter(Q(followed_by__in=ids) | Q(followed_by__followed_by__in=ids))
    return Q(lines__period__in=ids) | Q(lines__period__in=trials)


def _lines_of(member: Member, invoice: Invoice) -> Sequence[InvoiceLine]:
    standing = list(invoice.lines.filter(is_credited=False).select_related("period"))
    own = [line for line in standing if line.period and line.period.member_id == member.pk]
    others = [line for line in standing if line not in own]
    return standing if not any(line.amount for line in others) else own
