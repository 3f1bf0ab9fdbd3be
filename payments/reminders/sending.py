"""Reminders are sent: so many invoices at a time, each step once, whoever asks and however often.

A reminder, its fee's invoice and its message are written in one transaction: a process that is killed has sent a
reminder wholly or not at all. Whose turn it is, is looked at again under the invoices' locks, so whoever has paid,
left or been given more time since the preview gets none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Prefetch, QuerySet, Sum

from core import money
from core.audit import log_many
from core.models import User
from invoicing import fees as fee_invoices
from invoicing.fees import Fee
from invoicing.models import Invoice, InvoiceLine
from messaging import addresses, outbox, suppression
from messaging.models import Channel
from payments.models import Reminder, ReminderRun
from payments.reminders import arrival, due, fees, mails, schedule
from payments.reminders.due import WhyNot


@dataclass(kw_only=True)
class Sent:
    """What became of some invoices: the reminders made, and the code of WhyNot for each that got none."""

    reminders: list[Reminder] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)


@transaction.atomic
def send(*, ids: Sequence[int], on: date, at: datetime, run: ReminderRun | None = None, by: User | None = None) -> Sent:
    """Remind of these invoices, each of its next step, if it is its turn on the date. Doing it again sends nothing.

    Keep `ids` to a few hundred. Does not ask the gate: whoever starts a sending does (gate.py).
    """
    locked = {row.pk: row for row in Invoice.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    sent = Sent(left_out={pk: _why_gone(locked.get(pk)) for pk in ids})
    ready: list[Invoice] = []
    for invoice in _turns(ids, on):
        why_not: str = invoice.why_not or _unusable(invoice, at)  # type: ignore[attr-defined]
        if why_not:
            sent.left_out[invoice.pk] = why_not
        else:
            del sent.left_out[invoice.pk]
            ready.append(invoice)
    sent.reminders = _remind(ready, on, at, run, by)
    return sent


@transaction.atomic
def record_by_hand(*, invoice: Invoice, channel: str, on: date, at: datetime, by: User | None) -> Reminder | None:
    """Somebody has reminded the payer themselves, by letter or on the phone: the next step counts as sent, without fee.

    Where no step is due, the one that was sent and did not arrive counts as given now. None when there is none either.
    """
    locked = Invoice.objects.select_for_update().get(pk=invoice.pk)
    found = due.due(on=on).filter(pk=invoice.pk).first()
    lost = None if found else arrival.unreached().filter(invoice=invoice).first()
    if found is None and lost is None:
        return None
    step: int = found.next_step if found else lost.step  # type: ignore[union-attr]
    reminder = Reminder.objects.create(
        invoice=invoice, step=step, sent_on=on, pay_by=schedule.pay_by(step, sent_on=on), channel=channel,
        left=locked.open_amount, fees_left=_fees_left(None, _earlier_fees([locked])[locked.pk][1]),
        is_by_hand=True, made_at=at, made_by=by,
    )  # fmt: skip
    log_many(instances=[invoice], action="payments.reminded", data={"step": step, "channel": channel}, user=by)
    return reminder


def _turns(ids: Sequence[int], on: date) -> list[Invoice]:
    lines = InvoiceLine.objects.order_by("invoice_id", "position")
    rows = due.due(on=on).filter(pk__in=ids).select_related("member").order_by("pk")
    return list(rows.prefetch_related(Prefetch("lines", queryset=lines)))


def _why_gone(invoice: Invoice | None) -> str:
    """Why it is not an invoice's turn any more."""
    return WhyNot.PAID if invoice is None or invoice.is_settled else WhyNot.ALREADY


def _unusable(invoice: Invoice, at: datetime) -> str:
    """What the database cannot tell of an address. It is blocked for that, so that it is known from now on: the office
    sees it, and no night begins a sending for it again. Corrected, it is another address."""
    member, channel = invoice.member, _channel(invoice)
    assert member is not None
    if channel == Channel.LETTER:
        return ""
    address = {Channel.EMAIL: member.email, Channel.SMS: member.mobile}[Channel(channel)]
    if addresses.is_usable(addresses.tidy(address, channel=channel), channel=channel):
        return ""
    suppression.suppress(address.strip(), reason=outbox.UNUSABLE_ADDRESS, at=at)
    return WhyNot.UNUSABLE


def _channel(invoice: Invoice) -> str:
    """The channel that the step goes by to this payer."""
    return str(invoice.goes_by)  # type: ignore[attr-defined]


def _remind(
    invoices: Sequence[Invoice], on: date, at: datetime, run: ReminderRun | None, by: User | None
) -> list[Reminder]:
    """The rows, the fees and the messages, for invoices whose turn it is."""
    earlier = _earlier_fees(invoices)
    amounts = {invoice.pk: _fee(invoice, on, earlier[invoice.pk][0]) for invoice in invoices}
    charged = [Fee(invoice=invoice, amount=amounts[invoice.pk], due_on=_pay_by(invoice, on))
               for invoice in invoices if amounts[invoice.pk]]  # fmt: skip
    issued = {row.fee_for_id: row for row in fee_invoices.charge(fees=charged, on=on, at=at)}
    rows = [
        Reminder(
            invoice=invoice, step=invoice.next_step, sent_on=on, pay_by=_pay_by(invoice, on),  # type: ignore[attr-defined]
            channel=_channel(invoice), fee=amounts[invoice.pk], fee_invoice=issued.get(invoice.pk),
            left=invoice.open_amount, fees_left=_fees_left(issued.get(invoice.pk), earlier[invoice.pk][1]),
            run=run, made_at=at, made_by=by,
        )
        for invoice in invoices
    ]  # fmt: skip
    Reminder.objects.bulk_create(rows)
    outbox.queue_many(rows=[mails.reminder(row=row) for row in rows], at=at)
    for step in sorted({row.step for row in rows}):
        of_step = [row.invoice for row in rows if row.step == step]
        log_many(instances=of_step, action="payments.reminded", data={"step": step}, user=by)
    return rows


def _pay_by(invoice: Invoice, on: date) -> date:
    return schedule.pay_by(invoice.next_step, sent_on=on)  # type: ignore[attr-defined]


def _fee(invoice: Invoice, on: date, charged: int) -> Decimal:
    number: int = invoice.next_step  # type: ignore[attr-defined]
    return fees.of_step(number=number, due_on=invoice.due_on, on=on, charged=charged)


def _fees_left(fee: Invoice | None, earlier: Decimal) -> Decimal:
    """What is to be paid of the new fee, which credit may have covered already, and of those before it."""
    return (fee.open_amount if fee else money.ZERO) + earlier


def _earlier_fees(invoices: Sequence[Invoice]) -> dict[int, tuple[int, Decimal]]:
    """How many fees each invoice has had, and what is left to pay of them."""
    found: dict[int, tuple[int, Decimal]] = {invoice.pk: (0, money.ZERO) for invoice in invoices}
    rows: QuerySet[Any, Any] = Invoice.objects.of_fees().filter(fee_for__in=list(found)).order_by().values("fee_for")
    for row in rows.annotate(count=Count("pk"), left=Sum("open_amount")):
        found[row["fee_for"]] = (row["count"], row["left"])
    return found
