"""camt.053 and camt.054: every version reads alike; what disagrees with itself, or is out to harm, is refused whole."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.banks import camt
from payments.banks.lines import Line, Unreadable
from tests.payments.banks.writers import Paid, paid
from tests.payments.banks.writers import camt as written

KID = "000123400005674"
TWO = [paid("400", KID, name="Kari Nordmann", reference="T1"), paid("600", text="Hei", name="Åse", reference="T2")]


def read(data: bytes) -> tuple[Line, ...]:
    return camt.read(data).lines


@pytest.mark.parametrize("kind", ["053", "054"])
@pytest.mark.parametrize("version", ["02", "04", "08", "13"])
@pytest.mark.parametrize("prefix", ["", "n0"])
def test_every_version_reads_alike(kind: str, version: str, prefix: str) -> None:
    lines = read(written(TWO, kind=kind, version=version, prefix=prefix))
    assert [(line.amount, line.kid, line.text, line.payer_name, line.payer_account) for line in lines] == [
        (Decimal("400.00"), KID, "", "Kari Nordmann", "12345678903"),
        (Decimal("600.00"), "", "Hei", "Åse", "12345678903"),
    ]


def test_a_batch_and_the_same_payments_alone_have_the_same_amounts() -> None:
    alone, batch = read(written(TWO)), read(written(TWO, batches=[2]))
    assert [line.amount for line in alone] == [line.amount for line in batch]
    assert [line.reference.rpartition(":")[2] for line in batch] == ["T1", "T2"]
    assert {line.batch_reference for line in batch} == {"camt:86011117947:2026-03-10:E1"}


def test_a_notification_and_the_statement_name_a_payment_alike() -> None:
    assert read(written(TWO, kind="054"))[0].reference == read(written(TWO, kind="053", version="08"))[0].reference


def test_parts_without_names_are_named_by_their_place() -> None:
    lines = read(written([paid("400", KID), paid("400", KID), paid("1")], batches=[3]))
    assert [line.reference.rpartition(":")[2] for line in lines] == ["E1/1", "E1/2", "E1/3"]


def test_one_name_for_two_entries_is_two_payments() -> None:
    lines = read(written([paid("400", KID, reference="X"), paid("400", KID, reference="X")]))
    assert [line.reference.rpartition(":")[2] for line in lines] == ["X", "X#2"]


def test_money_out_and_reversals_are_told_apart() -> None:
    lines = read(written([paid("-2500", name="Utleieren"), paid("-400", KID, is_reversal=True)]))
    assert [(line.amount, line.is_reversal, line.payer_name) for line in lines] == [
        (Decimal("-2500.00"), False, "Utleieren"),
        (Decimal("-400.00"), True, ""),
    ]


def test_a_batch_in_which_some_money_went_out() -> None:
    lines = read(written([paid("400", KID), paid("-100", text="Gebyr")], batches=[2]))
    assert [line.amount for line in lines] == [Decimal("400.00"), Decimal("-100.00")]


def test_a_statement_without_entries_tells_that_nothing_came() -> None:
    content = camt.read(written([], kind="053", opening="100", closing="100"))
    assert (content.lines, content.until, content.checked_by) == ((), date(2026, 3, 10), "balances")


def test_what_is_only_announced_is_no_money() -> None:
    assert read(written(TWO).replace(b"<Sts>BOOK</Sts>", b"<Sts>PDNG</Sts>", 1))[0].payer_name == "Åse"


def test_parts_in_another_currency_are_left_to_a_person() -> None:
    data = written(TWO, batches=[2]).replace(b"<TxAmt><Amt Ccy='NOK'>", b"<TxAmt><Amt Ccy='EUR'>")
    (line,) = read(data)
    assert (line.amount, line.kid, line.text, line.payer_name) == (
        Decimal("1000.00"), "", f"{KID} Hei", "Kari Nordmann, Åse",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "checked_by"),
    [
        ({}, "nothing"),
        ({"summary": True}, "totals"),
        ({"kind": "053", "opening": "-50.50", "closing": "949.50"}, "balances"),
        ({"kind": "053", "opening": "0", "closing": "1000", "summary": True}, "balances"),
        ({"kind": "053", "opening": "0"}, "nothing"),
    ],
)
def test_what_the_file_was_checked_by(options: dict[str, Any], checked_by: str) -> None:
    assert camt.read(written(TWO, **options)).checked_by == checked_by


def test_a_page_of_a_statement_is_not_held_to_the_balances_of_the_whole() -> None:
    data = written(TWO, kind="053", opening="0", closing="99999").replace(
        b"</GrpHdr>", b"<MsgPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></MsgPgntn></GrpHdr>"
    )
    assert camt.read(data).checked_by == "nothing"


BOMB = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "
""&a;&a;&a;&a;&a;&a;">]><Document>&b;</Document>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document>&x;</Document>"""
FIRST_ENTRY = re.compile(rb"<Ntry>.*?</Ntry>")
STATEMENT = written(TWO, kind="053", opening="0", closing="1000", summary=True)

