"""The demo's bank: it writes down payments as banks do, so that they come in through the door that banks' files use.

Only what the readers in payments/banks need, and what a person who opens the file expects to find.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from invoicing import kid as kids


@dataclass(frozen=True, kw_only=True)
class Paid:
    """One movement on our account: money in, or below zero money out. `account` is the other one's."""

    on: date
    amount: Decimal
    name: str
    account: str
    kid: str = ""
    text: str = ""

    @property
    def ore(self) -> int:
        """The amount in øre, without its sign."""
        return int(abs(self.amount) * 100)


def account_of(number: int) -> str:
    """An account number of eleven digits with a right check digit, a different one for each number."""
    either = [kids.with_check_digit(f"{bank}{number:08}", 11) for bank in (99, 98)]
    return next(digits for digits in either if digits[-1] != "-")  # one bank's number differs from the other's


def ocr_giro(payments: Sequence[Paid], *, account: str, number: int) -> bytes:
    """An OCR giro transmission, the `number`th, with one assignment. For money in that has a KID."""
    body = [row for place, paid in enumerate(payments, 1) for row in _amount_rows(place, paid)]
    total = sum(paid.ore for paid in payments)
    first, last = min(paid.on for paid in payments), max(paid.on for paid in payments)
    rows = [
        f"NY000010{'00008080':>8}{number:07}{'00012345':>8}",
        f"NY090020{'001234567':>9}{number:07}{account:>11}",
        *body,
        f"NY090088{len(payments):08}{len(body) + 2:08}{total:017}{last:%d%m%y}{first:%d%m%y}{last:%d%m%y}",
        f"NY000089{len(payments):08}{len(body) + 4:08}{total:017}{last:%d%m%y}",
    ]
    return "".join(f"{row:0<80}\r\n" for row in rows).encode("iso-8859-1")


def _amount_rows(place: int, paid: Paid) -> list[str]:
    """Amount 1 and 2 of a payment from somebody's own bank, with a KID."""
    one = f"NY091330{place:07}{paid.on:%d%m%y}{'00100100001':>10.10}0{paid.ore:017}{paid.kid:>25}{'':6}"
    two = f"NY091331{place:07}{place:010}{place:09}{'':0>7}{paid.on:%d%m%y}{paid.account:0>11}"
    return [one, two]


def camt_054(payments: Sequence[Paid], *, account: str, number: int, until: date) -> bytes:
    """A camt.054 notification, the `number`th: names, accounts and texts, with a KID or without."""
    entries = "".join(_entry(place, number, paid) for place, paid in enumerate(payments, 1))
    money_in = sum((paid.amount for paid in payments if paid.amount > 0), Decimal(0))
    money_out = -sum((paid.amount for paid in payments if paid.amount < 0), Decimal(0))
    xml = (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.054.001.02'><BkToCstmrDbtCdtNtfctn>"
        f"<GrpHdr><MsgId>DEMO{number}</MsgId><CreDtTm>{until}T06:00:00+01:00</CreDtTm></GrpHdr>"
        f"<Ntfctn><Id>DEMO{number}</Id><FrToDt><ToDtTm>{until}T23:59:59+01:00</ToDtTm></FrToDt>"
        f"<Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>NOK</Ccy></Acct>"
        f"<TxsSummry><TtlNtries><NbOfNtries>{len(payments)}</NbOfNtries></TtlNtries>"
        f"<TtlCdtNtries><Sum>{money_in:.2f}</Sum></TtlCdtNtries><TtlDbtNtries><Sum>{money_out:.2f}</Sum></TtlDbtNtries>"
        f"</TxsSummry>{entries}</Ntfctn>"
        "</BkToCstmrDbtCdtNtfctn></Document>"
    )
    return xml.encode()


def _entry(place: int, number: int, paid: Paid) -> str:
    is_in = paid.amount > 0
    money = f"<Amt Ccy='NOK'>{abs(paid.amount):.2f}</Amt>"
    side = "Dbtr" if is_in else "Cdtr"
    structured = f"<Strd><CdtrRefInf><Ref>{paid.kid}</Ref></CdtrRefInf></Strd>" if paid.kid else ""
    text = f"<Ustrd>{escape(paid.text)}</Ustrd>" if paid.text else ""
    return (
        f"<Ntry>{money}<CdtDbtInd>{'CRDT' if is_in else 'DBIT'}</CdtDbtInd><Sts>BOOK</Sts>"
        f"<BookgDt><Dt>{paid.on}</Dt></BookgDt><AcctSvcrRef>D{number}-{place}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>X{place}</EndToEndId></Refs><AmtDtls><TxAmt>{money}</TxAmt></AmtDtls>"
        f"<RltdPties><{side}><Nm>{escape(paid.name)}</Nm></{side}>"
        f"<{side}Acct><Id><Othr><Id>{paid.account}</Id></Othr></Id></{side}Acct></RltdPties>"
        f"<RmtInf>{text}{structured}</RmtInf></TxDtls></NtryDtls></Ntry>"
    )
