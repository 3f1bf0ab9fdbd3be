"""Paid at once, called off and paid back: where play money is switched on, and nowhere else."""

from typing import Any

import pytest

from config.demo import play_money
from invoicing import ledger_check as of_invoices
from invoicing.models import Invoice
from payments import ledger_check
from payments.models import Payment, ProviderPayment
from tests.makers import TODAY, kroner, make_invoice, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]


def test_it_is_off() -> None:
    assert not play_money.is_in_use()


def test_paid_and_paid_back(settings: Any) -> None:
    settings.PAYMENT_PROVIDERS = {"memory": {"BACKEND": "payments.providers.memory.MemoryProvider", "OPTIONS": {}}}
    assert play_money.is_in_use()
    invoice = make_invoice()
    play_money.pay_and_get_back(invoice, on=TODAY, by=make_user(), reason="Called off")
    assert [row.amount for row in Payment.objects.order_by("pk")] == [kroner("400"), kroner("-400")]
    assert ProviderPayment.objects.get().refunded_amount == kroner("400")
    note = Invoice.objects.get(credits=invoice)
    assert (note.reason, note.total) == ("Called off", kroner("-400"))
    assert Invoice.objects.get(pk=invoice.pk).is_settled
    assert ledger_check.check().problems == [] and list(of_invoices.problems()) == []
