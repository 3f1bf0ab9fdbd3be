"""OCR giro, the file that Norwegian banks send of payments with KID (Nets, OCR giro system manual).

80 characters a line, ISO-8859-1. Positions in the manual are counted from 1; so are those named in our sentences.
The order is `10 {20 {30 31 [32]}* 88}* 89`. Counts and totals are checked: a file that disagrees with itself, or has
lost its end, is refused whole. A KID with a wrong check digit never refuses a file: banks' own samples hold such.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.banks.lines import MAX_BYTES, MAX_LINES, Content, Line, account_number, plain, unreadable

WIDTH = 80
_OCR = "09"
_KINDS = {f"{kind}" for kind in range(10, 22)}
_REVERSALS = {"18", "20"}  # added in the totals, whatever their sign


def is_ours(data: bytes) -> bool:
    """Whether a file looks like this format: it begins with the start of a transmission."""
    return data.lstrip(b"\r\n").startswith(b"NY000010")


def read(data: bytes) -> Content:
    """Read a transmission. Raises `Unreadable`, and nothing else."""
    return _Reader(_rows(data)).transmission()


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A line of the file and its number."""

    number: int
    text: str

    @property
    def record(self) -> str:
        return self.text[6:8]

    def cut(self, start: int, end: int) -> str:
        """The characters at these positions, both included, counted from 1."""
        return self.text[start - 1 : end]

    def number_at(self, start: int, end: int, what: str | Promise) -> int:
        """The digits at these positions."""
        found = self.cut(start, end)
        if not (found.isascii() and found.isdigit()):
            raise unreadable(
                _("Line %(line)s: positions %(start)s to %(end)s should be %(what)s in digits, but are “%(found)s”."),
                line=self.number, start=start, end=end, what=what, found=found,
            )  # fmt: skip
        return int(found)

    def date_at(self, start: int) -> date:
        """The date at these six positions, DDMMYY."""
        found = self.cut(start, start + 5)
        try:
            self.number_at(start, start + 5, _("a date"))
            return date(2000 + int(found[4:]), int(found[2:4]), int(found[:2]))
        except ValueError:
            raise unreadable(
                _("Line %(line)s: positions %(start)s to %(end)s should be a date as DDMMYY, but are “%(found)s”."),
                line=self.number, start=start, end=start + 5, found=found,
            ) from None  # fmt: skip


