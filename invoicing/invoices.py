"""Invoices: issued from terms, covered by payments, settled. What is issued never changes; see credit_notes.py."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import batched

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core import counters, dates, money
from core.audit import log_many
from core.errors import Refused
from invoicing import accounts, kid, parties, vat
from invoicing.accounts import Account
from invoicing.closing import refuse_closed
from invoicing.credit_notes import credit
from invoicing.models import Invoice, InvoiceLine, InvoiceRun
from invoicing.signals import invoice_reopened, invoice_settled, invoices_issued
from membership.models import Branch, Member, MembershipType, Period
from membership.periods import expect_payment

__all__ = ["cover", "credit", "issue", "new_kids", "periods_paid_by", "uncover"]

_AT_ONCE = 500
# Terms are opened by the registry, which knows of no runs; so what is issued meanwhile finds its run here.
_run: ContextVar[tuple[InvoiceRun, list[Invoice]] | None] = ContextVar("invoice_run", default=None)


@dataclass(frozen=True, kw_only=True)
class _Bill:
    """What one payer owes now: the terms, each as a line, those that carry others before the carried."""

    payer: Member
    periods: list[Period]


@contextmanager
def issued_in(run: InvoiceRun) -> Iterator[list[Invoice]]:
    """What is issued in the block belongs to the run, and is in the list afterwards."""
    issued: list[Invoice] = []
    token = _run.set((run, issued))
    try:
        yield issued
    finally:
        _run.reset(token)


def issue(*, periods: Sequence[Period], on: date, at: datetime) -> list[Invoice]:
    """Invoice terms: one invoice a payer, with a line for each person of the household.

    What is paid or free, ended, or invoiced already is passed over, so that doing it again changes nothing. The
    numbers are gapless: they are taken in the transaction that writes the invoices. Does not make the PDF and sends
    nothing: those who listen to `invoices_issued` do. Refuses when no bank account is set.
    """
    issued: list[Invoice] = []
    if _is_all_paid(periods):
        return issued
    carrying = dict.fromkeys(period.paid_with_id or period.pk for period in periods)
    for ids in _portions(list(carrying)):
        issued += _issue_portion(ids, on, at)
    return issued


def _portions(carrying: Sequence[int]) -> Iterator[Sequence[int]]:
    """Some terms at a time, and no payer's in two of them: an employer of a thousand gets one invoice."""
    if len(carrying) <= _AT_ONCE:
        yield carrying
        return
    by_payer: dict[int, list[int]] = {}
    payers: dict[int, int] = {}
    for ids in batched(carrying, _AT_ONCE):
        rows = Period.objects.filter(pk__among=ids).order_by()
        payers |= {pk: payer or member for pk, payer, member in rows.values_list("pk", "member__payer", "member")}
    for pk in carrying:
        by_payer.setdefault(payers.get(pk, -pk), []).append(pk)
    portion: list[int] = []
    for of_one_payer in by_payer.values():
        portion += of_one_payer
        if len(portion) >= _AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


def _is_all_paid(periods: Sequence[Period]) -> bool:
    """Whether nothing can be owed: an import of thousands that are paid asks that, instead of reading them all."""
    if any(period.confirmed_on is None for period in periods):
        return False
    of_these = Q(pk__among=[period.pk for period in periods])
    with_these = Q(paid_with__pk__among=[period.paid_with_id or period.pk for period in periods])
    return not Period.objects.unconfirmed().filter(of_these | with_these, ended_on__isnull=True).exists()


@transaction.atomic
def _issue_portion(ids: Sequence[int], on: date, at: datetime) -> list[Invoice]:
    bills = _bills(ids)
    if not bills:
        return []
    refuse_closed(on)
    due_on = dates.days_after(on, settings.CLIENT.invoicing.due_days)
    blank = template(on, due_on, at)
    kids = new_kids([bill.payer for bill in bills])
    numbers = counters.take("invoice", len(bills))
    invoices = [
        _invoice(bill, blank, number=number, kid=text) for bill, number, text in zip(bills, numbers, kids, strict=True)
    ]
    Invoice.objects.bulk_create(invoices)
    branches: dict[int | None, str] = dict(Branch.objects.values_list("pk", "code"))
    lines = [line for invoice, bill in zip(invoices, bills, strict=True) for line in _lines(invoice, bill, branches)]
    InvoiceLine.objects.bulk_create(lines)
    expect_payment(periods=[period for bill in bills for period in bill.periods], by=due_on)
    log_many(instances=invoices, action="invoicing.issued")
    if under_way := _run.get():
        under_way[1].extend(invoices)
    invoices_issued.send(sender=Invoice, invoices=invoices, at=at)
    return invoices


