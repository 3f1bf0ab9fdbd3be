"""Bank files as banks write them, made from a list of payments: the other side of payments/banks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from tests.makers import TODAY

ACCOUNT = "86011117947"
PAYER = "12345678903"


@dataclass(frozen=True, kw_only=True)
class Paid:
    """One payment as the bank tells of it. Below zero: money out, or a reversal."""

    amount: Decimal
    kid: str = ""
    text: str = ""
    name: str = ""
    account: str = PAYER
    on: date = TODAY
    kind: int = 13
    is_reversal: bool = False
    reference: str = ""


def paid(amount: str, kid: str = "", **data: object) -> Paid:
    """`paid("400", invoice.kid)`."""
    return Paid(amount=Decimal(amount).quantize(Decimal("0.01")), kid=kid, **data)  # type: ignore[arg-type]


# --- OCR giro --------------------------------------------------------------------------------------------------------


def ocr(
    payments: Sequence[Paid],
    *,
    account: str = ACCOUNT,
    transmission: int = 1,
    assignment: int = 1,
    newline: str = "\r\n",
) -> bytes:
    """A transmission with one assignment."""
    rows = [_ddmmyy_row(number, payment) for number, payment in enumerate(payments, 1)]
    body = [line for row in rows for line in row]
    total = sum(int(abs(payment.amount) * 100) for payment in payments)
    days = [payment.on for payment in payments] or [TODAY]
    dates = f"{max(days):%d%m%y}{min(days):%d%m%y}{max(days):%d%m%y}"
    lines = [
        f"NY000010{'00008080':>8}{transmission:07}{'00012345':>8}",
        f"NY090020{'001234567':>9}{assignment:07}{account:>11}",
        *body,
        f"NY090088{len(payments):08}{len(body) + 2:08}{total:017}{dates}",
        f"NY000089{len(payments):08}{len(body) + 4:08}{total:017}{max(days):%d%m%y}",
    ]
    return "".join(f"{line:0<80}{newline}" for line in lines).encode("iso-8859-1")


def _ddmmyy_row(number: int, payment: Paid) -> list[str]:
    kind = payment.kind
    sign = "-" if payment.amount < 0 else "0"
    start = f"NY09{kind}"
    one = (f"{start}30{number:07}{payment.on:%d%m%y}{'00100100001':>10.10}{sign}{int(abs(payment.amount) * 100):017}"
           f"{payment.kid:>25}{'':6}")  # fmt: skip
    two = (
        f"{start}31{number:07}{'1234567890':>10}{'123456789':>9}{'0000000':>7}{payment.on:%d%m%y}{payment.account:0>11}"
    )
    three = f"{start}32{number:07}{payment.text:<40.40}"
    return [one, two, *([three] if payment.text else [])]


# --- camt ------------------------------------------------------------------------------------------------------------


def camt(
    payments: Sequence[Paid], *, kind: str = "054", version: str = "02", account: str = ACCOUNT, opening: str = "",
    closing: str = "", batches: Sequence[int] = (), summary: bool = False, prefix: str = "",
) -> bytes:  # fmt: skip
    """A notification (054) or statement (053). `batches` says how many of the payments, from the first, make a batch
    each; the others are entries of their own. Version 08 writes parties and statuses the new way."""
    root, report = ("BkToCstmrStmt", "Stmt") if kind == "053" else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    rest, groups = list(payments), []
    for size in batches:
        groups.append(rest[:size])
        rest = rest[size:]
    entries = [_entry(group, number, version) for number, group in enumerate([*groups, *([p] for p in rest)], 1)]
    p = f"{prefix}:" if prefix else ""
    xmlns = f"xmlns{':' + prefix if prefix else ''}"
    balances = _balance("OPBD", opening) + _balance("CLBD", closing)
    sums = _summary(payments, len(entries)) if summary else ""
    xml = (
        f"<?xml version='1.0' encoding='UTF-8'?>\n"
        f"<Document {xmlns}='urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}'><{root}>"
        f"<GrpHdr><MsgId>M1</MsgId><CreDtTm>{TODAY}T06:00:00+01:00</CreDtTm></GrpHdr>"
        f"<{report}><Id>S1</Id><Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>NOK</Ccy></Acct>"
        f"{balances}{sums}{''.join(entries)}</{report}></{root}></Document>"
    )
    if p:
        import re

        xml = re.sub(r"<(/?)(?=[A-Z])", rf"<\1{p}", xml)
    return xml.encode()


def _money(amount: Decimal) -> str:
    return f"<Amt Ccy='NOK'>{abs(amount)}</Amt><CdtDbtInd>{'CRDT' if amount >= 0 else 'DBIT'}</CdtDbtInd>"


def _balance(kind: str, amount: str) -> str:
    if not amount:
        return ""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{_money(Decimal(amount))}<Dt><Dt>{TODAY}</Dt></Dt></Bal>"
    )


def _summary(payments: Sequence[Paid], entries: int) -> str:
    sums = {
        "TtlCdtNtries": sum((p.amount for p in payments if p.amount > 0), Decimal(0)),
        "TtlDbtNtries": -sum((p.amount for p in payments if p.amount < 0), Decimal(0)),
    }
    inside = "".join(f"<{name}><Sum>{amount}</Sum></{name}>" for name, amount in sums.items())
    return f"<TxsSummry><TtlNtries><NbOfNtries>{entries}</NbOfNtries></TtlNtries>{inside}</TxsSummry>"


def _entry(payments: Sequence[Paid], number: int, version: str) -> str:
    total = sum((payment.amount for payment in payments), Decimal(0))
    status = "<Cd>BOOK</Cd>" if version >= "08" else "BOOK"
    reversal = "<RvslInd>true</RvslInd>" if any(payment.is_reversal for payment in payments) else ""
    reference = payments[0].reference if len(payments) == 1 and payments[0].reference else f"E{number}"
    details = "".join(_details(payment, place, version, len(payments)) for place, payment in enumerate(payments, 1))
    return (
        f"<Ntry>{_money(total)}{reversal}<Sts>{status}</Sts><BookgDt><Dt>{payments[0].on}</Dt></BookgDt>"
        f"<AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls>{details}</NtryDtls></Ntry>"
    )


def _details(payment: Paid, place: int, version: str, of: int) -> str:
    party = f"<Nm>{escape(payment.name)}</Nm>"
    party = f"<Pty>{party}</Pty>" if version >= "08" else party
    side = "Dbtr" if payment.amount >= 0 else "Cdtr"
    account = f"<{side}Acct><Id><Othr><Id>{payment.account}</Id></Othr></Id></{side}Acct>" if payment.account else ""
    structured = f"<Strd><CdtrRefInf><Ref>{escape(payment.kid)}</Ref></CdtrRefInf></Strd>" if payment.kid else ""
    text = f"<Ustrd>{escape(payment.text)}</Ustrd>" if payment.text else ""
    amount = f"<AmtDtls><TxAmt><Amt Ccy='NOK'>{abs(payment.amount)}</Amt></TxAmt></AmtDtls>" if version < "04" else (
        f"<Amt Ccy='NOK'>{abs(payment.amount)}</Amt>"
    )  # fmt: skip
    side_of = f"<CdtDbtInd>{'CRDT' if payment.amount >= 0 else 'DBIT'}</CdtDbtInd>" if of > 1 else ""
    reference = f"<AcctSvcrRef>{payment.reference}</AcctSvcrRef>" if payment.reference and of > 1 else ""
    return (
        f"<TxDtls><Refs>{reference}<EndToEndId>X{place}</EndToEndId></Refs>{amount}{side_of}"
        f"<RltdPties><{side}>{party}</{side}>{account}</RltdPties><RmtInf>{text}{structured}</RmtInf></TxDtls>"
    )


# --- CSV -------------------------------------------------------------------------------------------------------------


def kroner(amount: Decimal) -> str:
    """1 234,50 as a Norwegian bank writes it: a comma, and spaces between thousands."""
    return f"{amount:,.2f}".replace(",", " ").replace(".", ",")


def dnb(payments: Sequence[Paid], *, encoding: str = "utf-8") -> bytes:
    rows = ["Dato;Forklaring;Rentedato;Ut fra konto;Inn på konto"]
    for p in payments:
        out, into = (kroner(-p.amount), "") if p.amount < 0 else ("", kroner(p.amount))
        words = " ".join(filter(None, [p.name, p.text, p.kid]))
        rows.append(f'{p.on:%d.%m.%Y};"{words}";{p.on:%d.%m.%Y};{out};{into}')
    return "\r\n".join([*rows, ""]).encode(encoding)


def nordea(payments: Sequence[Paid], *, encoding: str = "utf-8-sig") -> bytes:
    rows = ["Bokføringsdato;Beløp;Avsender;Mottaker;Navn;Tittel;Valuta;Betalingstype"]
    rows += [
        f"{p.on:%Y/%m/%d};{kroner(p.amount).replace(' ', '')};{p.account};{ACCOUNT};{p.name};{p.text} "
        f"{p.kid};NOK;Overføring"
        for p in payments
    ]
    return "\n".join([*rows, ""]).encode(encoding)


def sparebank1(payments: Sequence[Paid], *, encoding: str = "cp1252") -> bytes:
    rows = ['"Dato"\t"Beskrivelse"\t"Rentedato"\t"Inn"\t"Ut"\t"Til konto"\t"Fra konto"\t"KID"']
    for p in payments:
        out, into = (f"-{kroner(-p.amount)}", "") if p.amount < 0 else ("", kroner(p.amount))
        words = " ".join(filter(None, [p.name, p.text]))
        rows.append(f"{p.on:%d.%m.%Y}\t{words}\t{p.on:%d.%m.%Y}\t{into}\t{out}\t{ACCOUNT}\t{p.account}\t{p.kid}")
    return "\n".join(rows).encode(encoding)