REFUSED = [
    ("an entity bomb", BOMB, "The file defines entities of its own, which no bank does. It was not read."),
    ("a file of ours", OUTSIDE, "The file defines entities of its own, which no bank does. It was not read."),
    ("a document type", b"<!DOCTYPE html><html></html>",
     "The file defines entities of its own, which no bank does. It was not read."),
    ("depth", b"<Document>" + b"<a>" * 5000, "The file is built in a way that no bank's file is. It was not read."),
    ("width", b"<Document><a><a><a>" + b"<b/>" * 250_000,
     "The file is built in a way that no bank's file is. It was not read."),
    ("no XML", b"<?xml version='1.0'?> hei", "Line 1 is not XML as a bank writes it. Fetch the file from the "
    "bank again."),
    ("an encoding that is none", b"<?xml version='1.0' encoding='x-none'?><a/>",
     "The file's characters cannot be read. Fetch it from the bank again."),
    ("other XML", b"<Document><CstmrCdtTrfInitn/></Document>", "This is XML, but neither a statement (camt.053) nor a "
     "notification (camt.054). Ask the bank for one of these."),
    ("cut short", STATEMENT[:1200], "The file ends in line 2, in the middle of something: it was cut short. Fetch it "
     "from the bank again."),
    ("an entry left out", FIRST_ENTRY.sub(b"", STATEMENT, count=1),
     "The statement of account 86011117947 should end at 1000.00, but its entries lead to 600.00. Nothing was taken "
     "from the file. Fetch it from the bank again."),
    ("a wrong sum", written(TWO, summary=True).replace(b"<Sum>1000.00", b"<Sum>1100.00"), "The file says that account "
     "86011117947 has 1100.00 in all, but its entries are 1000.00. Nothing was taken from the file. Fetch it from the "
     "bank again."),
    ("a batch and other parts", written(TWO, batches=[2]).replace(b">600.00</Amt></TxAmt>", b">700.00</Amt></TxAmt>"),
     "Entry number 1 is a batch of 1000.00, but its parts are 1100.00 in all. Nothing was taken from the file. "
     "Fetch it "
     "from the bank again."),
    ("no amount", written(TWO[:1]).replace(b"<Ntry><Amt Ccy='NOK'>400.00</Amt>", b"<Ntry>"),
     "Entry number 1 of the file should have an amount, but has none."),
    ("a third of an øre", written(TWO[:1]).replace(b">400.00<", b">400.003<"),
     "Entry number 1 of the file should have an amount, but has none."),
    ("no date", written(TWO[:1]).replace(b"<BookgDt><Dt>2026-03-10", b"<BookgDt><Dt>2026-13-10"),
     "Entry number 1 of the file should have a date, but has none."),
    ("no account", written(TWO[:1]).replace(b"<Id>86011117947</Id>", b""),
     "The file does not say which account it is about. Fetch it from the bank again."),
]  # fmt: skip


@pytest.mark.parametrize(("data", "sentence"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        camt.read(data)
    assert refused.value.sentence == sentence


words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), max_size=20)
payments = st.builds(
    Paid,
    amount=st.decimals(min_value="0.01", max_value="9999999", places=2),
    kid=st.from_regex(r"[0-9]{1,24}[0-9-]", fullmatch=True) | st.just(""),
    text=words,
    name=words,
    account=st.sampled_from(["12345678903", ""]),
    on=st.just(date(2026, 3, 10)),
)


@given(st.lists(payments, max_size=6), st.integers(0, 6), st.sampled_from(["02", "08"]), st.booleans())
def test_what_a_bank_writes_is_read_back(paid: list[Paid], size: int, version: str, summary: bool) -> None:
    total = sum((p.amount for p in paid), Decimal(0))
    batches = [min(size, len(paid))] if size and paid else []
    data = written(paid, kind="053", version=version, opening="10", closing=str(total + 10), batches=batches,
                   summary=summary)  # fmt: skip
    content = camt.read(data)
    assert [(line.amount, line.kid, line.text, line.payer_name, line.payer_account) for line in content.lines] == [
        (p.amount, p.kid, p.text, p.name, p.account) for p in paid
    ]
    assert len({line.reference for line in content.lines}) == len(paid)


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda junk: b"<?xml version='1.0'?><Document>" + junk))
def test_garbage_raises_the_one_error(data: bytes) -> None:
    with pytest.raises(Unreadable):
        camt.read(data)


@settings(max_examples=300)
@given(st.integers(0, len(STATEMENT) - 1), st.binary(min_size=1, max_size=4))
def test_a_damaged_file_is_read_or_refused(place: int, damage: bytes) -> None:
    try:
        camt.read(STATEMENT[:place] + damage + STATEMENT[place + len(damage) :])
    except Unreadable as refused:
        assert refused.sentence


@given(st.integers(0, len(STATEMENT) - 1))
def test_a_file_cut_short_is_refused(end: int) -> None:
    with pytest.raises(Unreadable):
        camt.read(STATEMENT[:end])