def _rows(data: bytes) -> list[_Row]:
    if len(data) > MAX_BYTES:
        raise unreadable(_("The file is larger than %(size)s MB: no OCR file is."), size=MAX_BYTES // 1024 // 1024)
    texts = data.decode("iso-8859-1").rstrip("\x1a\r\n").lstrip("\r\n").split("\n")
    rows = []
    for number, raw in enumerate(texts, 1):
        text = raw.rstrip("\r")
        if len(text) != WIDTH or not text.startswith("NY"):
            raise unreadable(
                _("Line %(line)s should begin with NY and be 80 characters long, but is %(length)s: “%(found)s”. Fetch "
                  "the file from the bank again, and do not save it from another program."),
                line=number, length=len(text), found=plain(text, 12),
            )  # fmt: skip
        rows.append(_Row(number=number, text=text))
    return rows


@dataclass
class _Sums:
    """What has been counted of an assignment, or of the whole transmission. The total is in øre."""

    transactions: int = 0
    records: int = 0
    total: int = 0


class _Reader:
    """Walks through the rows in the order that the manual gives them."""

    def __init__(self, rows: list[_Row]) -> None:
        self.rows = rows
        self.at = 0
        self.lines: list[Line] = []
        self.accounts: list[str] = []
        self.all = _Sums()
        self.transmission_number = ""

    def transmission(self) -> Content:
        start = self._take("10")
        self.transmission_number = start.cut(17, 23)
        while self._next() == "20":
            self._assignment()
        end = self._take("89")
        self.all.records += 2
        self._agree(end, self.all)
        if self.at < len(self.rows):
            raise unreadable(_("Line %(line)s comes after the end of the transmission. Bring the transmissions in "
                               "files of their own."), line=self.at + 1)  # fmt: skip
        return Content(
            format="ocr",
            lines=tuple(self.lines),
            accounts=tuple(dict.fromkeys(self.accounts)),
            until=max((line.booked_on for line in self.lines), default=None),
            checked_by="totals",
        )

    def _next(self) -> str:
        """The record type that comes next; nothing at the end."""
        return self.rows[self.at].record if self.at < len(self.rows) else ""

    def _take(self, record: str) -> _Row:
        """The next row, which must be of this type."""
        if self._next() != record:
            if self.at >= len(self.rows):
                raise unreadable(_("The file ends after line %(line)s, where a record %(record)s should follow: it was "
                                   "cut short. Fetch it from the bank again."),
                                 code="cut_short", line=self.at, record=record)  # fmt: skip
            raise unreadable(_("Line %(line)s should be a record %(record)s, but is “%(found)s”."), line=self.at + 1,
                             record=record, found=self._next())  # fmt: skip
        self.at += 1
        return self.rows[self.at - 1]

    def _assignment(self) -> None:
        start = self._take("20")
        account, first = account_number(start.cut(25, 35)), self.at
        sums = _Sums()
        if start.cut(3, 4) == _OCR:
            self.accounts.append(account)
            seen: set[int] = set()
            while self._next() == "30":
                self._transaction(start, account, sums, seen)
            end = self._take("88")
        else:  # AvtaleGiro tells here of new and ended agreements: no money
            while self._next() not in {"88", ""}:
                self.at += 1
            end = self._take("88")
            sums.transactions = end.number_at(9, 16, _("the number of transactions"))
            sums.total = end.number_at(25, 41, _("the total"))
        sums.records = self.at - first + 1
        self._agree(end, sums)
        self.all.transactions += sums.transactions
        self.all.records += sums.records
        self.all.total += sums.total

    def _transaction(self, start: _Row, account: str, sums: _Sums, seen: set[int]) -> None:
        """Amount 1, amount 2 and perhaps amount 3: one movement."""
        one, two = self._take("30"), self._take("31")
        three = self._take("32") if self._next() == "32" else None
        number, kind = one.number_at(9, 15, _("the transaction's number")), one.cut(5, 6)
        for other in filter(None, (two, three)):
            if other.number_at(9, 15, _("the transaction's number")) != number:
                raise unreadable(_("Line %(line)s belongs to another transaction than line %(first)s."),
                                 line=other.number, first=one.number)  # fmt: skip
        if kind not in _KINDS:
            raise unreadable(_("Line %(line)s: positions 5 to 6 should be a type of transaction from 10 to 21, but are "
                               "“%(found)s”."), line=one.number, found=kind)  # fmt: skip
        if number in seen:
            raise unreadable(_("Line %(line)s: transaction number %(number)s comes twice."), line=one.number,
                             number=number)  # fmt: skip
        if len(self.lines) >= MAX_LINES:
            raise unreadable(_("The file has more than %(number)s payments."), number=MAX_LINES)
        seen.add(number)
        sums.transactions += 1
        sums.total += one.number_at(33, 49, _("the amount"))
        line = self._line(start, account, (one, two, three), number, kind)
        self.lines += [line] if line.amount else []

    def _line(
        self, start: _Row, account: str, rows: tuple[_Row, _Row, _Row | None], number: int, kind: str
    ) -> Line:  # fmt: skip
        one, two, three = rows
        amount = Decimal(one.number_at(33, 49, _("the amount"))) / 100
        is_reversal = kind in _REVERSALS or one.cut(32, 32) == "-"
        booked_on = one.date_at(16)
        named = (account, self.transmission_number, start.cut(18, 24), number, booked_on.isoformat())
        return Line(
            position=one.number,
            reference="ocr:" + ":".join(plain(str(part), 40) for part in named),
            account=account,
            booked_on=booked_on,
            amount=(-amount if is_reversal else amount).quantize(Decimal("0.01")),
            kid=plain(one.cut(50, 74), 25),
            text=plain(three.cut(16, 55), 40) if three else "",
            payer_account=account_number(two.cut(48, 58)),
            is_reversal=is_reversal,
        )

    def _agree(self, end: _Row, sums: _Sums) -> None:
        """Compare what was counted with what the trailer says."""
        said = {
            "transactions": (end.number_at(9, 16, _("the number of transactions")), sums.transactions),
            "records": (end.number_at(17, 24, _("the number of records")), sums.records),
            "total": (end.number_at(25, 41, _("the total")), sums.total),
        }
        for what, (says, counted) in said.items():
            if says != counted:
                raise unreadable(_DISAGREE[what], code="totals", line=end.number, says=_shown(what, says),
                                 counted=_shown(what, counted))  # fmt: skip


_DISAGREE = {
    "transactions": _("Line %(line)s says that %(says)s payments come before it, but there are %(counted)s. Nothing "
                      "was taken from the file. Fetch it from the bank again."),
    "records": _("Line %(line)s says that it closes %(says)s lines, but there are %(counted)s. Nothing was taken from "
                 "the file. Fetch it from the bank again."),
    "total": _("Line %(line)s says that the payments before it are %(says)s in all, but they are %(counted)s. Nothing "
               "was taken from the file. Fetch it from the bank again."),
}  # fmt: skip


def _shown(what: str, number: int) -> str:
    return f"{number // 100},{number % 100:02}" if what == "total" else str(number)
