"""Books written row by row, read by the library that others read them with: every cell is what was put in."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from core import workbooks

# All but what XML cannot hold.
TEXTS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff", include_characters="\n\t")
)
CELLS = (
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | TEXTS
    | st.dates(date(1900, 3, 1), date(2999, 12, 31))
    | st.decimals(-(10**9), 10**9, places=2)
    | st.datetimes(datetime(1900, 3, 1), datetime(2999, 1, 1)).map(lambda moment: moment.replace(microsecond=0))
)  # fmt: skip


def read(book: BytesIO) -> list[list[Any]]:
    sheet = load_workbook(book).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def as_read(cell: Any) -> Any:
    """A day comes back as its midnight, a number without its type, and an empty text as nothing."""
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day)
    return pytest.approx(float(cell)) if isinstance(cell, Decimal) else cell or (None if cell == "" else cell)


@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=6))
def test_every_cell_comes_back(rows: list[list[Any]]) -> None:
    ends = ["|"] * 4  # a sheet reaches as far as its last cell
    assert read(workbooks.written([*rows, ends])) == [*([as_read(cell) for cell in row] for row in rows), ends]


def test_more_rows_than_are_written_at_once_and_columns_beyond_z() -> None:
    rows = [[f"{row}:{column}" for column in range(30)] for row in range(workbooks.ROWS_AT_ONCE * 2 + 3)]
    assert read(workbooks.written(rows)) == rows


def test_what_looks_like_markup_or_an_error_is_text() -> None:
    row = ["<b>&amp;</b>", "]]>", "#N/A", "=1+1", " x ", "a\nb"]
    book = workbooks.written([row])
    sheet = load_workbook(book).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == row
    assert {cell.data_type for cell in sheet[1]} == {"s"}


def test_what_the_format_cannot_hold_falls_out() -> None:
    assert read(workbooks.written([["a\x00\x0bb\ufffe\ud800c", "x" * 40_000]])) == [["abc", "x" * workbooks.LONGEST]]


def test_days_and_moments_look_like_days_and_moments() -> None:
    sheet = load_workbook(workbooks.written([[date(1950, 1, 2), datetime(2026, 2, 3, 4, 5)]])).active
    assert sheet is not None
    assert [cell.number_format for cell in sheet[1]] == ["yyyy-mm-dd", "yyyy-mm-dd h:mm:ss"]


def test_a_list_without_rows_is_a_book_all_the_same() -> None:
    assert read(workbooks.written([["Name"]])) == [["Name"]]
    assert ZipFile(workbooks.written([])).testzip() is None
    assert read(workbooks.written([])) == []


@pytest.mark.parametrize("cell", [datetime(2026, 1, 1, tzinfo=UTC), object(), ["a"]])
def test_what_is_no_cell_is_refused(cell: object) -> None:
    with pytest.raises(TypeError, match="A cell cannot hold"):
        workbooks.written([[cell]])
