"""What several people do to the books at the same moment: each function is called in a process of its own."""

import os
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from core import dates
from invoicing import by_hand, credit_notes
from invoicing.models import Invoice
from membership.models import Member
from payments import intake
from payments.models import Payment
from tests.faults import renewals

ROUNDS = 24
STEPS = 5  # what a writer does in turn: two invoices that stand, one that is thought better of, a credit, a payment


class ThoughtBetter(Exception):
    """Ends a transaction after the number was taken."""


def wait_for_the_others(folder: str, name: str) -> None:
    """Say that this process has come, and wait for the word to begin."""
    Path(folder, name).touch()
    while not Path(folder, "go").exists():
        time.sleep(0.002)


def write(name: str, folder: str) -> None:
    """Issue, think better of it, credit and register, each in a transaction of its own."""
    payer = Member.objects.get(member_number=name)
    wait_for_the_others(folder, name)
    issued: list[Invoice] = []
    for turn in range(ROUNDS * STEPS):
        at = timezone.now() + timedelta(milliseconds=turn)
        on = dates.day_of(at)
        items = [by_hand.Item(text=f"Course {name}", unit_price=Decimal(100 + turn))]
        match turn % STEPS:
            case 2:
                try:
                    with transaction.atomic():
                        by_hand.issue(payer=payer, items=items, on=on, at=at, by=None)
                        raise ThoughtBetter
                except ThoughtBetter:
                    continue
            case 3:
                credit_notes.credit(invoice=issued.pop(), on=on, at=at, by=None, reason="Wrong course")
            case 4:
                paid = issued.pop()
                intake.record(amount=paid.total, received_on=on, source=Payment.Source.HAND, at=at, by=None,
                              source_reference=f"hand:{os.getpid()}:{turn}", invoices=[paid])  # fmt: skip
            case _:
                issued.append(by_hand.issue(payer=payer, items=items, on=on, at=at, by=None))


def go_on_with_the_run(name: str, folder: str) -> None:
    """What the worker does, at the same moment."""
    wait_for_the_others(folder, name)
    renewals.go_on_with_the_run()