def _bills(ids: Iterable[int]) -> list[_Bill]:
    """Sort out who owes what, and lock those terms so that two callers cannot invoice them twice."""
    rows = (
        Period.objects.select_for_update(of=("self",))
        .filter(Q(pk__among=ids) | Q(paid_with__pk__among=ids))
        .select_related("member__payer")
        .order_by("pk")
    )
    types = MembershipType.objects.in_bulk()  # a handful, where a join would make one a row
    carrying: dict[int, Period] = {}
    carried: dict[int, list[Period]] = {}
    for row in rows:
        row.type = types[row.type_id]
        row.wanted_type = types[row.wanted_type_id] if row.wanted_type_id else None
        if row.paid_with_id is None:
            carrying[row.pk] = row
        else:
            carried.setdefault(row.paid_with_id, []).append(row)
    everybody = [pk for pk in carrying] + [row.pk for family in carried.values() for row in family]
    standing = InvoiceLine.objects.filter(period__pk__among=everybody, is_credited=False).order_by()
    invoiced = set(standing.values_list("period_id", flat=True))
    by_payer: dict[int, _Bill] = {}
    for pk in ids:
        if pk not in carrying:
            continue
        owed = [row for row in _household(carrying[pk], carried.get(pk, [])) if row.pk not in invoiced]
        if any(row.price for row in owed):
            payer = carrying[pk].member.payer or carrying[pk].member
            by_payer.setdefault(payer.pk, _Bill(payer=payer, periods=[])).periods.extend(owed)
    return list(by_payer.values())


def _household(main: Period, carried: Sequence[Period]) -> list[Period]:
    """The household's terms that belong on an invoice: what is not confirmed, and what is included for nothing."""
    main_owes = main.confirmed_on is None and main.ended_on is None
    rows = [main] if main_owes else []
    for row in carried:
        is_included = main_owes and not row.price
        if row.ended_on is None and (row.confirmed_on is None or is_included):
            rows.append(row)
    return rows


def template(on: date, due_on: date, at: datetime, account: Account | None = None) -> Invoice:
    """What all invoices of one day share: dates, seller, account. Refuses when no bank account is set.

    The account is the one given, else the run's, else the first.
    """
    account = account or account_now()
    under_way = _run.get()
    return Invoice(
        run=under_way[0] if under_way else None,
        kind=Invoice.Kind.INVOICE,
        issued_on=on,
        issued_at=at,
        due_on=due_on,
        seller=parties.seller(),
        currency=settings.CLIENT.invoicing.currency,
        account_number=account.number,
    )


def account_now() -> Account:
    """The account that what is issued now is paid to: the one chosen for the run, else the first."""
    under_way = _run.get()
    return accounts.chosen(under_way[0].account_number if under_way else "")


def _invoice(bill: _Bill, template: Invoice, *, number: int, kid: str) -> Invoice:
    total = sum((period.price for period in bill.periods), money.ZERO)
    of_which = sum((_vat(period) for period in bill.periods), money.ZERO)
    return addressed(template, payer=bill.payer, number=number, kid=kid, total=total, vat=of_which)


def addressed(template: Invoice, *, payer: Member, number: int, kid: str, total: Decimal, vat: Decimal) -> Invoice:
    """An invoice to a payer, with a copy of the name and address as they are now. Not saved."""
    language = payer.language if payer.language in settings.CLIENT.site.languages else settings.CLIENT.site.language
    return Invoice(
        run=template.run,
        kind=template.kind,
        issued_on=template.issued_on,
        issued_at=template.issued_at,
        due_on=template.due_on,
        seller=template.seller,
        currency=template.currency,
        account_number=template.account_number,
        number=number,
        kid=kid,
        member=payer,
        language=language,
        buyer_name=payer.full_name,
        buyer_address=parties.address(payer, language=language),
        buyer_number=payer.organisation_number,
        member_number=payer.member_number,
        total=total,
        vat=vat,
        open_amount=total,
    )


