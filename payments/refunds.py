"""Money that goes back to who sent it: only what no invoice has used, and in the books as money that left."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core import dates
from core.errors import Refused
from core.models import User
from core.money import ZERO, formatted
from invoicing.closing import refuse_closed
from payments import allocations, mails
from payments.models import Payment
from payments.signals import payment_reversed


@transaction.atomic
def pay_back(
    *,
    payment: Payment,
    amount: Decimal,
    on: date,
    at: datetime,
    by: User | None,
    source_reference: str,
    account: str = "",
    reason: str = "",
    source: str = Payment.Source.REFUND,
    from_invoices: bool = False,
) -> Payment:
    """So much of a payment has been paid back from our account on that day: its credit is less, and the payer is told.
    Return the refund.

    `source_reference` names the refund once and for all: a second call with it changes nothing. Does not send any
    money: the treasurer does, in the bank; `source` says when it was a payment provider. Refuses more than is not used;
    with `from_invoices` what is missing is taken from the invoices it covers, the last one first, and owed again.
    """
    if first := Payment.objects.filter(source_reference=source_reference).first():
        return first
    locked = Payment.objects.select_for_update().get(pk=payment.pk)
    _refuse_undone(locked)
    missing = amount - locked.unused_amount if from_invoices else ZERO
    if missing > 0:
        allocations.release(payment=locked, amount=missing, on=on, at=at)
    _refuse_amount(locked, amount)
    if on > dates.day_of(at):
        raise Refused(_("The date is in the future. Write the day the money left."), code="in_the_future")
    if on < locked.received_on:
        raise Refused(_("The money had not come by then. Write the day it left."), code="too_early")
    refuse_closed(on)
    refund = Payment.objects.create(
        received_on=on,
        amount=-amount,
        currency=locked.currency,
        payer=locked.payer,
        payer_name=locked.payer_name,
        payer_account=account or locked.payer_account,
        kid=locked.kid,
        source=source,
        source_reference=source_reference,
        unused_amount=ZERO,
        pays_back=locked,
        reason=reason.strip()[:250],
        recorded_by=by,
        recorded_at=at,
    )
    locked.unused_amount -= amount
    locked.save(update_fields=["unused_amount"])
    log(instance=locked, action="payments.paid_back", user=by, data={"refund": refund.pk})
    mails.paid_back(payment=locked, refund=refund, at=at)
    return refund


def _refuse_undone(payment: Payment) -> None:
    if payment.pays_back_id or payment.reverses_id or Payment.objects.filter(reverses=payment).exists():
        raise Refused(_("This payment is undone, or is a refund itself. Nothing of it is left to pay back."),
                      code="undone")  # fmt: skip


def _refuse_amount(payment: Payment, amount: Decimal) -> None:
    if amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        raise Refused(_("Write an amount above zero, with at most two decimals."), code="not_positive")
    if amount > payment.unused_amount:
        raise Refused(
            _("Only %(unused)s of this payment is not used. Undo it first if an invoice must not keep the rest."),
            code="more_than_unused", params={"unused": formatted(payment.unused_amount, payment.currency)},
        )  # fmt: skip


@transaction.atomic
def take_back(*, refund: Payment, at: datetime, by: User | None, reason: str) -> Payment:
    """A refund that never left, or came back: what it took is not used again. Return the row that undoes it."""
    reason = reason.strip()[:250]
    if not reason:
        raise Refused(_("Write why the refund is undone."), code="no_reason")
    if refund.source == Payment.Source.PROVIDER:
        raise Refused(_("The payment provider has paid this back. That cannot be undone here."), code="provider")
    today = dates.day_of(at)
    refuse_closed(today)
    assert refund.pays_back_id is not None
    payment = Payment.objects.select_for_update().get(pk=refund.pays_back_id)
    if Payment.objects.filter(reverses=refund).exists():
        raise Refused(_("This refund has been undone already."), code="reversed_already")
    reversal = refund.reversal(on=today, reason=reason, at=at, by=by)
    reversal.save()
    payment.unused_amount -= refund.amount  # which is below zero
    payment.save(update_fields=["unused_amount"])
    log(instance=payment, action="payments.refund_undone", user=by, data={"refund": refund.pk})
    payment_reversed.send(sender=Payment, payment=reversal, invoices=[], at=at)
    return reversal


@transaction.atomic
def owe_back(*, payment: Payment, at: datetime, by: User | None, is_owed: bool = True) -> None:
    """What is not used of a payment waits to be paid back, and no invoice takes it meanwhile; or it is credit again."""
    locked = Payment.objects.select_for_update().get(pk=payment.pk)
    if is_owed and not locked.unused_amount:
        raise Refused(_("Nothing of this payment is left to pay back."), code="nothing_unused")
    locked.is_owed_back = payment.is_owed_back = is_owed
    locked.save(update_fields=["is_owed_back"])
    log(instance=locked, action="payments.owed_back" if is_owed else "payments.credit_again", user=by)
