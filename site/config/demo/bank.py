"""The bank in the demo: what came in since the treasurer's last evening, and how it gets into the books.

In the first year the treasurer types each payment. Then the association gets its payments as files: OCR giro one week,
camt the next.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from config.demo.bank_formats import Paid, account_of, camt_054, ocr_giro
from config.demo.moments import noon
from config.demo.people import Arrival
from core import dates, money
from core.models import User
from invoicing import accounts
from invoicing.models import Invoice
from membership.models import Member
from payments import intake
from payments.from_bank import bank_files, bank_looks
from payments.models import BankFile, Payment

FILES_FOR = 365  # days: so long ago the bank began to send files
_FIRST_PART = Decimal(40)  # per cent: a half might be the price of another membership, and would need a person


def look_through(*, arrivals: Sequence[Arrival], also: Iterable[Paid], on: date, today: date, by: User) -> None:
    """Get everything in that has come by this day, and say so. `also` is what other stories tell the bank."""
    came = [*_payments(arrivals, on), *also]
    if dates.days_after(on, FILES_FOR) < today:
        for paid in came:
            _type_in(paid, on=on, by=by)
    elif came:
        bring(came, kind="ocr" if _number() % 2 and all(paid.kid for paid in came) else "camt", on=on, by=by)
    bank_looks.looked_through(until=on, at=noon(on), by=by)


def bring(payments: Sequence[Paid], *, kind: str, on: date, by: User) -> BankFile:
    """Bring a file with these payments, compare its totals, and say yes."""
    ours, number = accounts.chosen().number, _number()
    if kind == "ocr":
        data, name = ocr_giro(payments, account=ours, number=number), f"OCR.D{on:%d%m%y}"
    else:
        data, name = camt_054(payments, account=ours, number=number, until=on), f"camt054_{on:%Y%m%d}.xml"
    brought = bank_files.bring(data=data, name=name, account=ours, at=noon(on), by=by)
    bank_files.agree(file=brought.file, at=noon(on), by=by)
    return bank_files.finish(file=brought.file, at=noon(on))


def by_kid(invoice: Invoice, *, on: date, amount: Decimal | None = None) -> Paid:
    """The invoice's payer pays what is open, or another amount, with the KID."""
    assert invoice.member is not None
    return paid_by(invoice.member, amount=amount or invoice.open_amount, on=on, kid=invoice.kid)


def paid_by(member: Member, *, amount: Decimal, on: date, kid: str = "", text: str = "") -> Paid:
    """Somebody pays from their own account."""
    return Paid(
        on=on, amount=amount, name=member.full_name, account=account_of(member.pk), kid=kid, text=text
    )  # fmt: skip


def _number() -> int:
    """Which file this is: banks count them."""
    return BankFile.objects.count() + 1


def _payments(arrivals: Sequence[Arrival], on: date) -> list[Paid]:
    """What those whose habit says so have paid by now of what is open."""
    habits = {arrival.member.pk: arrival for arrival in arrivals if arrival.member}
    owed = Invoice.objects.open().filter(lines__period__isnull=False).distinct().order_by("number")
    found = []
    for invoice in owed.select_related("member"):
        arrival = habits.get(invoice.member_id or 0)
        if arrival is not None and (paid := _habitual(invoice, arrival)) and paid.on <= on:
            found.append(paid)
    return found


def _habitual(invoice: Invoice, arrival: Arrival) -> Paid | None:
    """What somebody pays next of an invoice, and when; nothing if they never do."""
    if arrival.pays_after is None:
        return None
    if arrival.stops_paying and invoice.issued_on > dates.days_after(arrival.on, 200):
        return None
    pays_on = dates.days_after(invoice.issued_on, arrival.pays_after)
    if not arrival.in_parts:
        return by_kid(invoice, on=pays_on)
    if invoice.open_amount == invoice.total:
        return by_kid(invoice, on=pays_on, amount=money.share(invoice.total, percent=_FIRST_PART))
    return by_kid(invoice, on=dates.days_after(pays_on, 3))


def _type_in(paid: Paid, *, on: date, by: User) -> None:
    """Register a payment by hand, as from a list on paper."""
    intake.record(
        amount=paid.amount, received_on=paid.on, source=Payment.Source.HAND, kid=paid.kid,
        source_reference=f"demo:{paid.kid}:{paid.on}", at=noon(on), by=by,
    )  # fmt: skip
