"""Cells that look like formulas are text in every export, and come back as they were."""

import csv
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from core import exports


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+4791234567", "'+4791234567"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        (" =1", "' =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("Ola O'Brien", "Ola O'Brien"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        ("Aune-Berg", "Aune-Berg"),
        ("", ""),
        (Decimal("-5.00"), Decimal("-5.00")),
        (None, None),
    ],
)
def test_inert(cell: object, expected: object) -> None:
    assert exports.inert(cell) == expected


@given(st.text() | st.text(alphabet="'=+-@\t\r ＝x"))
def test_every_text_comes_back(text: str) -> None:
    assert exports.restored(exports.inert(text)) == text


ROWS = [["=cmd|' /C calc'!A0", Decimal("600.00"), date(2026, 2, 3)], ["Åse; Ærlig", Decimal("-1.50"), None]]


def test_csv() -> None:
    response = exports.response(name="due", format="csv", headings=["Name", "Amount", "Date"], rows=ROWS)
    content = b"".join(response).decode()
    assert response["Content-Disposition"] == 'attachment; filename="due.csv"'
    assert content.startswith("\ufeff")
    assert list(csv.reader(StringIO(content[1:]), delimiter=";")) == [
        ["Name", "Amount", "Date"],
        ["'=cmd|' /C calc'!A0", "600.00", "2026-02-03"],
        ["Åse; Ærlig", "-1.50", ""],
    ]


def test_xlsx() -> None:
    response = exports.response(name="due", format="xlsx", headings=["Name", "Amount", "Date"], rows=ROWS)
    sheet = load_workbook(BytesIO(b"".join(response))).active
    assert [[cell.value for cell in row] for row in sheet] == [
        ["Name", "Amount", "Date"],
        ["'=cmd|' /C calc'!A0", 600, sheet["C2"].value],
        ["Åse; Ærlig", -1.5, None],
    ]
    assert sheet["A2"].data_type == "s"
    assert sheet["C2"].value.date() == date(2026, 2, 3)
