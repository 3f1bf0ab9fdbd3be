"""When somebody leaves: what they have not paid is credited, line by line, so that the others' lines stand."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import override

from invoicing.credit_notes import credit
from invoicing.models import Invoice, InvoiceLine
from membership.models import Member, Period


@transaction.atomic
def credit_unpaid(*, member: Member, reason: str, on: date, at: datetime) -> list[Invoice]:
    """Credit the open lines of one who left. `reason` is a `Period.EndReason`. Returns the credit notes.

    Lines of others on the same invoice stay owed; where those cost nothing, they are taken back with the rest. Doing
    it again finds nothing open.
    """
    notes = []
    for invoice in Invoice.objects.open().filter(lines__period__member=member).distinct().order_by("number"):
        lines = _lines_of(member, invoice)
        if any(line.amount for line in lines):
            with override(invoice.language):
                words = str(capfirst(Period.EndReason(reason).label))
            notes.append(credit(invoice=invoice, on=on, at=at, by=None, reason=words, lines=lines))
    return notes


def _lines_of(member: Member, invoice: Invoice) -> Sequence[InvoiceLine]:
    standing = list(invoice.lines.filter(is_credited=False).select_related("period"))
    own = [line for line in standing if line.period and line.period.member_id == member.pk]
    others = [line for line in standing if line not in own]
    return standing if not any(line.amount for line in others) else own
