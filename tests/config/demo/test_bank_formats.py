"""The demo's bank writes what our readers read: every movement, with its sums."""

from datetime import date
from decimal import Decimal

from stdnum.no import kontonr

from config.demo.bank_formats import Paid, account_of, camt_054, ocr_giro
from payments.banks import camt
from payments.banks import ocr_giro as reader
from tests.payments.banks.writers import ACCOUNT

ON = date(2026, 11, 14)
ALICE = Paid(on=ON, amount=Decimal("450.50"), name="Alice Aas", account=account_of(1), kid="000000500000328")
BOB = Paid(on=date(2026, 11, 12), amount=Decimal(400), name="Bø & Sønn", account=account_of(2), kid="777777777777776")
FEE = Paid(on=ON, amount=Decimal(-85), name="Banken", account=account_of(3), text="Gebyr <OCR>")


def test_an_ocr_giro_transmission() -> None:
    content = reader.read(ocr_giro([ALICE, BOB], account=ACCOUNT, number=7))
    assert [(line.booked_on, line.amount, line.kid, line.payer_account) for line in content.lines] == [
        (paid.on, paid.amount, paid.kid, paid.account) for paid in (ALICE, BOB)
    ]
    assert (content.accounts, content.until, content.checked_by) == ((ACCOUNT,), ON, "totals")


def test_a_camt_notification() -> None:
    content = camt.read(camt_054([ALICE, BOB, FEE], account=ACCOUNT, number=8, until=date(2026, 11, 15)))
    assert [
        (line.booked_on, line.amount, line.kid, line.payer_name, line.payer_account, line.text)
        for line in content.lines
    ] == [(paid.on, paid.amount, paid.kid, paid.name, paid.account, paid.text) for paid in (ALICE, BOB, FEE)]
    assert (content.accounts, content.until, content.checked_by) == ((ACCOUNT,), date(2026, 11, 15), "totals")


def test_what_one_file_brought_another_does_not_know() -> None:
    first, second = (ocr_giro([ALICE], account=ACCOUNT, number=number) for number in (1, 2))
    assert reader.read(first).lines[0].reference != reader.read(second).lines[0].reference


def test_everybody_has_an_account_of_their_own() -> None:
    numbers = [account_of(number) for number in range(300)]
    assert len(set(numbers)) == 300 and all(kontonr.is_valid(number) for number in numbers)