def _vat(period: Period) -> Decimal:
    """The VAT inside a term's price."""
    return vat.inside(period.price, period.invoiced_type.vat_percent)


def _lines(invoice: Invoice, bill: _Bill, branches: Mapping[int | None, str]) -> list[InvoiceLine]:
    return [
        InvoiceLine(
            invoice=invoice,
            position=position,
            text=parties.line_text(period, language=invoice.language),
            unit_price=period.price,
            vat_percent=period.invoiced_type.vat_percent,
            amount=period.price,
            note=parties.why_this_price(period, language=invoice.language),
            period=period,
            member_name=period.member.full_name,
            type_code=period.invoiced_type.code,
            branch_code=branches.get(period.member.branch_id, ""),
        )
        for position, period in enumerate(bill.periods, 1)
    ]


def new_kids(payers: Sequence[Member], *, account: Account | None = None) -> list[str]:
    """A KID for each payer by the account's rule: digits that say who, 7 that never come twice, and the check digit.

    The serial is one for all accounts, so that a KID names one invoice whichever account it is paid to. With
    modulus 11, serials that would end in `-` are passed over; they are not invoice numbers, so gaps do no harm.
    """
    account = account or account_now()
    length = account.serial_digits
    made: list[str] = []
    while len(made) < len(payers):
        for serial in counters.take("kid", len(payers) - len(made)):
            payer = _payer_digits(payers[len(made)], account.payer_digits)
            text = kid.with_check_digit(payer + f"{serial:0{length}}"[-length:], account.kid_modulus)
            if not text.endswith("-"):
                made.append(text)
    return made


def _payer_digits(payer: Member, length: int) -> str:
    """The member number where it is made of digits, else the row's own: only a help for the eye, never a key."""
    number = payer.member_number
    digits = number if number.isascii() and number.isdigit() else str(payer.pk)
    return digits.zfill(length)[-length:] if length else ""


@transaction.atomic
def cover(*, invoice: Invoice, amount: Decimal, on: date) -> None:
    """Let money cover so much of an invoice. Sends `invoice_settled` when nothing is left.

    Refuses more than is open: surplus stays with the payment, as credit on the payer.
    """
    locked = _locked(invoice)
    if not 0 < amount <= locked.open_amount:
        raise Refused(
            _("Invoice %(number)s has %(open)s left to pay, so it cannot take %(amount)s."),
            params={
                "number": locked.number,
                "open": money.formatted(locked.open_amount, locked.currency),
                "amount": money.formatted(amount, locked.currency),
            },
            code="more_than_open",
        )
    _set_open(locked, locked.open_amount - amount, invoice)
    if locked.is_settled:
        invoice_settled.send(sender=Invoice, invoice=locked, on=on)


@transaction.atomic
def uncover(*, invoice: Invoice, amount: Decimal, on: date) -> None:
    """Take back what `cover` did, because the payment was undone. Sends `invoice_reopened` if nothing was left."""
    locked = _locked(invoice)
    if amount <= 0 or locked.open_amount + amount > locked.total:
        raise Refused(
            _("Invoice %(number)s cannot owe %(amount)s more: that is more than its total."),
            params={"number": locked.number, "amount": money.formatted(amount, locked.currency)},
            code="more_than_total",
        )
    was_settled = locked.is_settled
    _set_open(locked, locked.open_amount + amount, invoice)
    if was_settled:
        invoice_reopened.send(sender=Invoice, invoice=locked, on=on)


def _locked(invoice: Invoice) -> Invoice:
    """The invoice as it stands, while nobody else may change it.

    PostgreSQL locks the row; on SQLite the IMMEDIATE transaction, which began before this line, lets in one writer.
    """
    return Invoice.objects.select_for_update().get(pk=invoice.pk, kind=Invoice.Kind.INVOICE)


def _set_open(locked: Invoice, amount: Decimal, callers: Invoice) -> None:
    locked.open_amount = callers.open_amount = amount
    locked.save(update_fields=["open_amount"])


def periods_paid_by(invoice: Invoice) -> list[Period]:
    """The terms that payment of this invoice confirms: those that are not carried by another on it, nor credited."""
    lines = invoice.lines.filter(is_credited=False, period__isnull=False).select_related("period")
    periods = [line.period for line in lines if line.period is not None]
    on_it = {period.pk for period in periods}
    return [period for period in periods if period.paid_with_id not in on_it]
