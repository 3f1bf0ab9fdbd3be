"""One entry of a camt file, and the lines it comes to: one for a payment, one for each part of a batch."""

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self
from xml.etree.ElementTree import Element

from django.utils.translation import gettext_lazy as _

from core.money import ZERO
from payments.banks.camt_details import Money, Transaction, date_at, money_at, text_at
from payments.banks.lines import Line, plain, unreadable


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry as the bank has booked it. `amount` is below zero for money out."""

    number: int
    account: str
    amount: Decimal
    currency: str
    is_booked: bool
    is_reversal: bool
    booked_on: date
    reference: str
    text: str
    parts: tuple[Transaction, ...]

    @classmethod
    def read(
        cls, element: Element, *, number: int, account: str, currency: str, parts: tuple[Transaction, ...]
    ) -> Self:
        """Take an `Ntry` out of its XML; its parts have been taken out already."""
        money = money_at(element, "Amt")
        direction = text_at(element, "CdtDbtInd")
        booked_on = date_at(element, "BookgDt", "ValDt")
        status = text_at(element, "Sts/Cd", "Sts")
        missing = {
            _("an amount"): money is None,
            _("a direction (CRDT or DBIT)"): direction not in {"CRDT", "DBIT"},
            _("a status"): not status,
            _("a date"): booked_on is None,
        }
        for what, is_missing in missing.items():
            if is_missing:
                raise unreadable(_("Entry number %(entry)s of the file should have %(what)s, but has none."),
                                 entry=number, what=what)  # fmt: skip
        assert money is not None and booked_on is not None
        return cls(
            number=number,
            account=account,
            amount=money.amount if direction == "CRDT" else -money.amount,
            currency=money.currency or currency or "NOK",
            is_booked=status == "BOOK",
            is_reversal=text_at(element, "RvslInd") in {"true", "1"},
            booked_on=booked_on,
            reference=plain(text_at(element, "AcctSvcrRef"), 35),
            text=plain(text_at(element, "AddtlNtryInf"), 250),
            parts=parts,
        )


def lines_of(entry: Entry) -> list[Line]:
    """The entry as lines. Refuses a batch whose parts are not the batch."""
    if len(entry.parts) > 1 and (amounts := _amounts(entry)):
        names = _references(entry)
        batch = _name(entry, entry.reference) if entry.reference else ""
        return [
            _line(entry, part, amount=amount, reference=name, batch_reference=batch)
            for part, amount, name in zip(entry.parts, amounts, names, strict=True)
            if amount
        ]
    part = entry.parts[0] if len(entry.parts) == 1 else _together(entry)
    own = entry.reference or part.reference
    return [_line(entry, part, amount=entry.amount, reference=_name(entry, own or _hash(entry, part)))][
        : 1 if entry.amount else 0
    ]


def _amounts(entry: Entry) -> list[Decimal]:
    """What each part of a batch is, below zero for money out; nothing where the file does not say it in the account's
    currency. Banks differ in which element holds the amount that counts: it is the one that adds up."""
    sides = [
        1 if (part.direction or ("CRDT" if entry.amount > 0 else "DBIT")) == "CRDT" else -1 for part in entry.parts
    ]
    choices = [[money.amount for money in part.amounts if _fits(money, entry)] for part in entry.parts]
    if not all(choices):
        return []
    sums = []
    for take in (0, -1):
        amounts = [side * choice[take] for side, choice in zip(sides, choices, strict=True)]
        sums.append(sum(amounts, ZERO))
        if sums[-1] == entry.amount:
            return amounts
    raise unreadable(_("Entry number %(entry)s is a batch of %(says)s, but its parts are %(counted)s in all. Nothing "
                       "was taken from the file. Fetch it from the bank again."),
                     code="totals", entry=entry.number, says=entry.amount, counted=sums[0])  # fmt: skip


def _fits(money: Money, entry: Entry) -> bool:
    return money.currency in {"", entry.currency}


def _together(entry: Entry) -> Transaction:
    """The parts as one, where they cannot be told apart: a person will read it."""
    names = list(dict.fromkeys(part.payer_name for part in entry.parts if part.payer_name))
    words = [word for part in entry.parts for word in (part.kid, part.text) if word]
    return Transaction(
        amounts=(), direction="", reference="", kid="", text=plain(" ".join(words), 250),
        payer_name=plain(", ".join(names), 250), payer_account="", is_return=any(p.is_return for p in entry.parts),
    )  # fmt: skip


def _references(entry: Entry) -> list[str]:
    """A name for each part: the bank's own where all have one of their own, else its place in the batch."""
    own = [part.reference for part in entry.parts]
    if all(own) and len(set(own)) == len(own) and entry.reference not in own:
        return [_name(entry, reference) for reference in own]
    batch = entry.reference or _hash(entry, *entry.parts)
    return [_name(entry, f"{batch}/{place}") for place in range(1, len(own) + 1)]


def _name(entry: Entry, reference: str) -> str:
    """Banks count anew each year, some each day: the day belongs to the name."""
    return f"camt:{entry.account}:{entry.booked_on.isoformat()}:{reference}"


def _hash(entry: Entry, *parts: Transaction) -> str:
    """A name for what the bank has not named, from what it says."""
    said = [str(entry.amount), entry.currency, entry.text]
    said += [text for part in parts for text in (part.kid, part.text, part.payer_name, part.payer_account)]
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()[:32]


def _line(entry: Entry, part: Transaction, *, amount: Decimal, reference: str, batch_reference: str = "") -> Line:
    return Line(
        position=entry.number,
        reference=reference,
        account=entry.account,
        booked_on=entry.booked_on,
        amount=amount,
        currency=entry.currency,
        kid=part.kid,
        text=part.text or entry.text,
        payer_name=part.payer_name,
        payer_account=part.payer_account,
        is_reversal=entry.is_reversal or part.is_return,
        batch_reference=batch_reference,
    )
