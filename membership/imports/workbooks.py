"""XLSX files: the rows of the first sheet as text, in bounded memory, whatever somebody has packed into the file."""

import warnings
import zipfile
from collections.abc import Generator, Iterator, Sequence
from datetime import date, datetime, time
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook

from core.errors import Refused

MAX_UNPACKED = 400 * 1024 * 1024
MAX_STRINGS = 60 * 1024 * 1024  # the table of texts is held in memory, unlike the sheets
MAX_RATIO = 150  # a real register is packed 5 to 20 times; a bomb a thousand
MAX_PARTS = 2000
MAX_CELLS = 4_000_000
_CHUNK = 1024 * 1024


def is_workbook(source: IO[bytes]) -> bool:
    """Whether the file is a zip archive, as XLSX files are."""
    start = source.read(4)
    source.seek(0)
    return start == b"PK\x03\x04"


def lines(source: IO[bytes]) -> Generator[tuple[int, list[str]]]:
    """Yield the first sheet's rows as texts, with their numbers. Formulas count by their last value.

    Refuses archives that unpack to too much, that hold entities, or that are no workbook.
    """
    _look_inside(source)
    source.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of decorations it leaves out
        try:
            book = load_workbook(source, read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its own size may be anything
            yield from _texts(sheet.iter_rows(values_only=True))
        except (KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError, OSError,
                zipfile.BadZipFile) as error:  # fmt: skip
            raise _no_workbook() from error


def _no_workbook() -> Refused:
    return Refused(_("The file is no workbook that can be read. Save the list as XLSX or CSV (UTF-8) and try again."),
                   code="not_text")  # fmt: skip


def _look_inside(source: IO[bytes]) -> None:
    """Refuse bombs before anything is unpacked into memory. A part never gives more than its entry says."""
    try:
        with zipfile.ZipFile(source) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            packed = sum(part.compress_size for part in parts)
            strings = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
            if (len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or strings > MAX_STRINGS
                    or unpacked > max(packed, 10_000) * MAX_RATIO):  # fmt: skip
                raise Refused(_("The workbook unpacks to far more than a list of members. Save it as CSV (UTF-8)."),
                              code="too_large")  # fmt: skip
            if any(_has_entities(archive, part) for part in parts if part.filename.lower().endswith((".xml", ".rels"))):
                raise _no_workbook()
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError) as error:
        # RuntimeError: encrypted, or packed in a way that zipfile does not know.
        raise _no_workbook() from error


def _has_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part declares a document type, as no workbook does and entity bombs must; UTF-16 could hide it."""
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            if b"\x00" in chunk or b"<!DOCTYPE" in tail + chunk or b"<!ENTITY" in tail + chunk:
                return True
            tail = chunk[-10:]
    return False


def _texts(rows: Iterator[Sequence[Any]]) -> Iterator[tuple[int, list[str]]]:
    cells = 0
    for number, row in enumerate(rows, start=1):
        cells += len(row)
        if cells > MAX_CELLS:
            raise Refused(_("The sheet has more than %(number)s cells. Save it as CSV (UTF-8) and try again."),
                          code="too_long", params={"number": MAX_CELLS})  # fmt: skip
        yield number, [_text(value) for value in row]


def _text(value: Any) -> str:
    """A cell as it would stand in a CSV file: dates in ISO form, whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
