"""Where an invoice stands: the same word in the list's filter and on the invoice."""

from datetime import date

import pytest

from invoicing import invoices
from invoicing.credit_notes import credit
from invoicing.models import Invoice
from invoicing.standing import LABELS, standing_of
from tests.makers import NOW, TODAY, kroner, make_household, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def all_kinds() -> dict[int, str]:
    """An invoice of each kind, on 1 April 2026: number and code."""
    later = date(2026, 3, 25)
    make_member("Unni", paid=False, on=later)
    make_member("Della", paid=False, on=later)
    make_member("Over", paid=False, on=TODAY)
    make_member("Betalt", paid=False, on=TODAY)
    make_member("Kreditt", paid=False, on=TODAY)
    make_household("Halv", "Hilde", paid=False, on=later)
    numbered = {invoice.number: invoice for invoice in Invoice.objects.all()}
    invoices.cover(invoice=numbered[2], amount=kroner("133.33"), on=later)
    invoices.cover(invoice=numbered[4], amount=kroner("400"), on=later)
    credit(invoice=numbered[5], on=later, at=NOW, by=None, reason="Feil")
    invoices.cover(invoice=numbered[6], amount=kroner("200.10"), on=later)
    credit(invoice=numbered[6], on=later, at=NOW, by=None, reason="Resten")
    return {
        1: "unpaid", 2: "part_paid", 3: "overdue", 4: "paid", 5: "credited", 6: "paid", 7: "credit_note",
        8: "credit_note",
    }  # fmt: skip


def test_each_invoice_says_where_it_stands(all_kinds, django_assert_num_queries):
    with django_assert_num_queries(1):
        rows = Invoice.objects.with_credited().order_by("number")
        said = {row.number: standing_of(row, on=date(2026, 4, 1)).code for row in rows}
    assert said == all_kinds
    alone = {row.number: standing_of(row, on=date(2026, 4, 1)).code for row in Invoice.objects.all()}
    assert alone == all_kinds


@pytest.mark.parametrize("code", LABELS)
def test_the_filter_says_the_same(all_kinds, code):
    found = Invoice.objects.standing(code, on=date(2026, 4, 1)).values_list("number", flat=True)
    assert sorted(found) == [number for number, kind in all_kinds.items() if kind == code]


def test_open_is_everything_with_something_left(all_kinds):
    found = Invoice.objects.standing("open", on=date(2026, 4, 1)).values_list("number", flat=True)
    assert sorted(found) == [1, 2, 3]


def test_what_was_paid_and_what_was_credited(all_kinds):
    rows = Invoice.objects.with_credited().filter(number__in=[5, 6]).order_by("number")
    assert [(row.paid_amount, row.credited_amount) for row in rows] == [
        (kroner("0"), kroner("400")),
        (kroner("200.10"), kroner("399.90")),
    ]
