"""camt.053 (account statement) and camt.054 (notification of payments), ISO 20022.

Elements are found by their local name, so that versions .02 to .13 read alike. Only booked entries are money. The XML
is somebody else's: document types and entities are refused, archives are not opened, and memory does not grow with
what is not used. Where the file states balances or totals they must agree with its entries, and the parts of a batch
with the batch; else it is refused whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext_lazy as _

from core.money import ZERO
from payments.banks.camt_details import Transaction, all_at, date_at, money_at, name_of, text_at, transaction
from payments.banks.camt_entries import Entry, lines_of
from payments.banks.lines import MAX_BYTES, MAX_LINES, Content, Line, account_number, plain, unreadable

_REPORTS = {"Stmt", "Ntfctn", "Rpt"}
_DEEPEST = 100
_MOST_AT_ONCE = 200_000  # elements held in memory; a transaction has less than a hundred
_CUT_SHORT = {3, 5}  # expat: no element found, unclosed token


def is_ours(data: bytes) -> bool:
    """Whether a file looks like XML."""
    start = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith((b"<?xml", b"<Document", b"<!")) or start.startswith((b"\xff\xfe<", b"\xfe\xff\x00<"))


def read(data: bytes) -> Content:
    """Read every statement or notification in the file. Raises `Unreadable`, and nothing else."""
    if len(data) > MAX_BYTES:
        raise unreadable(_("The file is larger than %(size)s MB. Ask the bank for a shorter time in each file."),
                         size=MAX_BYTES // 1024 // 1024)  # fmt: skip
    reader = _Reader()
    for event, element in _events(data):
        if event == "start":
            reader.begins(element)
        else:
            reader.ends(element)
    return reader.content()


def _events(data: bytes) -> Iterator[tuple[str, Element]]:
    """What the parser meets, with everything it may complain of as our one error."""
    try:
        yield from iterparse(BytesIO(data), events=("start", "end"), forbid_dtd=True)
    except DefusedXmlException:
        raise unreadable(_("The file defines entities of its own, which no bank does. It was not read."),
                         code="entities") from None  # fmt: skip
    except ParseError as error:
        line = error.position[0]
        if error.code in _CUT_SHORT:
            raise unreadable(_("The file ends in line %(line)s, in the middle of something: it was cut short. Fetch it "
                               "from the bank again."), code="cut_short", line=line) from None  # fmt: skip
        raise unreadable(_("Line %(line)s is not XML as a bank writes it. Fetch the file from the bank again."),
                         line=line) from None  # fmt: skip
    except (LookupError, ValueError):  # an encoding that does not exist, or is not what it says
        raise unreadable(_("The file's characters cannot be read. Fetch it from the bank again.")) from None


@dataclass
class _Report:
    """A statement or notification as far as it has been read."""

    account: str = ""
    currency: str = ""
    entries: int = 0
    is_all_booked: bool = True
    credits: Decimal = ZERO
    debits: Decimal = ZERO
    balances: dict[str, Decimal] = field(default_factory=dict)
    summary: dict[str, str] = field(default_factory=dict)
    is_a_part: bool = False
    until: date | None = None


class _Reader:
    """Keeps what is needed of each element as it ends, and lets go of the element."""

    def __init__(self) -> None:
        self.stack: list[Element] = []
        self.held = 0
        self.report = _Report()
        self.transactions: list[Transaction] = []
        self.lines: list[Line] = []
        self.accounts: list[str] = []
        self.until: list[date] = []
        self.checked_by = "nothing"
        self.has_report = False
        self.is_paged = False
        self.entry_number = 0

    def begins(self, element: Element) -> None:
        self.stack.append(element)
        self.held += 1
        if len(self.stack) > _DEEPEST or self.held > _MOST_AT_ONCE:
            raise unreadable(_("The file is built in a way that no bank's file is. It was not read."))
        if len(self.stack) == 3 and name_of(element) in _REPORTS:
            self.report, self.has_report = _Report(is_a_part=self.is_paged), True

    def ends(self, element: Element) -> None:
        self.stack.pop()
        path = [name_of(parent) for parent in self.stack[2:]]
        name = name_of(element)
        if len(self.stack) == 2:
            if name in _REPORTS:
                self._report_ends()
            elif name == "GrpHdr":
                self.is_paged = _is_a_part(element, "MsgPgntn")
        elif len(path) == 1 and path[0] in _REPORTS:
            self._part_of_report(name, element)
        elif name == "TxDtls" and path[1:] == ["Ntry", "NtryDtls"]:
            # The entry's own direction stands before its details, by the order of the schema.
            self.transactions.append(transaction(element, is_credit=self._is_credit(element)))
        else:
            return
        self.held -= sum(1 for _element in element.iter())
        self.stack[-1].remove(element)

    def _is_credit(self, element: Element) -> bool:
        own = text_at(element, "CdtDbtInd")
        return (own or text_at(self.stack[3], "CdtDbtInd")) == "CRDT"

    def _part_of_report(self, name: str, element: Element) -> None:
        report = self.report
        match name:
            case "Acct":
                report.account = account_number(text_at(element, "Id/IBAN", "Id/Othr/Id"))
                report.currency = plain(text_at(element, "Ccy"), 3).upper()
            case "Bal":
                _take_balance(report, element)
            case "TxsSummry":
                for path in ("TtlNtries/NbOfNtries", "TtlCdtNtries/Sum", "TtlDbtNtries/Sum"):
                    report.summary[path] = text_at(element, path)
            case "StmtPgntn" | "NtfctnPgntn":
                report.is_a_part = report.is_a_part or _is_a_part(element, "")
            case "FrToDt":
                report.until = date_at(element, "ToDtTm", "ToDt") or report.until
            case "Ntry":
                self._entry(element)

    def _entry(self, element: Element) -> None:
        self.entry_number += 1
        entry = Entry.read(element, number=self.entry_number, account=self.report.account,
                           currency=self.report.currency, parts=tuple(self.transactions))  # fmt: skip
        self.transactions = []
        self.report.entries += 1
        if not entry.is_booked:
            self.report.is_all_booked = False
            return
        if entry.amount > 0:
            self.report.credits += entry.amount
        else:
            self.report.debits -= entry.amount
        self.lines += lines_of(entry)
        if len(self.lines) > MAX_LINES:
            raise unreadable(_("The file has more than %(number)s payments."), number=MAX_LINES)

    def _report_ends(self) -> None:
        report = self.report
        if not report.account:
            raise unreadable(_("The file does not say which account it is about. Fetch it from the bank again."))
        self.accounts.append(report.account)
        self.until += [report.until] if report.until else []
        if _agrees_with_balances(report):
            self.checked_by = "balances"
        if _agrees_with_summary(report) and self.checked_by == "nothing":
            self.checked_by = "totals"

    def content(self) -> Content:
        if not self.has_report:
            raise unreadable(_("This is XML, but neither a statement (camt.053) nor a notification (camt.054). Ask the "
                               "bank for one of these."), code="other_xml")  # fmt: skip
        days = [*self.until, *(line.booked_on for line in self.lines)]
        return Content(
            format="camt",
            lines=tuple(_told_apart(self.lines)),
            accounts=tuple(dict.fromkeys(self.accounts)),
            until=max(days, default=None),
            checked_by=self.checked_by,
        )


def _is_a_part(element: Element, path: str) -> bool:
    """Whether the pages of a statement are spread over files, so that its balances are not this file's."""
    pages = list(all_at(element, path)) if path else [element]
    return any((text_at(page, "PgNb"), text_at(page, "LastPgInd")) != ("1", "true") for page in pages)


