"""VAT rate by rate: on the document, on credit notes for a part, and in the books. 0 and 25 per cent may be mixed."""

import io
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Refused
from invoicing import by_hand, ledger_check, pdf, vat
from invoicing.by_hand import Item
from invoicing.credit_notes import credit
from invoicing.models import Invoice, InvoiceLine
from payments.books import income, vouchers
from tests.makers import NOW, TODAY, kroner, make_non_member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]
GOLDEN = Path(__file__).parents[1] / "golden" / "invoices"
RATES = [Decimal(0), Decimal(15), Decimal(25)]


def mixed(language: str = "nb", *items: Item) -> Invoice:
    payer = make_non_member("Firma", "AS")
    payer.language = language
    rows = items or (
        Item(text="Kurs i padling", unit_price=Decimal(500), quantity=Decimal(3), vat_percent=Decimal(25)),
        Item(text="Årsmøtemiddag", unit_price=Decimal("115"), vat_percent=Decimal(15)),
        Item(text="Støttebeløp", unit_price=Decimal("99.90")),
    )
    return by_hand.issue(payer=payer, items=rows, on=TODAY, at=NOW, by=None)


def rates(invoice: Invoice) -> list[tuple[str, str, str]]:
    return [(f"{one.percent:f}", str(one.gross), str(one.vat)) for one in vat.by_rate(invoice.lines.all())]


def posted(*documents: Invoice) -> dict[str, dict[str, Decimal]]:
    """What the journal has on income and on VAT, by rate."""
    found: dict[str, dict[str, Decimal]] = {"other_income": {}, "vat": {}}
    for document in documents:
        voucher = vouchers.of_invoice(Invoice.objects.get(pk=document.pk))
        assert sum(posting.amount for posting in voucher.postings) == 0
        for posting in voucher.postings:
            if posting.account in found:
                of_rate = found[posting.account]
                rate = f"{posting.vat_percent:.0f}"
                of_rate[rate] = of_rate.get(rate, Decimal(0)) + posting.amount
    return found


def test_each_rate_is_added_up_by_itself() -> None:
    invoice = mixed()
    assert rates(invoice) == [("25.00", "1500.00", "300.00"), ("15.00", "115.00", "15.00"), ("0.00", "99.90", "0.00")]
    assert (invoice.total, invoice.vat) == (kroner("1714.90"), kroner("315"))
    assert posted(invoice) == {
        "other_income": {"25": kroner("-1200"), "15": kroner("-100"), "0": kroner("-99.90")},
        "vat": {"25": kroner("-300"), "15": kroner("-15")},
    }


def test_the_document_says_each_rate() -> None:
    pages = pypdf.PdfReader(io.BytesIO(pdf.render(mixed("en")))).pages
    lines = "\n".join(page.extract_text() for page in pages).replace("\u00a0", " ").splitlines()
    text = "\n".join(line.strip() for line in lines) + "\n"
    assert text == (GOLDEN / "invoice_vat.en.txt").read_text(encoding="utf-8")


def test_one_rate_needs_no_sums_of_its_own() -> None:
    """As before: what is paid, and how much of it is VAT."""
    invoice = mixed("en", Item(text="Course", unit_price=Decimal(500), vat_percent=Decimal(25)))
    text = pypdf.PdfReader(io.BytesIO(pdf.render(invoice))).pages[0].extract_text()
    assert "Of which VAT" in text and "VAT 25" not in text


def test_a_part_is_credited_rate_by_rate() -> None:
    """Half of what is open: each rate gives half, and the books follow to the øre."""
    invoice = mixed("nb", Item(text="Course", unit_price=Decimal(250), vat_percent=Decimal(25)),
                    Item(text="Support", unit_price=Decimal(150)))  # fmt: skip
    note = credit(invoice=invoice, on=TODAY, at=NOW, by=None, reason="Half", amount=kroner("200"))
    assert rates(note) == [("25.00", "-125.00", "-25.00"), ("0.00", "-75.00", "0.00")]
    assert (note.total, note.vat) == (kroner("-200"), kroner("-25"))
    rest = credit(invoice=invoice, on=TODAY, at=NOW, by=None, reason="The rest")
    assert posted(invoice, note, rest) == {
        "other_income": {"25": Decimal(0), "0": Decimal(0)}, "vat": {"25": Decimal(0)},
    }  # fmt: skip
    rows = income.income_by("vat", first=TODAY, last=TODAY)
    assert [(row.code, row.invoiced, row.credited, row.vat) for row in rows] == [
        ("0", kroner("150"), kroner("150"), 0), ("25", kroner("250"), kroner("250"), 0),
    ]  # fmt: skip


money = st.integers(1, 300_000).map(lambda ore: Decimal(ore) / 100)


@given(st.dictionaries(st.sampled_from(RATES), money, min_size=1), st.data())
def test_a_split_adds_up_and_takes_no_more_than_there_is(weights: dict[Decimal, Decimal], data: st.DataObject) -> None:
    amount = Decimal(data.draw(st.integers(1, int(sum(weights.values()) * 100)))) / 100
    parts = vat.split(amount, weights)
    assert sum(parts.values()) == amount
    assert all(0 < part <= weights[percent] for percent, part in parts.items())
    assert all(abs(parts.get(one, 0) - amount * weight / sum(weights.values())) < 1 for one, weight in weights.items())
    assert vat.split(sum(weights.values(), Decimal(0)), weights) == weights


items = st.lists(st.tuples(money, st.sampled_from(RATES)), min_size=1, max_size=4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items, st.lists(money, max_size=3))
def test_whatever_is_credited_the_books_add_up_rate_by_rate(
    rows: list[tuple[Decimal, Decimal]], reductions: list[Decimal]
) -> None:
    """The VAT of every document is that of its lines; when all is taken back, each rate comes to nothing but the øre
    that rounding each document by itself has cost."""
    with transaction.atomic():
        sold = [Item(text="x", unit_price=price, vat_percent=percent) for price, percent in rows]
        invoice = mixed("nb", *sold)
        for amount in [*reductions, None]:
            try:
                with transaction.atomic():
                    credit(invoice=invoice, on=TODAY, at=NOW, by=None, reason="x", amount=amount)
            except Refused:
                continue
        documents = list(Invoice.objects.all())
        for document in documents:
            assert sum((one.vat for one in vat.by_rate(document.lines.all())), Decimal(0)) == document.vat
        left = {one.percent: one for one in vat.by_rate(InvoiceLine.objects.all())}
        assert all(one.gross == 0 for one in left.values())
        assert all(abs(one.vat) <= Decimal("0.02") * (len(documents) + len(rows)) for one in left.values())
        assert posted(*documents)["vat"].keys() <= {"15", "25"}
        problems = list(ledger_check.problems())
        transaction.set_rollback(True)
    assert problems == []
