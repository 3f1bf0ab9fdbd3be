"""From a file to rows: finds out the format, the letters and the separator, and refuses what is no list of members.

Whatever came is written in one plain form (a CSV file in UTF-8, each row with its line in the original), row by row,
so that memory does not grow with the file. Later steps read that form, from any place in it.
"""

import codecs
import csv
import io
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import IO

from django.utils.translation import gettext_lazy as _

from core.errors import Refused
from core.exports import restored
from membership.imports import workbooks

MAX_BYTES = 40 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELL = 10_000
_CHUNK = 64 * 1024
_LONGEST_LINE = 1_000_000

type Line = tuple[int, list[str]]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A file as read: its headings, and how many rows follow."""

    headings: list[str]
    rows: int


def read(source: IO[bytes], into: IO[bytes]) -> Sheet:
    """Write a CSV or XLSX file in the plain form. CSV: UTF-8 with or without BOM, UTF-16 or CP1252; comma, semicolon
    or tab.

    Refuses, with a sentence, what is empty, too large in any direction, no text, or without rows.
    """
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    if size > MAX_BYTES:
        raise Refused(_("The file is larger than %(size)s MB. Split it and import the parts one by one."),
                      code="too_large", params={"size": MAX_BYTES // 1024 // 1024})  # fmt: skip
    lines = workbooks.lines(source) if workbooks.is_workbook(source) else _csv_lines(source)
    text = io.TextIOWrapper(into, encoding="utf-8", newline="", write_through=True)
    try:
        with closing(lines):
            return _write(lines, csv.writer(text, lineterminator="\n"))
    finally:
        text.detach()


def _write(lines: Iterable[Line], writer: "csv.writer") -> Sheet:  # type: ignore[valid-type]
    headings: list[str] | None = None
    count = 0
    for number, cells in lines:
        texts = [_plain(cell, number) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            continue
        if len(texts) > MAX_COLUMNS:
            raise Refused(_("The file has more than %(number)s columns. Leave out those that are not needed."),
                          code="too_wide", params={"number": MAX_COLUMNS})  # fmt: skip
        if headings is None:
            headings = texts
        else:
            count += 1
        if count > MAX_ROWS:
            raise Refused(_("The file has more than %(number)s rows. Split it and import the parts one by one."),
                          code="too_long", params={"number": MAX_ROWS})  # fmt: skip
        writer.writerow([number, *texts])  # type: ignore[attr-defined]
    if headings is None:
        raise Refused(_("The file is empty. Export the list again and try once more."), code="empty")
    if not count:
        raise Refused(_("The file has headings but no rows."), code="no_rows")
    return Sheet(headings=headings, rows=count)


def _plain(cell: str, line: int) -> str:
    """The text as somebody meant it: without spaces around it and the apostrophe our own exports put before it."""
    if len(cell) > MAX_CELL:
        raise _too_much(line)
    cell = cell.strip()
    return restored(cell) if cell.startswith("'") else cell


def _too_much(line: int) -> Refused:
    return Refused(
        _("A cell in line %(line)s holds more than %(number)s characters. Is a quotation mark missing before it?"),
        code="cell", params={"line": line, "number": MAX_CELL},
    )  # fmt: skip


def rows(
    file: IO[bytes], *, fields: Sequence[tuple[str, int]], offset: int = 0
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a file in the plain form as {field: text}, each with its line in the original.

    `fields` are names and positions. `offset` is a place that `file.tell()` gave after an earlier row; 0 is the start.
    """
    file.seek(offset)
    reader = csv.reader(line.decode() for line in iter(file.readline, b""))
    if not offset:
        next(reader)  # the headings
    for number, *cells in reader:
        width = len(cells)
        yield int(number), {name: cells[at] for name, at in fields if at < width and cells[at]}


# --- CSV -------------------------------------------------------------------------------------------------------------


def _csv_lines(source: IO[bytes]) -> Generator[Line]:
    encoding = _encoding(source)
    source.seek(0)
    text = io.TextIOWrapper(source, encoding=encoding, newline="")
    try:
        yield from _parsed(text)
    finally:
        text.detach()


def _parsed(text: io.TextIOWrapper) -> Iterator[Line]:
    skipped, first = 0, _line(text)
    while first and not first.strip():
        skipped, first = skipped + 1, _line(text)
    separator = _separator(first)
    if first[:4].lower() == "sep=" and len(first.strip()) == 5:  # what Excel writes above the headings
        skipped, separator, first = skipped + 1, first[4], _line(text)
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(chain([first], iter(partial(_line, text), "")), delimiter=separator, strict=True)
    try:
        for cells in reader:
            yield reader.line_num + skipped, cells
    except csv.Error as error:
        if "limit" in str(error):
            raise _too_much(reader.line_num + skipped) from None
        raise Refused(_("Line %(line)s cannot be read: %(error)s. Mend it and try again."), code="broken",
                      params={"line": reader.line_num + skipped, "error": error}) from None  # fmt: skip


def _line(text: io.TextIOWrapper) -> str:
    """The next line; "" at the end. A file that is one endless line is no list."""
    line = text.readline(_LONGEST_LINE)
    if len(line) == _LONGEST_LINE:
        raise Refused(_("The file has a line that is longer than any member's. Export the list again as CSV (UTF-8)."),
                      code="broken")  # fmt: skip
    return line


def _encoding(source: IO[bytes]) -> str:
    """The encoding, by its byte order mark, as UTF-8, or as the CP1252 that older Windows programs write."""
    source.seek(0)
    start = source.read(_CHUNK)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif start[1::2].count(0) > len(start) // 4:
        candidates = ["utf-16-le"]
    else:
        candidates = ["utf-8-sig", "cp1252"]
    for encoding in candidates:
        if _can_be(source, encoding):
            return encoding
    raise Refused(_("The file is neither CSV nor XLSX. Save the list as CSV (UTF-8) or XLSX and try again."),
                  code="not_text")  # fmt: skip


def _can_be(source: IO[bytes], encoding: str) -> bool:
    """Whether the whole file is text in that encoding. No text has a NUL in it."""
    source.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := source.read(_CHUNK):
            if "\x00" in decoder.decode(chunk):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(first: str) -> str:
    """The separator that divides the first line most."""
    return max((",", ";", "\t"), key=first.count)