def _take_balance(report: _Report, element: Element) -> None:
    kind = text_at(element, "Tp/CdOrPrtry/Cd")
    money = money_at(element, "Amt")
    if money is None or kind not in {"OPBD", "PRCD", "CLBD"}:
        return
    amount = money.amount if text_at(element, "CdtDbtInd") == "CRDT" else -money.amount
    report.balances["closing" if kind == "CLBD" else "opening"] = amount
    if kind == "CLBD":
        report.until = date_at(element, "Dt") or report.until


def _agrees_with_balances(report: _Report) -> bool:
    """Whether the balances say that nothing is missing; false where the file has not both. Refuses what does not."""
    if report.is_a_part or set(report.balances) != {"opening", "closing"}:
        return False
    counted = report.balances["opening"] + report.credits - report.debits
    if counted != report.balances["closing"]:
        raise unreadable(_("The statement of account %(account)s should end at %(says)s, but its entries lead to "
                           "%(counted)s. Nothing was taken from the file. Fetch it from the bank again."),
                         code="totals", account=report.account, says=report.balances["closing"],
                         counted=counted)  # fmt: skip
    return True


def _agrees_with_summary(report: _Report) -> bool:
    """The same for the totals that some banks give."""
    counted = {"TtlNtries/NbOfNtries": Decimal(report.entries)}
    if report.is_all_booked:
        counted |= {"TtlCdtNtries/Sum": report.credits, "TtlDbtNtries/Sum": report.debits}
    is_checked = False
    for path, amount in counted.items():
        said = report.summary.get(path, "")
        if not said:
            continue
        if not said.replace(".", "", 1).isdecimal() or not said.isascii() or Decimal(said) != amount:
            raise unreadable(_("The file says that account %(account)s has %(says)s in all, but its entries are "
                               "%(counted)s. Nothing was taken from the file. Fetch it from the bank again."),
                             code="totals", account=report.account, says=plain(said, 30), counted=amount)  # fmt: skip
        is_checked = True
    return is_checked


def _told_apart(lines: list[Line]) -> Iterator[Line]:
    """The lines with references of their own: what the bank calls by one name twice in a file is two payments."""
    times: dict[str, int] = {}
    for line in lines:
        times[line.reference] = times.get(line.reference, 0) + 1
        again = times[line.reference]
        yield line if again == 1 else replace(line, reference=f"{line.reference}#{again}")
