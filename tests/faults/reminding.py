"""What the children of the nursery do with reminders: each function is called in a process of its own."""

from datetime import timedelta

from core.errors import Refused
from invoicing.models import Invoice
from payments.models import BankLook, ReminderRun
from payments.reminders import runs
from tests.faults import renewals
from tests.makers import at_noon

ON = renewals.RENEWAL_DAY + timedelta(days=28)  # fourteen days after what the renewal invoiced was due


def overdue(count: int) -> None:
    """So many members who have not paid their renewal, and a bank that is known."""
    renewals.register(count)
    renewals.renew()
    BankLook.objects.create(until=ON, said_at=at_noon(ON))
    assert Invoice.objects.overdue(on=ON).count() == count


def remind() -> None:
    """Begin to send, or go on with what another has begun, to the end."""
    try:
        runs.start(on=ON, at=at_noon(ON), by=None)
    except Refused as refusal:
        if refusal.code not in {"under_way", "nobody"}:
            raise
    for run in ReminderRun.objects.under_way():
        while runs.carry_on(run_id=run.pk, at=at_noon(ON)):
            pass
