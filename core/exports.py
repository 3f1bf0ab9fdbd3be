"""Lists as files for spreadsheets. What somebody typed into a form must stay text there, never become a formula."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import chain
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

from core import workbooks

FORMATS = ("xlsx", "csv")
_FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")


def inert(cell: Any) -> Any:
    """Return the cell so that no spreadsheet takes it for a formula: an apostrophe goes before `=`, `+`, `-`, `@`.

    So do TAB, CR, spaces before such a sign, its full-width form, and an apostrophe that stood there already, so that
    `restored` gives every text back unchanged. Numbers and dates are left alone.
    """
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def restored(text: str) -> str:
    """Take away the apostrophe that `inert` put before a text, for importers."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def response(*, name: str, format: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    """Return the rows as a file to download: `name.xlsx` or `name.csv`. Every cell is made inert."""
    if format == "xlsx":
        return FileResponse(_xlsx(headings, rows), as_attachment=True, filename=f"{name}.xlsx")
    return StreamingHttpResponse(
        csv_lines(headings=headings, rows=rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def csv_lines(*, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a CSV file as Norwegian spreadsheets open it: semicolons, UTF-8 with its mark, CRLF."""
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff" + writer.writerow(headings)
    for row in rows:
        yield writer.writerow([inert(cell) for cell in row])


def _xlsx(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> BytesIO:
    return workbooks.written(chain([headings], ([inert(cell) for cell in row] for row in rows)))


class _Echo:
    """A file that hands back what is written, so that lines leave as they are made."""

    def write(self, line: str) -> str:
        return line
