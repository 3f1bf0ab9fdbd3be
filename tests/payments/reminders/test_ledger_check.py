"""The ledger check names every reminder fee that does not add up, and nothing else."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from invoicing import fees as fee_invoices
from invoicing.fees import Fee
from invoicing.models import Invoice
from payments.ledger_check import check
from payments.models import Reminder
from payments.reminders import runs
from tests.makers import NOW, TODAY, kroner
from tests.payments.reminders.helpers import Step, client_with, know_the_bank, overdue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def invoice(settings: Any) -> Invoice:
    """Alice's, reminded of once, with a fee of 37 kroner on invoice 2."""
    settings.CLIENT = client_with(Step(after_days=14, fee=True))
    found = overdue("Alice", on=TODAY, days=14)
    know_the_bank(TODAY)
    runs.send_due(on=TODAY, at=NOW)
    assert check().problems == []
    return found


def test_a_fee_that_nobody_charged(invoice: Invoice) -> None:
    fee_invoices.charge(fees=[Fee(invoice=invoice, amount=kroner("37"), due_on=TODAY)], on=TODAY, at=NOW)
    assert check().problems == ["Invoice 3 is for a reminder fee, but no reminder charged it."]


def test_a_fee_that_is_not_the_reminders(invoice: Invoice) -> None:
    Reminder.objects.update(fee=kroner("30"))
    assert check().problems == ["The reminder fee on invoice 2 is not the one that its reminder charged."]


def test_a_fee_above_the_law(invoice: Invoice) -> None:
    Reminder.objects.update(sent_on=date(2025, 12, 31))
    Invoice.objects.filter(pk=invoice.pk).update(issued_on=date(2025, 11, 1), due_on=date(2025, 12, 1))
    assert check().problems == ["The reminder fee of invoice 1 is higher than the law allows."]
