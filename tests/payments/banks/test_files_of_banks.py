"""Files as banks write them, read whole: tests/data/bank against tests/golden/bank."""

from pathlib import Path

import pytest

from core.money import formatted_exactly
from payments.banks import bank_csv, camt, ocr_giro, reading
from payments.banks.lines import Content
from tests.payments.banks.writers import ACCOUNT

TESTS = Path(__file__).resolve().parents[2]


def read(data: bytes) -> Content:
    """Read a file of any format; a CSV by the guess."""
    match reading.format_of(data):
        case "ocr":
            return ocr_giro.read(data)
        case "camt":
            return camt.read(data)
    columns = bank_csv.guess(bank_csv.table(data).headings)
    return bank_csv.read(data, account=ACCOUNT, columns=columns)


def in_words(content: Content) -> str:
    """Everything that was read, a line each."""
    total = f"{formatted_exactly(content.total_in)} in, {formatted_exactly(content.total_out)} out"
    lines = [
        f"{content.format}, accounts {', '.join(content.accounts)}, until {content.until}, checked by "
        f"{content.checked_by}: {len(content.lines)} lines, {total}"
    ]
    for line in content.lines:
        lines += ["", f"{line.position}. {line.booked_on} {formatted_exactly(line.amount, line.currency)}"]
        lines[-1] += " REVERSAL" if line.is_reversal else ""
        facts = {
            "reference": line.reference, "batch": line.batch_reference, "kid": line.kid, "text": line.text,
            "from": line.payer_name, "account": line.payer_account,
        }  # fmt: skip
        lines += [f"   {name}: {text}" for name, text in facts.items() if text]
    return "\n".join([*lines, ""])


@pytest.mark.parametrize(
    "name", ["ocr_giro.txt", "camt054_v02.xml", "camt053_v08.xml", "dnb.csv", "nordea.csv", "sparebank1.csv"]
)
def test_read(name: str) -> None:
    golden = TESTS / "golden" / "bank" / f"{name}.txt"
    assert in_words(read((TESTS / "data" / "bank" / name).read_bytes())) == golden.read_text(encoding="utf-8")
