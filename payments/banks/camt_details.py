"""One transaction of a camt entry, taken out of its XML: amount, KID, text, and who it came from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

from invoicing import kid as kids
from payments.banks.lines import account_number, is_kid, plain

_AMOUNT = re.compile(r"\d{1,13}(\.\d{1,5})?", re.ASCII)


def name_of(element: Element) -> str:
    """The element's name without its namespace, which differs from version to version."""
    return str(element.tag).rpartition("}")[2]


def all_at(element: Element, path: str) -> Iterator[Element]:
    """The elements at a path of local names below this one."""
    first, _slash, rest = path.partition("/")
    for child in element:
        if name_of(child) == first:
            if rest:
                yield from all_at(child, rest)
            else:
                yield child


def text_at(element: Element, *paths: str) -> str:
    """The text at the first of the paths that has any."""
    for path in paths:
        for found in all_at(element, path):
            if text := (found.text or "").strip():
                return text
    return ""


@dataclass(frozen=True, kw_only=True)
class Money:
    """An amount as it stands in the file, never below zero, and its currency."""

    amount: Decimal
    currency: str


def money_at(element: Element, *paths: str) -> Money | None:
    """The amount at the first of the paths that has one; None where it is not an amount in whole øre."""
    for path in paths:
        for found in all_at(element, path):
            text = (found.text or "").strip()
            amount = Decimal(text) if _AMOUNT.fullmatch(text) else None
            if amount is not None and amount == round(amount, 2):
                return Money(amount=round(amount, 2), currency=plain(found.get("Ccy", ""), 3).upper())
    return None


def date_at(element: Element, *paths: str) -> date | None:
    """The day at the first of the paths that has one. A moment is cut to the day written in it: the bank's own."""
    for path in paths:
        text = text_at(element, f"{path}/Dt", f"{path}/DtTm", path)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text[:10], re.ASCII):
            try:
                return date.fromisoformat(text[:10])
            except ValueError:
                return None
    return None


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """A part of an entry, or the whole of it. `direction` is CRDT or DBIT, or nothing where only the entry says.

    `amounts` are what the part may be, the likeliest first: with and without charges, or in the payer's currency.
    """

    amounts: tuple[Money, ...]
    direction: str
    reference: str
    kid: str
    text: str
    payer_name: str
    payer_account: str
    is_return: bool


def transaction(element: Element, *, is_credit: bool) -> Transaction:
    """Take one `TxDtls` out of its XML. The other party of money in is the debtor, of money out the creditor."""
    party = "Dbtr" if is_credit else "Cdtr"
    related = f"RltdPties/{party}"
    found = (money_at(element, path) for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"))
    kid, text = _message(element)
    return Transaction(
        amounts=tuple(money for money in found if money is not None),
        direction=text_at(element, "CdtDbtInd"),
        reference=plain(text_at(element, "Refs/AcctSvcrRef", "Refs/TxId"), 35),
        kid=kid,
        text=text,
        payer_name=plain(text_at(element, f"{related}/Nm", f"{related}/Pty/Nm", f"RltdPties/Ultmt{party}/Nm",
                                 f"RltdPties/Ultmt{party}/Pty/Nm"), 250),
        payer_account=account_number(
            text_at(element, f"{related}Acct/Id/IBAN", f"{related}Acct/Id/Othr/Id")
        ),
        is_return=any(True for _found in all_at(element, "RtrInf")),
    )  # fmt: skip


def _message(element: Element) -> tuple[str, str]:
    """The KID, if there is exactly one, and everything else that was written, on one line.

    Who pays several invoices at once may give several KIDs: all of them then stand in the text.
    """
    references = [(found.text or "").strip() for found in all_at(element, "RmtInf/Strd/CdtrRefInf/Ref")]
    cleaned = list(dict.fromkeys(kids.clean(text) for text in references if text))
    words = [(found.text or "").strip() for found in all_at(element, "RmtInf/Ustrd")]
    words += [(found.text or "").strip() for found in all_at(element, "RmtInf/Strd/AddtlRmtInf")]
    words.append(text_at(element, "AddtlTxInf"))
    if len(cleaned) == 1 and is_kid(cleaned[0]):
        return cleaned[0], plain(" ".join(words), 250)
    return "", plain(" ".join([*cleaned, *words]), 250)
