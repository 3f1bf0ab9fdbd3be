"""Lists of movements that a bank's website gives as CSV: every bank has its own columns.

What the columns are is guessed from their headings, or chosen by a person and remembered for the account. Amounts and
dates are read as Norwegians write them. Such a list has no totals of its own; that it is whole shows only in that no
row is shorter than the others.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core import money
from core.errors import Refused
from core.exports import restored
from core.money import ZERO
from invoicing import kid as kids
from payments.banks.lines import MAX_BYTES, MAX_LINES, Content, Line, account_number, is_kid, plain, unreadable

MAX_COLUMNS = 60
MAX_CELL = 2000
_HEADINGS_WITHIN = 25  # rows; above them banks write the account and the time asked for
_DATES = ("%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%Y%m%d")
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u00a0": " "})


class Role(TextChoices):
    """What a column of such a list may be."""

    DATE = "date", _("date")
    AMOUNT = "amount", _("amount, below zero for money out")
    MONEY_IN = "in", _("money in")
    MONEY_OUT = "out", _("money out")
    KID = "kid", _("KID")
    TEXT = "text", _("text")
    NAME = "name", _("payer's name")
    ACCOUNT = "account", _("payer's account")
    CURRENCY = "currency", _("currency")


# Headings as DNB, Nordea, SpareBank 1, Sbanken and others write them, the likeliest for each role first.
_HEADINGS: dict[Role, tuple[str, ...]] = {
    Role.DATE: ("bokføringsdato", "bokført dato", "bokført", "bokføring", "dato", "transaksjonsdato", "booking date",
                "date"),
    Role.AMOUNT: ("beløp", "beløp i nok", "beløp nok", "amount"),
    Role.MONEY_IN: ("inn på konto", "inn", "beløp inn", "innbetaling", "kreditbeløp", "kredit", "credit"),
    Role.MONEY_OUT: ("ut fra konto", "ut av konto", "ut", "beløp ut", "utbetaling", "debetbeløp", "debet", "debit"),
    Role.KID: ("kid", "kid-nummer", "kidnummer", "kid/referanse", "melding/kid/fakt.nr", "kid/melding"),
    Role.NAME: ("navn", "betaler", "innbetaler", "avsenders navn", "motpart", "payer", "name"),
    Role.ACCOUNT: ("fra konto", "fra kontonummer", "avsender", "avsenderkonto", "betalers konto", "motkonto"),
    Role.CURRENCY: ("valuta", "currency"),
    Role.TEXT: ("forklaring", "beskrivelse", "tekst", "melding", "tittel", "meldingstekst", "detaljer", "type",
                "description", "text", "message"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Table:
    """A list as it stands in the file. Each row has its line number."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def samples(self, position: int, number: int = 3) -> list[str]:
        """The first texts of a column, for somebody who has to say what it is."""
        texts = (cells[position] for _line, cells in self.rows[:50] if position < len(cells) and cells[position])
        return list(dict.fromkeys(texts))[:number]


def plain_heading(heading: str) -> str:
    """A heading as it is compared: without case, marks around it and double spaces."""
    return " ".join(heading.casefold().strip(" .:*\ufeff").split())


def table(data: bytes) -> Table:
    """Read the rows, whatever the columns are. UTF-8 with or without BOM, UTF-16 or CP1252; `;`, `,` or tab."""
    text = _decoded(data)
    delimiter = _delimiter(text)
    rows = [(line, cells) for line, cells in _parsed(text, delimiter) if any(cells)]
    at = _headings_at([cells for _line, cells in rows[:_HEADINGS_WITHIN]])
    if not rows or at is None:
        raise unreadable(_("The file is not a list with a line of headings. Export the movements from the bank as CSV, "
                           "or choose OCR giro or camt there."), code="no_list")  # fmt: skip
    found = rows[at + 1 :]
    _refuse_cut_short(found)
    return Table(headings=rows[at][1], rows=tuple(found))


