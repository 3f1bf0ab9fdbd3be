"""Lists from banks' websites: columns guessed, Norwegian amounts and dates, any encoding; nothing half read."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.banks import bank_csv, reading
from payments.banks.lines import Content, Unreadable
from tests.payments.banks.writers import ACCOUNT, Paid, dnb, nordea, paid, sparebank1

SIMPLE = {0: "date", 1: "amount", 2: "text"}


def read(data: bytes | str, columns: dict[int, str] | None = None) -> Content:
    raw = data.encode() if isinstance(data, str) else data
    return bank_csv.read(raw, account=ACCOUNT, columns=columns or bank_csv.guess(bank_csv.table(raw).headings))


def listed(*rows: str) -> str:
    return "\n".join(["Dato;Beløp;Tekst", *rows, ""])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("bank", [dnb, nordea, sparebank1])
def test_every_bank_in_every_encoding(bank: Callable[..., bytes], encoding: str) -> None:
    payments = [paid("1234.50", "000123400005674", name="Åse Ærø"), paid("-99.50", text="Gebyr", account="")]
    content = read(bank(payments, encoding=encoding))
    assert [(line.amount, line.booked_on) for line in content.lines] == [
        (Decimal("1234.50"), date(2026, 3, 10)),
        (Decimal("-99.50"), date(2026, 3, 10)),
    ]
    first = content.lines[0]
    assert "Åse Ærø" in f"{first.payer_name} {first.text}"
    assert "000123400005674" in f"{first.kid} {first.text}"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("600", "600"), ("600,5", "600.50"), ("1 234,50", "1234.50"), ("1\u00a0234,50", "1234.50"),
        ("1.234,50", "1234.50"), ("1,234.50", "1234.50"), ("1234.5", "1234.50"), ("-600", "-600"), ("−600,00", "-600"),
        ("600,00-", "-600"), ("+600", "600"), ("kr 600", "600"), ("600,-", "600"), ("- 600", "-600"),
    ],
)  # fmt: skip
def test_amounts(text: str, amount: str) -> None:
    assert [line.amount for line in read(listed(f"01.03.2026;{text};x"), SIMPLE).lines] == [Decimal(amount)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("01.03.2026", date(2026, 3, 1)), ("1.3.2026", date(2026, 3, 1)), ("2026-03-01", date(2026, 3, 1)),
        ("2026/03/01", date(2026, 3, 1)), ("01/03/2026", date(2026, 3, 1)), ("01.03.26", date(2026, 3, 1)),
        ("20260301", date(2026, 3, 1)), ("2026-03-01T10:00", date(2026, 3, 1)), ("13/12/2026", date(2026, 12, 13)),
    ],
)  # fmt: skip
def test_dates(text: str, day: date) -> None:
    assert [line.booked_on for line in read(listed(f"{text};600;x"), SIMPLE).lines] == [day]


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        ("Dato;Forklaring;Rentedato;Ut fra konto;Inn på konto", {0: "date", 1: "text", 3: "out", 4: "in"}),
        ("Bokføringsdato;Beløp;Avsender;Mottaker;Navn;Tittel;Valuta;Betalingstype",
         {0: "date", 1: "amount", 2: "account", 4: "name", 5: "text", 6: "currency"}),
        ("DATO;BESKRIVELSE;INN;UT;FRA KONTO;KID", {0: "date", 1: "text", 2: "in", 3: "out", 4: "account", 5: "kid"}),
        ("Dato;Bokføringsdato;Beløp", {1: "date", 2: "amount"}),
        ("Beløp;Inn;Ut;Dato", {1: "in", 2: "out", 3: "date"}),
        ("foo;bar", {}),
    ],
)  # fmt: skip
def test_guess(headings: str, columns: dict[int, str]) -> None:
    assert bank_csv.guess(headings.split(";")) == columns


def test_what_somebody_has_explained_goes_before_the_guess() -> None:
    known = {"day": "date", "sum": "amount", "hvem": "name", "saldo": ""}
    assert bank_csv.guess(["Saldo", "Day", "Sum:", "Hvem", "Dato"], known=known) == {1: "date", 2: "amount", 3: "name"}
    assert bank_csv.guess(["Dato", "Beløp"], known=known) == {0: "date", 1: "amount"}


def test_what_is_written_above_the_headings_is_passed_over() -> None:
    content = read("Kontoutskrift\nKonto;8601.11.17947\n\nDato;Beløp;Tekst\n01.03.2026;600;Hei\n")
    assert [(line.position, line.text) for line in content.lines] == [(5, "Hei")]


def test_a_column_for_the_kid_that_holds_words_is_text() -> None:
    rows = 'Dato;Inn;KID\n01.03.2026;600;="000123400005674"\n01.03.2026;600;takk for sist\n'
    assert [(line.kid, line.text) for line in read(rows).lines] == [("000123400005674", ""), ("", "takk for sist")]


def test_the_same_row_twice_is_two_payments_and_has_the_same_names_next_time() -> None:
    two = listed("01.03.2026;400;Kari", "01.03.2026;400;Kari")
    longer = listed("28.02.2026;100;Ola", "01.03.2026;400;Kari", "01.03.2026;400;Kari", "02.03.2026;1;X")
    names = [line.reference for line in read(two).lines]
    assert len(set(names)) == 2
    assert [line.reference for line in read(longer).lines][1:3] == names


def test_rows_of_nothing_are_no_money() -> None:
    assert read(listed("01.03.2026;0,00;Kontroll", ";;", "02.03.2026;5;x")).lines[0].text == "x"


REFUSED: list[tuple[str, bytes | str, str]] = [
    ("no list", "Hei du", "The file is not a list with a line of headings. Export the movements from the bank as CSV, "
     "or choose OCR giro or camt there."),
    ("no text", b"\x00\x01\x02\x03" * 20, "The file is no text. Export the movements from the bank as CSV, OCR giro or "
     "camt."),
    ("no date", listed("i går;600;x"), "Line 2 should have a date like 31.12.2026, but has “i går”."),
    ("an American date", listed("12/31/2026;600;x"), "Line 2 should have a date like 31.12.2026, but has "
    "“12/31/2026”."),
    ("no amount", listed("01.03.2026;;x"), "Line 2 should have an amount like 1 234,50, but has “”."),
    ("a formula", listed("01.03.2026;=1+1;x"), "Line 2 should have an amount like 1 234,50, but has “=1+1”."),
    ("two commas", listed("01.03.2026;1,2,3;x"), "Line 2 should have an amount like 1 234,50, but has “1,2,3”."),
    ("in and out", "Dato;Inn;Ut\n01.03.2026;5;5\n", "Line 2 has both money in and money out."),
    ("cut in a row", listed("01.03.2026;600;x", "02.03.2026;6")[:-1], "Line 3 has 2 columns where the lines before it "
     "have 3: the file was cut short. Export it from the bank again."),
    ("cut in a quotation", 'Dato;Beløp;Tekst\n01.03.2026;600;"Kari', "Line 2 ends in the middle of something: the file "
     "was cut short, or is no CSV. Export it from the bank again."),
    ("a cell like a book", listed(f"01.03.2026;600;{'x' * 3000}"), "Line 2 is longer than a movement can be. Is a "
     "quotation mark missing?"),
    ("too much", listed("01.03.2026;99999999999;x"), "Number 2 of the file has an amount that no payment has: "
     "99999999999.00."),
    ("unknown columns", "Foo;Bar\n1;2\n", "Say which column is the date."),
]  # fmt: skip


@pytest.mark.parametrize(("data", "sentence"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused_with_a_sentence(data: bytes | str, sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(data)
    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({0: "date"}, "Say which column is the amount, or which is the money in."),
        ({0: "amount"}, "Say which column is the date."),
        ({0: "date", 1: "amount", 2: "amount"}, "Two columns are “amount, below zero for money out”. Choose one "
        "of them."),
        ({0: "date", 1: "amount", 2: "in"},
         "Choose either one column for the amount, or one for money in and one for money out."),
    ],
)  # fmt: skip
def test_columns_that_are_not_enough(columns: dict[int, str], sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        bank_csv.refuse_what_is_not_enough(columns)
    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "The file is empty. Fetch it from the bank again."),
        (b"  \r\n", "The file is empty. Fetch it from the bank again."),
        (b"PK\x03\x04....", "The file is packed. Unpack it and bring the file that is in it; an Excel file is saved as "
         "CSV first."),
        (b"\x1f\x8b....", "The file is packed. Unpack it and bring the file that is in it; an Excel file is "
        "saved as CSV "
         "first."),
        (b"%PDF-1.7", "This is a PDF, which is made for reading only. Fetch OCR giro, camt or CSV from the bank."),
    ],
)  # fmt: skip
def test_what_is_no_bank_file(data: bytes, expected: str) -> None:
    with pytest.raises(Unreadable) as refused:
        reading.format_of(data)
    assert refused.value.sentence == expected


words = st.text("abcæøåÆØÅ 123", max_size=20).map(lambda text: " ".join(text.split()))
amounts = st.decimals(min_value="-99999", max_value="9999999", places=2).filter(bool)
payments = st.builds(
    Paid, amount=amounts, name=words, text=words, on=st.dates(date(2000, 1, 1), date(2068, 12, 31)), account=st.just("")
)


@given(st.lists(payments, max_size=8), st.sampled_from([dnb, nordea, sparebank1]))
def test_what_a_bank_writes_is_read_back(written: list[Paid], bank: Callable[..., bytes]) -> None:
    content = read(bank(written))
    assert [(line.amount, line.booked_on) for line in content.lines] == [(p.amount, p.on) for p in written]
    assert len({line.reference for line in content.lines}) == len(written)


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda junk: "Dato;Beløp;Tekst\n".encode() + junk))
def test_garbage_raises_the_one_error(data: bytes) -> None:
    try:
        read(data)
    except Unreadable as refused:
        assert refused.sentence
