"""What every bank file comes down to: lines of money, what the file says of itself, and the one error."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from stdnum.no import iban

from core.errors import Refused
from core.money import ZERO

MAX_BYTES = 40 * 1024 * 1024
MAX_LINES = 50_000
MOST = Decimal(10) ** 10  # what the books can hold
_KID = re.compile(r"[0-9]{1,24}[0-9-]")


class Unreadable(Refused):
    """A bank file that cannot be taken as it is. The sentence says where, and what was expected there.

    The only error a reader raises, whatever the bytes are.
    """


def unreadable(sentence: str | Promise, code: str = "unreadable", **params: Any) -> Unreadable:
    """The error, with its named values."""
    return Unreadable(sentence, code=code, params=params)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One movement on an account. `amount` is above zero for money in and below for money out.

    `reference` names it once and for all, across files: whoever has seen it has seen this money. `batch_reference` is
    what the bank calls the batch it is a part of, where another file may show that batch as one sum. `is_reversal`:
    the bank takes back an earlier movement. `position` is its line, or its number, in the file.
    """

    position: int
    reference: str
    account: str
    booked_on: date
    amount: Decimal
    currency: str = "NOK"
    kid: str = ""
    text: str = ""
    payer_name: str = ""
    payer_account: str = ""
    is_reversal: bool = False
    batch_reference: str = ""

    def __post_init__(self) -> None:
        if abs(self.amount) >= MOST:
            raise unreadable(_("Number %(line)s of the file has an amount that no payment has: %(amount)s."),
                             line=self.position, amount=self.amount)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Content:
    """A whole file, read. `until` is the last day it tells about.

    `checked_by` says what the file's lines were added up against: its own "totals", its "balances", or "nothing".
    """

    format: str
    lines: tuple[Line, ...]
    accounts: tuple[str, ...]
    until: date | None
    checked_by: str = "nothing"

    @property
    def total_in(self) -> Decimal:
        return sum((line.amount for line in self.lines if line.amount > 0), ZERO)

    @property
    def total_out(self) -> Decimal:
        """What left, below zero."""
        return sum((line.amount for line in self.lines if line.amount < 0), ZERO)

    @property
    def first_on(self) -> date | None:
        return min((line.booked_on for line in self.lines), default=None)

    @property
    def last_on(self) -> date | None:
        return max((line.booked_on for line in self.lines), default=None)


def plain(text: str, length: int) -> str:
    """The text on one line, without what cannot be printed, cut to so many characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:length]


def is_kid(text: str) -> bool:
    """Whether a cleaned reference has the shape of a KID: 2 to 25 digits, the last of which may be `-`."""
    return _KID.fullmatch(text) is not None


def account_number(text: str) -> str:
    """An account as eleven digits where it is Norwegian, written as such or as an IBAN; else as it is, without spaces.

    Zeros only, which some files write for an unknown account, give nothing.
    """
    compact = "".join(c for c in text if c.isalnum()).upper()[:34]
    if compact.startswith("NO") and iban.is_valid(compact):
        compact = compact[4:]
    return "" if not compact.strip("0") else compact