def guess(headings: Sequence[str], *, known: Mapping[str, str] | None = None) -> dict[int, str]:
    """What each column seems to be: position -> role. `known` are headings that somebody has explained before."""
    plain_ones = [plain_heading(heading) for heading in headings]
    if known and all(heading in plain_ones for heading in known):
        return {at: known[heading] for at, heading in enumerate(plain_ones) if known.get(heading)}
    columns: dict[int, str] = {}
    for role, names in _HEADINGS.items():
        found = sorted((names.index(heading), at) for at, heading in enumerate(plain_ones) if heading in names)
        for _rank, at in found if role == Role.TEXT else found[:1]:
            columns.setdefault(at, role.value)
    if Role.MONEY_IN in columns.values():
        columns = {at: role for at, role in columns.items() if role != Role.AMOUNT}
    return columns


def refuse_what_is_not_enough(columns: Mapping[int, str]) -> None:
    """Refuse columns without a date or without an amount, and two that are to be the same."""
    roles = list(columns.values())
    twice = [role for role in Role if role != Role.TEXT and roles.count(role) > 1]
    if twice:
        raise unreadable(_("Two columns are “%(role)s”. Choose one of them."), code="columns", role=twice[0].label)
    if Role.DATE not in roles:
        raise unreadable(_("Say which column is the date."), code="columns")
    if Role.AMOUNT not in roles and Role.MONEY_IN not in roles:
        raise unreadable(_("Say which column is the amount, or which is the money in."), code="columns")
    if Role.AMOUNT in roles and (Role.MONEY_IN in roles or Role.MONEY_OUT in roles):
        raise unreadable(_("Choose either one column for the amount, or one for money in and one for money out."),
                         code="columns")  # fmt: skip


def read(data: bytes, *, account: str, columns: Mapping[int, str]) -> Content:
    """Read the movements of an account. Raises `Unreadable`, and nothing else."""
    refuse_what_is_not_enough(columns)
    times: dict[str, int] = {}
    lines: list[Line] = []
    for number, cells in table(data).rows:
        row = _Row(number=number, cells=cells, columns=columns)
        booked_on, amount = row.day(), row.amount()
        if not amount:
            continue
        digest = hashlib.sha256("\x1f".join(" ".join(c.split()) for c in cells if c).encode()).hexdigest()[:32]
        times[digest] = times.get(digest, 0) + 1
        lines.append(row.line(account, booked_on, amount, f"csv:{account}:{digest}:{times[digest]}"))
    return Content(
        format="csv",
        lines=tuple(lines),
        accounts=(account,),
        until=max((line.booked_on for line in lines), default=None),
    )


@dataclass(frozen=True, kw_only=True)
class _Row:
    number: int
    cells: tuple[str, ...]
    columns: Mapping[int, str]

    def of(self, role: Role) -> list[str]:
        """The texts in the columns of this role."""
        found = (self.cells[at] for at, what in sorted(self.columns.items()) if what == role and at < len(self.cells))
        return [text for text in found if text]

    def one(self, role: Role) -> str:
        return next(iter(self.of(role)), "")

    def day(self) -> date:
        text = self.one(Role.DATE)
        for pattern in _DATES:
            try:
                return datetime.strptime(text[:10], pattern).date()
            except ValueError:
                continue
        raise unreadable(_("Line %(line)s should have a date like 31.12.2026, but has “%(found)s”."), line=self.number,
                         found=plain(text, 30))  # fmt: skip

    def amount(self) -> Decimal:
        """Above zero for money in, below for money out."""
        if Role.AMOUNT in self.columns.values():
            return self._signed(self.one(Role.AMOUNT))
        into, out = self.one(Role.MONEY_IN), self.one(Role.MONEY_OUT)
        if not into and not out:
            return self._signed("")
        came = self._signed(into) if into else ZERO
        went = self._signed(out) if out else ZERO
        if came and went:
            raise unreadable(_("Line %(line)s has both money in and money out."), line=self.number)
        return came or -abs(went)

    def _signed(self, text: str) -> Decimal:
        compact = text.translate(_MINUS).strip()
        is_below = compact.startswith("-") or (compact.endswith("-") and not compact.endswith((",-", ".-")))
        try:
            amount = money.parsed(compact.strip("-+ ") if is_below else compact.lstrip("+ "))
        except Refused:
            raise unreadable(_("Line %(line)s should have an amount like 1 234,50, but has “%(found)s”."),
                             line=self.number, found=plain(text, 30)) from None  # fmt: skip
        return -amount if is_below else amount

    def line(self, account: str, booked_on: date, amount: Decimal, reference: str) -> Line:
        """Whatever stands in a column for a KID or an account and is none becomes text."""
        given = kids.clean(self.one(Role.KID))
        has_kid = is_kid(given)
        number = account_number(self.one(Role.ACCOUNT))
        is_account = sum(c.isdigit() for c in number) >= 8
        payer = number if is_account and number != account else ""
        texts = [*self.of(Role.TEXT), *([] if has_kid else self.of(Role.KID))]
        texts += [] if is_account else self.of(Role.ACCOUNT)
        return Line(
            position=self.number,
            reference=reference,
            account=account,
            booked_on=booked_on,
            amount=amount,
            currency=plain(self.one(Role.CURRENCY), 3).upper() or "NOK",
            kid=given if has_kid else "",
            text=plain(" ".join(texts), 250),
            payer_name=plain(self.one(Role.NAME), 250),
            payer_account=payer,
        )


