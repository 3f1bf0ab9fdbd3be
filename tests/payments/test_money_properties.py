"""Whatever is paid, reversed, credited, refunded and written off, in whatever order, the money adds up."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Refused
from invoicing.credit_notes import credit
from invoicing.models import Invoice
from payments import intake, ledger_check, refunds, write_offs
from payments.from_bank import line_queue
from payments.models import BankLine, Payment, WriteOff
from tests.makers import NOW, TODAY, kroner, make_household, make_invoice
from tests.payments.banks.writers import paid
from tests.payments.from_bank.bank_makers import lines_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]
HOW: dict[str, Any] = {"at": NOW, "by": None}


def one_of(rows: Any, which: int) -> Any:
    """Some row of a query, whatever the number."""
    found = list(rows.order_by("pk"))
    return found[which % len(found)] if found else None


def do(deed: str, which: int, amount: int) -> None:
    """One thing a treasurer may do, to some row, with some amount. Not all of it is possible: then it is refused."""
    invoice = one_of(Invoice.objects.invoices(), which)
    payment = one_of(Payment.objects.all(), which)
    line = one_of(BankLine.objects.all(), which)
    kroner_ = kroner(str(amount))
    match deed:
        case "pay":
            intake.record(amount=kroner_, received_on=TODAY, source="hand", invoices=[invoice], anyway=True,
                          source_reference=f"hand:{Payment.objects.count()}", **HOW)  # fmt: skip
        case "bank":
            lines_of([paid(str(amount), invoice.kid if which % 3 else "", name="Alice Ås")])
        case "bank_takes":
            lines_of([paid(str(-amount), invoice.kid, is_reversal=True)])
        case "confirm" if line:
            line_queue.confirm(line=line, invoices=[invoice], **HOW)
        case "aside" if line:
            line_queue.set_aside(line=line, reason="x", **HOW)
        case "owe_back" if line:
            line_queue.owe_back(line=line, **HOW)
        case "again" if line:
            line_queue.open_again(line=line, **HOW)
        case "take_back" if line and payment:
            line_queue.take_back(line=line, payment=payment, **HOW)
        case "line_refund" if line and payment:
            line_queue.paid_back(line=line, payment=payment, **HOW)
        case "reverse" if payment:
            intake.reverse(payment=payment, reason="x", **HOW)
        case "credit":
            credit(invoice=invoice, on=TODAY, reason="x", **HOW)
        case "refund" if payment:
            refunds.pay_back(payment=payment, amount=kroner_, on=TODAY,
                             source_reference=f"refund:{Payment.objects.count()}", **HOW)  # fmt: skip
        case "refund_undone" if payment and payment.pays_back_id and not payment.reverses_id:
            refunds.take_back(refund=payment, reason="x", **HOW)
        case "write_off":
            write_offs.write_off(invoice=invoice, on=TODAY, reason="x", **HOW)
        case "write_off_undone" if row := one_of(WriteOff.objects.all(), which):
            write_offs.undo(write_off=row, reason="x", **HOW)


DEEDS = ["pay", "bank", "bank_takes", "confirm", "aside", "owe_back", "again", "take_back", "line_refund", "reverse",
         "credit", "refund", "refund_undone", "write_off", "write_off_undone"]  # fmt: skip
deeds = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.integers(0, 9), st.sampled_from([5, 100, 400, 600, 800])),
    min_size=3, max_size=14,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds)
def test_any_order_of_deeds_adds_up(chosen: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        make_invoice(trial=True)
        make_household("Bob", "Berit", paid=False)
        for deed, which, amount in chosen:
            try:
                with transaction.atomic():
                    do(deed, which, amount)
            except Refused:
                continue
        problems = ledger_check.check().problems
        transaction.set_rollback(True)
    assert problems == []
