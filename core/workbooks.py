"""Long lists as XLSX, in a fraction of the time openpyxl takes for each cell. What is in the cells is the caller's.

openpyxl makes the book around an empty sheet: its parts, and the formats of days and moments. The rows are written
here, straight into the archive, so that no list is ever held in memory as cells or as XML.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from itertools import batched, chain
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

LONGEST = 32_767  # letters in a cell, as the format has it
ROWS_AT_ONCE = 200
_SHEET = "xl/worksheets/sheet1.xml"
_ROWS = re.compile(r"<sheetData>.*</sheetData>", re.DOTALL)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML cannot hold
_MARKED = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def written(rows: Iterable[Sequence[Any]]) -> BytesIO:
    """Return a book of one sheet with these rows, to be read from its beginning.

    Cells are texts, numbers, yes or no, days, moments without a time zone, or None for an empty one; anything else is
    the caller's mistake (TypeError). Control characters, which the format cannot hold, fall out of texts.
    """
    shell, day_style, moment_style = _shell()
    output = BytesIO()
    with ZipFile(shell) as empty, ZipFile(output, "w", ZIP_DEFLATED, compresslevel=3) as book:
        for name in empty.namelist():
            if name != _SHEET:
                book.writestr(name, empty.read(name))
        before, after = _ROWS.split(empty.read(_SHEET).decode())
        with book.open(_SHEET, "w", force_zip64=True) as sheet:
            lines = _lines(rows, day_style, moment_style)
            for portion in batched(chain([before, "<sheetData>"], lines, ["</sheetData>", after]), ROWS_AT_ONCE):
                sheet.write("".join(portion).encode())
    output.seek(0)
    return output


def _shell() -> tuple[BytesIO, int, int]:
    """A book with one sheet to be filled, and the numbers of its styles for a day and for a moment."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    day, moment = (WriteOnlyCell(sheet, value) for value in (date(2000, 1, 1), datetime(2000, 1, 1, 1, 1)))
    sheet.append([day, moment])
    shell = BytesIO()
    book.save(shell)
    return shell, day.style_id, moment.style_id


def _lines(rows: Iterable[Sequence[Any]], day_style: int, moment_style: int) -> Iterator[str]:
    letters: list[str] = []
    for number, row in enumerate(rows, start=1):
        if len(row) > len(letters):
            letters = [get_column_letter(column) for column in range(1, len(row) + 1)]
        cells = []
        for letter, value in zip(letters, row, strict=False):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                cells.append(f'<c r="{letter}{number}" t="inlineStr"><is>{_text(value)}</is></c>')
            elif isinstance(value, datetime):
                cells.append(f'<c r="{letter}{number}" s="{moment_style}"><v>{_moment(value)}</v></c>')
            elif isinstance(value, date):
                cells.append(f'<c r="{letter}{number}" s="{day_style}"><v>{_day(value)}</v></c>')
            elif isinstance(value, bool):
                cells.append(f'<c r="{letter}{number}" t="b"><v>{value:d}</v></c>')
            elif isinstance(value, int | float | Decimal):
                cells.append(f'<c r="{letter}{number}"><v>{value}</v></c>')
            else:
                raise TypeError(f"A cell cannot hold {value!r}.")
        yield f'<row r="{number}">{"".join(cells)}</row>'


def _text(value: str) -> str:
    """As an element: spaces at either end are kept, and so are line breaks of every kind."""
    text = value[:LONGEST]
    if _MARKED.search(text):
        text = _ILLEGAL.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        text = text.replace("\r", "&#13;")
    return f"<t>{text}</t>" if text == text.strip() else f'<t xml:space="preserve">{text}</t>'


@lru_cache(maxsize=50_000)
def _day(value: date) -> Any:
    return to_excel(value)


def _moment(value: datetime) -> Any:
    if value.tzinfo is not None:
        raise TypeError("A cell cannot hold a moment with a time zone: make it a local time or a text first.")
    return to_excel(value)
