"""OCR giro: what a bank may send is read, what disagrees with itself is refused whole, with its line."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.banks import ocr_giro
from payments.banks.lines import Unreadable
from tests.payments.banks.writers import Paid, ocr, paid

GOOD = ocr([paid("400", "000123400005674"), paid("600.50", "12345678-"), paid("-150", kind=20, text="Tilbake")])
ROWS = GOOD.decode("iso-8859-1").splitlines()


def rows(*changed: tuple[int, str]) -> bytes:
    """The good file with some lines exchanged; an empty one is left out. Lines are counted from 1."""
    found = list(ROWS)
    for number, text in changed:
        found[number - 1] = text
    return "\n".join(row for row in found if row).encode("iso-8859-1")


def at(number: int, start: int, text: str) -> tuple[int, str]:
    """A line of the good file with other characters from a position on."""
    row = ROWS[number - 1]
    return number, row[: start - 1] + text + row[start - 1 + len(text) :]


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
@pytest.mark.parametrize("after", [b"", b"\n\n", b"\x1a"])
def test_line_ends_and_what_comes_after(newline: str, after: bytes) -> None:
    payments = [paid("400", "000123400005674")]
    assert len(ocr_giro.read(ocr(payments, newline=newline) + after).lines) == 1


def test_a_transmission_without_payments() -> None:
    content = ocr_giro.read(ocr([]))
    assert (content.lines, content.accounts, content.until) == ((), ("86011117947",), None)


def test_reversals_are_added_in_the_totals_and_taken_from_ours() -> None:
    content = ocr_giro.read(ocr([paid("400"), paid("-400", kind=18), paid("-100", kind=13)]))
    assert [(line.amount, line.is_reversal) for line in content.lines] == [
        (Decimal("400.00"), False),
        (Decimal("-400.00"), True),
        (Decimal("-100.00"), True),
    ]
    assert (content.total_in, content.total_out) == (Decimal("400.00"), Decimal("-500.00"))


def test_a_wrong_check_digit_refuses_nothing() -> None:
    assert ocr_giro.read(ocr([paid("400", "000123400005675")])).lines[0].kid == "000123400005675"


def test_the_same_payment_in_another_transmission_is_another_payment() -> None:
    one, other = (ocr_giro.read(ocr([paid("400", "12344")], transmission=n)).lines[0].reference for n in (1, 2))
    assert one != other


def cut_at(end: int) -> bytes:
    return "\n".join(ROWS[:end]).encode("iso-8859-1")


REFUSED: list[tuple[str, Callable[[], bytes], str]] = [
    ("empty", lambda: b"", "Line 1 should begin with NY and be 80 characters long, but is 0: “”. Fetch the file from "
     "the bank again, and do not save it from another program."),
    ("text", lambda: b"Hei du", "Line 1 should begin with NY and be 80 characters long, but is 6: “Hei du”. Fetch the "
     "file from the bank again, and do not save it from another program."),
    ("cut in a line", lambda: GOOD[:300], "Line 4 should begin with NY and be 80 characters long, but is 54: "
     "“NY0913310000”. Fetch the file from the bank again, and do not save it from another program."),
    ("cut between payments", lambda: cut_at(4), "The file ends after line 4, where a record 88 should follow: it was "
     "cut short. Fetch it from the bank again."),
    ("cut in a payment", lambda: cut_at(5), "The file ends after line 5, where a record 31 should follow: it was cut "
     "short. Fetch it from the bank again."),
    ("without the last line", lambda: cut_at(10), "The file ends after line 10, where a record 89 should "
    "follow: it was "
     "cut short. Fetch it from the bank again."),
    ("trailing blanks lost", lambda: rows((3, ROWS[2].rstrip())), "Line 3 should begin with NY and be 80 characters "
     "long, but is 74: “NY0913300000”. Fetch the file from the bank again, and do not save it from another program."),
    ("a payment left out", lambda: rows((3, ""), (4, "")), "Line 8 says that 3 payments come before it, but there are "
     "2. Nothing was taken from the file. Fetch it from the bank again."),
    ("another amount", lambda: rows(at(3, 33, f"{50000:017}")), "Line 10 says that the payments before it are 1150,50 "
     "in all, but they are 1250,50. Nothing was taken from the file. Fetch it from the bank again."),
    ("a wrong number of records", lambda: rows(at(10, 17, "00000099")), "Line 10 says that it closes 99 lines, but "
     "there are 9. Nothing was taken from the file. Fetch it from the bank again."),
    ("a wrong total of all", lambda: rows(at(11, 25, f"{1:017}")), "Line 11 says that the payments before it are 0,01 "
     "in all, but they are 1150,50. Nothing was taken from the file. Fetch it from the bank again."),
    ("no date", lambda: rows(at(3, 16, "310226")), "Line 3: positions 16 to 21 should be a date as DDMMYY, but are "
     "“310226”."),
    ("letters for an amount", lambda: rows(at(3, 33, "O" * 17)), "Line 3: positions 33 to 49 should be the amount in "
     "digits, but are “OOOOOOOOOOOOOOOOO”."),
    ("an unknown type", lambda: rows(at(3, 5, "99")), "Line 3: positions 5 to 6 should be a type of transaction "
    "from 10 "
     "to 21, but are “99”."),
    ("another payment's second line", lambda: rows(at(4, 9, "0000009")), "Line 4 belongs to another transaction than "
     "line 3."),
    ("a number twice", lambda: rows(at(5, 9, "0000001"), at(6, 9, "0000001")), "Line 5: transaction number 1 comes "
     "twice."),
    ("lines in another order", lambda: rows((3, ROWS[3]), (4, ROWS[2])), "Line 3 should be a record 88, but is “31”."),
    ("two transmissions", lambda: GOOD + GOOD, "Line 12 comes after the end of the transmission. Bring the "
     "transmissions in files of their own."),
    ("an amount no bank has", lambda: ocr([paid("99999999999")]), "Number 3 of the file has an amount that no payment "
     "has: 99999999999.00."),
]  # fmt: skip


@pytest.mark.parametrize(("data", "sentence"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused_with_a_sentence(data: Callable[[], bytes], sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        ocr_giro.read(data())
    assert refused.value.sentence == sentence


amounts = st.decimals(min_value="0.01", max_value="9999999", places=2)
payments = st.builds(
    Paid,
    amount=amounts,
    kid=st.from_regex(r"[0-9]{1,24}[0-9-]", fullmatch=True) | st.just(""),
    text=st.text("abcæøåÆØÅ 0123.-/", max_size=40).map(lambda text: " ".join(text.split())),
    account=st.sampled_from(["12345678903", "86011117947", ""]),
    on=st.dates(date(2000, 1, 1), date(2068, 12, 31)),
    kind=st.sampled_from([10, 11, 12, 13, 14, 15, 16, 17, 19, 21]),
)


@given(st.lists(payments, max_size=8))
def test_what_a_bank_writes_is_read_back(written: list[Paid]) -> None:
    content = ocr_giro.read(ocr(written))
    assert [(line.amount, line.kid, line.text, line.payer_account, line.booked_on) for line in content.lines] == [
        (p.amount, p.kid, p.text, p.account, p.on) for p in written
    ]
    assert len({line.reference for line in content.lines}) == len(written)


@given(st.binary(max_size=400) | st.binary(max_size=400).map(lambda junk: b"NY000010" + junk))
def test_garbage_raises_the_one_error(data: bytes) -> None:
    with pytest.raises(Unreadable):
        ocr_giro.read(data)


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=3))
def test_a_damaged_file_is_read_or_refused(place: int, damage: bytes) -> None:
    try:
        ocr_giro.read(GOOD[:place] + damage + GOOD[place + len(damage) :])
    except Unreadable as refused:
        assert refused.sentence


@given(st.integers(0, len(GOOD.rstrip()) - 1))
def test_a_file_cut_short_is_refused(end: int) -> None:
    with pytest.raises(Unreadable):
        ocr_giro.read(GOOD[:end])
