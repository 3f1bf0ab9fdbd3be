"""What an invoice has confirmed: its own terms and those that trials on it became; nobody else's are read for it."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from invoicing.models import Invoice
from invoicing.paid_terms import PaidTerms, paid_terms
from membership.models import MembershipType, Period
from payments import intake
from tests.makers import NOW, TODAY, invoice_of, make_household, make_invoice, make_member, make_type

pytestmark = pytest.mark.django_db

NOTHING = PaidTerms(is_for_life=False, confirmed_until=None)
THIS_YEAR = PaidTerms(is_for_life=False, confirmed_until=date(2026, 12, 31))


def pay(invoice: Invoice, amount: str = "400.00") -> Invoice:
    intake.record(
        amount=Decimal(amount), received_on=TODAY, source="hand", source_reference=f"for {invoice.number}", at=NOW,
        by=None, invoices=[invoice],
    )  # fmt: skip
    return invoice


def test_of_an_invoice_alone_and_of_nobody_elses() -> None:
    waits, family = make_invoice("Alice"), invoice_of(make_household("Bob", "Berit", paid=False).main_member)
    assert paid_terms(pay(family, "600.00")) == THIS_YEAR
    assert paid_terms(waits) == NOTHING
    pay(waits)
    Period.objects.filter(invoice_lines__invoice=waits).update(ended_on=TODAY, end_reason="resigned")
    assert paid_terms(waits) == NOTHING


def test_what_a_trial_has_become() -> None:
    invoice = invoice_of(make_member("Tea", trial=True, paid=False))
    assert paid_terms(invoice) == NOTHING
    assert paid_terms(pay(invoice)) == THIS_YEAR


def test_for_life() -> None:
    make_type("E")
    MembershipType.objects.create(
        code="LIV", name_nb="Livsvarig", price=9000, frequency="permanent", is_selectable=True
    )
    invoice = make_invoice("Liv", type_code="LIV")
    assert paid_terms(pay(invoice, "9000.00")) == PaidTerms(is_for_life=True, confirmed_until=None)


def test_the_terms_of_everybody_are_not_read_for_one() -> None:
    """Each receipt asks: with 18,000 terms that was half of the time that a line of a bank file took."""
    invoice = pay(make_invoice("Alice"))
    with CaptureQueriesContext(connection) as asked:
        paid_terms(invoice)
    (query,) = asked.captured_queries
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            assert [row for row in cursor.fetchall() if "SCAN" in row[3]] == []
