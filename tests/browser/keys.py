"""What there is of each kind on the demo's site, by the names that the table of who may do what gives their keys.

Run inside the site, as `manage.py shell` does: prints JSON.
"""

import json
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet

from core.models import User
from home.models import HomePage
from invoicing.models import Invoice, InvoiceRun, PrintFile
from membership.models import (
    Committee,
    ConsentText,
    ContactPerson,
    DuplicatePair,
    Household,
    ImportRun,
    Invitation,
    Member,
    MembershipType,
    Merge,
    Position,
    Seat,
    Simulation,
    VoterRoll,
    VoterRollAppeal,
)
from messaging.models import Message, Suppression
from payments.models import BankFile, BankLine, Payment, PaymentPlan, Reminder, ReminderRun


def say() -> None:
    """Print a key of each kind; null where the demo has none."""
    found = {**_of_the_registry(), **_of_money(), **_of_messages()}
    print(json.dumps({name: _key(rows) for name, rows in found.items()}))


def _key(rows: QuerySet[Any]) -> Any:
    row = rows.order_by("pk").first()
    return row.key if isinstance(row, Simulation) else row.pk if row else None


def _of_the_registry() -> dict[str, QuerySet[Any]]:
    rolls = VoterRoll.objects.all()
    return {
        "member": Member.objects.filter(first_names="Alice"),
        "child": Member.objects.filter(first_names="Astrid"),
        "struck": Member.objects.filter(periods__end_reason="lapsed"),
        "dead": Member.objects.filter(died_on__isnull=False),
        "company": Member.objects.filter(kind="organisation"),
        "imported": Member.objects.filter(last_name="Moe", first_names="Kari"),
        "household": Household.objects.filter(main_member__first_names="Alice"),
        "seat": Seat.objects.held(),
        "contact": ContactPerson.objects.all(),
        "invitation": Invitation.objects.all(),
        "pair": DuplicatePair.objects.open(),
        "merge": Merge.objects.all(),
        "type": MembershipType.objects.filter(code="E"),
        "text": ConsentText.objects.all(),
        "roll": rolls.filter(frozen_at__isnull=False),
        "next_roll": rolls.filter(frozen_at=None),
        "appeal": VoterRollAppeal.objects.filter(decision=""),
        "decided_appeal": VoterRollAppeal.objects.exclude(decision=""),
        "committee": Committee.objects.all(),
        "position": Position.objects.filter(ends_on=None),
        "run": ImportRun.objects.filter(state="done"),
        "waiting_run": ImportRun.objects.filter(state="ready"),
        "undone_run": ImportRun.objects.filter(state="undone"),
        "simulation": Simulation.objects.all(),
        "user": User.objects.filter(username="redaktor"),
        "group": Group.objects.all(),
        "home": HomePage.objects.all(),
    }


def _of_money() -> dict[str, QuerySet[Any]]:
    invoices = Invoice.objects.invoices()
    return {
        "invoice": invoices.filter(reminders__isnull=False, open_amount__gt=0),
        "paid_invoice": invoices.filter(lines__period__isnull=False, open_amount=0),
        "bounced_invoice": invoices.filter(buyer_name__in=_bounced(), open_amount__gt=0),
        "credited_invoice": invoices.filter(credit_notes__isnull=False),
        "credit_note": Invoice.objects.filter(kind="credit_note"),
        "plan": PaymentPlan.objects.undecided(),
        "agreed_plan": PaymentPlan.objects.agreed(),
        "sending": ReminderRun.objects.filter(total__gt=1),
        "letter": Reminder.objects.filter(channel="letter"),
        "invoice_run": InvoiceRun.objects.filter(state="ready"),
        "done_run": InvoiceRun.objects.filter(state="done", issued__gt=9),
        "print_file": PrintFile.objects.filter(kind=""),
        "welcome": PrintFile.objects.filter(kind="welcome"),
        "new_file": BankFile.objects.filter(lines__state="queued", format="camt"),
        "over": Payment.objects.filter(unused_amount__gt=0),
        "refunded": Payment.objects.filter(refunds__isnull=False),
        "refund": Payment.objects.filter(pays_back__isnull=False),
        **{f"line_{why}": BankLine.objects.queued().filter(why=why)
           for why in ("alike", "type_price", "unknown_kid")},
        "line_by_name": BankLine.objects.queued().filter(why="no_kid", text__startswith="Takk"),
        "line_remembered": BankLine.objects.queued().filter(why="no_kid", text__startswith="Naustet"),
    }  # fmt: skip


def _bounced() -> list[str]:
    refs = Message.objects.filter(state="failed", kind="invoice").values_list("recipient_ref", flat=True)
    keys = [ref.removeprefix("member:") for ref in refs]
    return [member.full_name for member in Member.objects.filter(pk__in=keys)]


def _of_messages() -> dict[str, QuerySet[Any]]:
    return {
        "message": Message.objects.filter(state="sent", kind="invoice"),
        "failed_message": Message.objects.filter(state="failed"),
        "suppression": Suppression.objects.all(),
    }
