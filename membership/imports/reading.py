"""From bytes to rows: finds out the letters and the separator, and refuses what is no list of members."""

import codecs
import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from core.errors import Refused
from membership.imports import columns

MAX_BYTES = 40 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELL = 10_000


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A file as read: rows as {field: text}, each with its line in the file, and the headings nobody knew."""

    rows: list[tuple[int, dict[str, str]]]
    unknown_headings: list[str]
    fields: list[str]


def read(content: bytes) -> Sheet:
    """Read a CSV file: UTF-8 with or without BOM, UTF-16 or CP1252; comma, semicolon or tab.

    Refuses, with a sentence, an empty file, one that is not text, too large, or without a column for names.
    """
    if len(content) > MAX_BYTES:
        raise Refused(_("The file is larger than %(size)s MB. Split it and import the parts one by one."),
                      code="too_large", params={"size": MAX_BYTES // 1024 // 1024})  # fmt: skip
    text = _decoded(content)
    if not text.strip():
        raise Refused(_("The file is empty. Export the list again and try once more."), code="empty")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    csv.field_size_limit(MAX_CELL * 10)
    try:
        headings = next(reader)
        if len(headings) > MAX_COLUMNS:
            raise Refused(_("The file has more than %(number)s columns. Leave out those that are not needed."),
                          code="too_wide", params={"number": MAX_COLUMNS})  # fmt: skip
        return _sheet(headings, ((reader.line_num, cells) for cells in reader))
    except csv.Error as error:
        raise Refused(_("Line %(line)s cannot be read: %(error)s. Mend it and try again."), code="broken",
                      params={"line": reader.line_num, "error": error}) from None  # fmt: skip


def _sheet(headings: list[str], lines: Iterable[tuple[int, list[str]]]) -> Sheet:
    positions = columns.guess(headings)
    if "last_name" not in positions and "organisation_name" not in positions:
        raise Refused(
            _("No column for names was found. The first line must hold the headings, for example: "
              "member_no, first_name, last_name, email."), code="no_headings",
        )  # fmt: skip
    rows: list[tuple[int, dict[str, str]]] = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) >= MAX_ROWS:
            raise Refused(_("The file has more than %(number)s rows. Split it and import the parts one by one."),
                          code="too_long", params={"number": MAX_ROWS})  # fmt: skip
        row = {field: cells[at].strip() if at < len(cells) else "" for field, at in positions.items()}
        rows.append((number, row))
    unknown = [h.strip() for h in headings if h.strip() and columns.field_for(h) is None]
    return Sheet(rows=rows, unknown_headings=unknown, fields=list(positions))


def _decoded(content: bytes) -> str:
    """The text, by its byte order mark, as UTF-8, or as the CP1252 that older Windows programs write."""
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            text = content.decode("utf-16")
        else:
            text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text or "\ufffd" in text:
        raise Refused(_("The file is not a CSV file. Save the list as CSV (UTF-8) and try again."), code="not_text")
    return text


def _separator(text: str) -> str:
    """The separator that divides the first line most."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    return max((",", ";", "\t"), key=first.count)