# --- the file --------------------------------------------------------------------------------------------------------


def _decoded(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise unreadable(_("The file is larger than %(size)s MB. Ask the bank for a shorter time in each file."),
                         size=MAX_BYTES // 1024 // 1024)  # fmt: skip
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encodings = ["utf-16"] if is_utf16 else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise unreadable(_("The file is no text. Export the movements from the bank as CSV, OCR giro or camt."),
                     code="no_text")  # fmt: skip


def _delimiter(text: str) -> str:
    """The separator by which most headings are known; else the one that divides the first line most."""
    head = "\n".join(text.split("\n", _HEADINGS_WITHIN)[:_HEADINGS_WITHIN])

    def known(delimiter: str) -> tuple[int, int]:
        rows = [[plain_heading(cell) for cell in line.strip("\r").split(delimiter)] for line in head.split("\n")]
        best = max((len(guess([cell.strip('"') for cell in row])) for row in rows), default=0)
        return best, head.partition("\n")[0].count(delimiter)

    return max((";", "\t", ","), key=known)


def _parsed(text: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for count, cells in enumerate(reader):
            if count > MAX_LINES:
                raise unreadable(_("The file has more than %(number)s payments."), number=MAX_LINES)
            if len(cells) > MAX_COLUMNS or any(len(cell) > MAX_CELL for cell in cells):
                raise unreadable(_("Line %(line)s is longer than a movement can be. Is a quotation mark missing?"),
                                 line=reader.line_num)  # fmt: skip
            yield reader.line_num, tuple(_cell(cell) for cell in cells)
    except csv.Error:
        raise unreadable(_("Line %(line)s ends in the middle of something: the file was cut short, or is no CSV. "
                           "Export it from the bank again."),
                         code="cut_short", line=reader.line_num) from None  # fmt: skip


def _cell(cell: str) -> str:
    """The text as the bank means it: without spaces around it, and without what keeps Excel from changing it."""
    text = cell.strip()
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        text = text[2:-1]
    return restored(text).strip()


def _headings_at(rows: Sequence[tuple[str, ...]]) -> int | None:
    """Where the headings are: the row with most known ones, else the first with several cells."""
    known = [len(guess(row)) for row in rows]
    if known and max(known) >= 2:
        return known.index(max(known))
    return next((at for at, row in enumerate(rows) if sum(map(bool, row)) >= 2), None)


def _refuse_cut_short(rows: Sequence[tuple[int, tuple[str, ...]]]) -> None:
    """A row with fewer cells than the first one has lost its end."""
    for line, cells in rows:
        if len(cells) < len(rows[0][1]):
            raise unreadable(_("Line %(line)s has %(found)s columns where the lines before it have %(number)s: the "
                               "file was cut short. Export it from the bank again."),
                             code="cut_short", line=line, found=len(cells), number=len(rows[0][1]))  # fmt: skip
