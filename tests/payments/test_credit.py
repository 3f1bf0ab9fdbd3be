"""Alice has paid too much: her next invoice uses it, and says so. Bob's money is not hers."""

from datetime import date
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from invoicing import invoices as invoicing
from invoicing import mails
from invoicing.models import Invoice
from membership.models import Member, Period
from messaging.models import Message
from payments import credit, intake
from payments.models import Allocation, Payment
from tests.makers import NOW, TODAY, kroner, make_invoice, make_type

pytestmark = pytest.mark.django_db


def pay(invoice: Invoice, amount: str, **changes: Any) -> Payment:
    return intake.record(
        amount=kroner(amount), received_on=TODAY, source="hand", source_reference=f"hand:{Payment.objects.count()}",
        at=NOW, by=None, invoices=[invoice], **changes,
    )  # fmt: skip


def next_year(member: Member, year: int = 2027) -> Invoice:
    """The year's term and its invoice, made as the renewal makes them."""
    from membership import prices
    from membership.periods import Term, open_periods

    on, type = date(year, 1, 2), make_type("E")
    quote = prices.quote(member=member, type=type, on=on)
    term = Term(
        member=member, type=type, starts_on=date(year, 1, 1), ends_on=date(year, 12, 31), quote=quote, source="renewed"
    )
    open_periods(terms=[term], on=on)
    return Invoice.objects.filter(member=member).latest("number")


def test_the_next_invoice_uses_the_credit() -> None:
    alice = make_invoice()
    payment = pay(alice, "450")
    invoice = next_year(alice.member)
    assert invoice.open_amount == kroner("350")
    assert [(row.invoice, row.amount) for row in payment.allocations.order_by("pk")] == [
        (alice, kroner("400")),
        (invoice, kroner("50")),
    ]
    assert Payment.objects.get().unused_amount == 0
    assert ModelLogEntry.objects.get(action="payments.credit_used").data == {"payments": [payment.pk]}


def test_enough_credit_pays_the_invoice_and_confirms() -> None:
    alice = make_invoice()
    pay(alice, "400")
    pay(alice, "250.50", anyway=True)
    pay(alice, "300")
    invoice = next_year(alice.member)
    assert invoice.is_settled
    assert [row.amount for row in Allocation.objects.filter(invoice=invoice).order_by("pk")] == [
        kroner("250.50"),
        kroner("149.50"),
    ]
    assert Period.objects.get(starts_on=date(2027, 1, 1)).confirmed_on == date(2027, 1, 2)
    assert sum(payment.unused_amount for payment in Payment.objects.all()) == kroner("150.50")


def test_the_credit_of_others_and_undone_money_is_left_alone() -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    pay(bob, "900")
    intake.reverse(payment=pay(alice, "800"), at=NOW, by=None, reason="Wrong person")
    invoice = next_year(alice.member)
    assert invoice.open_amount == kroner("400")


def test_undoing_the_payment_takes_its_credit_along() -> None:
    alice = make_invoice()
    payment = pay(alice, "450")
    invoice = next_year(alice.member)
    intake.reverse(payment=payment, at=NOW, by=None, reason="Bounced")
    assert [row.open_amount for row in Invoice.objects.order_by("number")] == [kroner("400"), kroner("400")]
    assert [payment.unused_amount for payment in Payment.objects.all()] == [0, 0]
    assert invoice.pk


def test_again_it_finds_nothing() -> None:
    alice = make_invoice()
    pay(alice, "450")
    invoice = next_year(alice.member)
    assert credit.use(invoices=[Invoice.objects.get(pk=invoice.pk)], at=NOW) == []


def test_one_mail_says_what_the_credit_has_covered_and_what_is_left() -> None:
    """The PDF and its mail are made after the credit was used, so nothing has to correct them."""
    alice = make_invoice()
    Member.objects.update(language="en")
    pay(alice, "450")
    invoice = next_year(Member.objects.get())
    assert [mail.kind for mail in Message.objects.all()] == ["payment_received"]
    mail = mails.send(invoice=invoice, at=NOW)
    assert [line for line in mail.body_text.splitlines() if "kr\u00a0" in line] == [
        "Total: kr\u00a0400.00",
        "Covered by earlier payments: kr\u00a0−50.00",
        "To pay: kr\u00a0350.00",
    ]


def test_a_run_without_credit_asks_once() -> None:
    from django.db import connection

    invoices = [make_invoice(), make_invoice("Bob", "Berg"), make_invoice("Charlie", "Clausen")]
    with CaptureQueriesContext(connection) as queries:
        credit.use(invoices=invoices, at=NOW)
    asked = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) == 1
    assert invoicing.cover
