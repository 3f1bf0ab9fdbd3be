"""Bank lines go into the books: those that match by themselves, a portion at a time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from core.errors import Refused
from core.models import User
from invoicing.models import Invoice
from payments import intake
from payments.from_bank import line_matching
from payments.from_bank.line_matching import Decision
from payments.models import BankFile, BankLine, Payment
from payments.shares import Share

PORTION = 100
State, Why = BankLine.State, BankLine.Why


def go_through(*, file: BankFile, at: datetime, by: User | None, portion: int = PORTION) -> bool:
    """Book, or leave to a person, the next lines of a file; return whether there were as many as asked for.

    Each payment is a transaction of its own, which also marks its line. Two workers at once do nothing twice.
    """
    lines = list(file.lines.filter(state=State.NEW).order_by("pk")[:portion])
    decisions = line_matching.decide(lines)
    _leave([decision for decision in decisions if decision.invoice is None])
    for decision in decisions:
        if decision.invoice is not None:
            _book(decision, at, by)
    return len(lines) == portion


def _leave(decisions: Sequence[Decision]) -> None:
    """Mark the lines that are for a person, and those that concern nobody."""
    groups: dict[tuple[str, str], list[int]] = {}
    for decision in decisions:
        groups.setdefault((decision.state, decision.why), []).append(decision.line.pk)
    for (state, why), keys in groups.items():
        BankLine.objects.filter(pk__in=keys, state=State.NEW).update(state=state, why=why)


def _book(decision: Decision, at: datetime, by: User | None) -> None:
    assert decision.invoice is not None
    try:
        with transaction.atomic():
            line = BankLine.objects.select_for_update().get(pk=decision.line.pk)
            if line.state != State.NEW:
                return
            invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=decision.invoice.pk)
            if invoice.open_amount != decision.invoice.open_amount:  # another line of the portion was for it, too
                [decision] = line_matching.decide([line])
                if decision.invoice is None or decision.invoice.pk != invoice.pk:
                    _leave([replace(decision, state=State.QUEUED, why=decision.why or Why.REFUSED)])
                    return
            payment = record(line=line, invoices=[invoice], at=at, by=by)
            mark_booked(line, payment, note=decision.note)
    except Refused as refusal:
        BankLine.objects.filter(pk=decision.line.pk, state=State.NEW).update(
            state=State.QUEUED, why=Why.REFUSED, note=refusal.sentence[:250]
        )


def record(
    *, line: BankLine, invoices: Sequence[Invoice], at: datetime, by: User | None, is_owed_back: bool = False,
    shares: Sequence[Share] = (), rest_is_credit: bool = False,
) -> Payment:  # fmt: skip
    """Register a line's money. The line's name makes it once; after an undo it is registered under the next name."""
    line.times_booked += 1
    again = "" if line.times_booked == 1 else f"~{line.times_booked}"
    return intake.record(
        amount=line.amount,
        received_on=line.booked_on,
        source=line.file.format,
        source_reference=f"{line.reference}{again}",
        at=at,
        by=by,
        kid=invoices[0].kid if invoices else line.kid,
        payer_name=line.payer_name,
        payer_account=line.payer_account,
        text=line.text,
        invoices=invoices,
        shares=shares,
        rest_is_credit=rest_is_credit,
        is_owed_back=is_owed_back,
    )


def mark_booked(line: BankLine, payment: Payment, *, note: str = "") -> None:
    """The line is in the books."""
    line.state, line.payment, line.why, line.note = State.BOOKED, payment, Why.NONE, note
    line.save(update_fields=["state", "payment", "why", "note", "times_booked"])
