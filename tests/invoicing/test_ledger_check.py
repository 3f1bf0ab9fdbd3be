"""The books of invoices are checked as a whole: each kind of damage is named, and sound books say nothing."""

from datetime import date

import pytest
from django.utils.translation import override

from core.models import Counter
from invoicing import ledger_check, pdf
from invoicing.credit_notes import credit
from invoicing.models import Invoice, InvoiceLine
from tests.makers import NOW, kroner, make_household, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture(autouse=True)
def own_files(tmp_path, monkeypatch):
    monkeypatch.setitem(Invoice._meta.get_field("pdf").storage.__dict__, "location", str(tmp_path))
    return tmp_path


@pytest.fixture
def books():
    """Three invoices, one of them credited, with PDFs."""
    make_household("Bob", "Berit", paid=False)
    make_member("Charlie", paid=False)
    make_member("Dina", paid=False)
    credit(invoice=Invoice.objects.get(number=2), on=date(2026, 3, 20), at=NOW, by=None, reason="Feil")
    assert pdf.make_many(ids=list(Invoice.objects.values_list("pk", flat=True)), at=NOW) == 4


def test_sound_books_have_no_problems(books, django_assert_num_queries):
    with django_assert_num_queries(7):
        assert list(ledger_check.problems()) == []


def test_empty_books_have_no_problems():
    assert list(ledger_check.problems()) == []


def delete_number_three():
    InvoiceLine.objects.filter(invoice__number=3).delete()
    Invoice.objects.filter(number=3).delete()


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (delete_number_three, ["There is no invoice number 3."]),
        (
            lambda: Counter.objects.filter(name="invoice").update(value=7),
            ["The counter has given number 7, but the last invoice is number 4."],
        ),
        (
            lambda: InvoiceLine.objects.filter(invoice__number=1, position=1).update(amount=kroner("599.99")),
            ["The total of number 1 is not the sum of its lines."],
        ),
        (
            lambda: Invoice.objects.filter(number=2).update(open_amount=kroner("0.01")),
            ["Invoice 2 owes more than is left after its credit notes."],
        ),
        (
            lambda: Invoice.objects.filter(number=4).update(open_amount=kroner("1")),
            ["Credit note 4 does not take anything back."],
        ),
        (
            lambda: Invoice.objects.filter(number=3).update(kid="000000100000010"),
            ["The KID of invoice 3 is not valid: 000000100000010."],
        ),
        (lambda: Invoice.objects.filter(number=3).update(kid=""), ["The KID of invoice 3 is not valid: –."]),
    ],
)
def test_each_damage_is_named(books, damage, expected):
    damage()
    assert list(ledger_check.problems()) == expected


def test_a_document_that_was_changed_or_lost_is_named(books, own_files):
    changed, lost = Invoice.objects.order_by("number")[:2]
    (own_files / changed.pdf.name).write_bytes(b"%PDF-1.7 something else")
    (own_files / lost.pdf.name).unlink()
    assert list(ledger_check.problems()) == [
        "The PDF of number 1 is missing, or is not the one that was made.",
        "The PDF of number 2 is missing, or is not the one that was made.",
    ]


def test_a_hundred_of_a_kind_is_enough(monkeypatch):
    monkeypatch.setattr(ledger_check, "MOST_SENTENCES", 2)
    for name in ("Ada", "Bo", "Carl", "Dina", "Eva"):
        make_member(name, paid=False)
    Invoice.objects.update(kid="")
    assert list(ledger_check.problems()) == [
        "The KID of invoice 1 is not valid: –.",
        "The KID of invoice 2 is not valid: –.",
        "… and 3 more of the same kind.",
    ]
