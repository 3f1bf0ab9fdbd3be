"""Money comes in: registered once, whoever and whatever tells us of it, and undone by a row with the opposite amount.

`record` is the one way in for the office, bank files, payment providers and the demo; `reverse` the one way back.
What an invoice owes is lowered and raised by invoicing, in the same transaction, so that money and status agree.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core.errors import Refused
from core.models import User
from core.money import ZERO, formatted
from invoicing.closing import refuse_closed
from invoicing.models import Invoice
from payments import allocations, credit, mails, matching
from payments.models import Allocation, Payment
from payments.shares import Share, refuse_wrong_sum
from payments.signals import payment_recorded, payment_reversed

MOST = Decimal("10000000")  # a payment of more is a typing mistake
OLDEST = timedelta(days=3660)  # and so is a date longer ago
ALIKE_WITHIN = timedelta(minutes=15)


def record(
    *,
    amount: Decimal,
    received_on: date,
    source: str,
    source_reference: str,
    at: datetime,
    by: User | None,
    kid: str = "",
    payer_name: str = "",
    payer_account: str = "",
    text: str = "",
    invoices: Sequence[Invoice] = (),
    shares: Sequence[Share] = (),
    rest_is_credit: bool = False,
    anyway: bool = False,
    is_owed_back: bool = False,
) -> Payment:
    """Register money that arrived, let it cover the invoices in their order, and mail a receipt. Return the payment.

    Without `invoices` the KID finds the invoice; without that the whole amount stays unused. Less than is owed leaves
    the rest open; more covers what else the payer owes, the oldest first, and then becomes credit. `source_reference`
    names the money once and for all: a second call with it changes nothing and returns the first payment. `amount` is
    in whole øre, above zero.

    `shares` say how much each invoice gets, instead of `invoices`. They must come to the amount, unless
    `rest_is_credit`: then what is left covers nothing else. No invoice takes more than it owes.

    Registered by hand, money that looks like a payment already registered is refused with who registered it and when
    (code `registered_already`), unless `anyway` says that it really came twice. `is_owed_back`: the money came by
    mistake, covers nothing, and waits to be paid back.
    """
    if first := Payment.objects.filter(source_reference=source_reference).first():
        return first
    _check(amount=amount, received_on=received_on, at=at)
    if shares:
        refuse_wrong_sum(amount=amount, shares=shares, rest_is_credit=rest_is_credit)
    wanted = [share.invoice for share in shares] or list(invoices)
    if kid and not wanted and not is_owed_back and (found := matching.match(kid=kid)):
        wanted = [found.invoice]
    with transaction.atomic():
        locked, others = _locked(wanted)
        payer = next((invoice.member for invoice in locked if invoice.member), None)
        if source == Payment.Source.HAND and not anyway:
            _refuse_alike(locked, amount=amount, received_on=received_on, at=at, source_reference=source_reference)
        payment, is_new = Payment.objects.get_or_create(
            source_reference=source_reference,
            defaults={
                "received_on": received_on,
                "amount": amount,
                "currency": locked[0].currency if locked else "NOK",
                "payer": payer,
                "payer_name": payer_name or (locked[0].buyer_name if locked else ""),
                "payer_account": payer_account,
                "text": text,
                "kid": kid or (locked[0].kid if locked else ""),
                "source": source,
                "unused_amount": amount,
                "is_owed_back": is_owed_back,
                "recorded_by": by,
                "recorded_at": at,
            },
        )
        if not is_new:
            return payment
        rows = _cover(payment, locked, others, shares, at)
        covered = [row.invoice for row in rows]
        log(instance=payment, action="payments.record", user=by, data={"invoices": [i.number for i in covered]})
        mails.payment_received(payment=payment, at=at)
        payment_recorded.send(sender=Payment, payment=payment, invoices=covered, at=at)
    return payment


def _cover(
    payment: Payment, locked: Sequence[Invoice], others: Sequence[Invoice], shares: Sequence[Share], at: datetime
) -> list[Allocation]:
    """As a person has said, else in order. Refuses a share that is more than its invoice owes."""
    on, rows = payment.received_on, {invoice.pk: invoice for invoice in locked}
    if not shares:
        return allocations.cover(payment=payment, invoices=[*locked, *others], on=on, at=at)
    return [
        allocations.cover_one(payment=payment, invoice=rows[share.invoice.pk], amount=share.amount, on=on, at=at)
        for share in shares
    ]


def reverse(*, payment: Payment, at: datetime, by: User | None, reason: str, on: date | None = None) -> Payment:
    """Undo a payment: a new one with the opposite amount, and what it covered is owed again. Return the reversal.

    `on` is the day the money left again, where the bank says so; else the day of `at`.

    Other credit of the payer covers what is owed again. Who got the receipt is told that it does not count any more.
    The first payment stays in the books as it was. Refuses a second time, and without a reason; and what has been paid
    back, or is a refund itself.
    """
    reason, on = reason.strip()[:250], on or timezone.localtime(at).date()
    if not reason:
        raise Refused(_("Write why the payment is undone."), code="no_reason")
    with transaction.atomic():
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        refuse_undone(payment)
        refuse_closed(on)
        reversal = payment.reversal(on=on, reason=reason, at=at, by=by)
        reversal.save()
        Payment.objects.filter(pk=payment.pk).update(unused_amount=ZERO)
        reopened = allocations.uncover(payment=payment, reversal=reversal, at=at)
        log(instance=payment, action="payments.reverse", user=by, data={"invoices": [i.number for i in reopened]})
        credit.use(invoices=reopened, at=at)
        mails.payment_undone(payment=payment, reversal=reversal, at=at)
        payment_reversed.send(sender=Payment, payment=reversal, invoices=reopened, at=at)
    return reversal


def _check(*, amount: Decimal, received_on: date, at: datetime) -> None:
    """Refuse what cannot be a payment, before anything is written."""
    today = timezone.localtime(at).date()
    if not amount.is_finite() or amount <= 0:
        raise Refused(_("A payment is more than zero. Undo a wrong one instead."), code="not_positive")
    if amount != amount.quantize(Decimal("0.01")):
        raise Refused(_("Write the amount with at most two decimals."), code="too_many_decimals")
    if amount > MOST:
        raise Refused(_("The amount is above %(most)s. Check what you typed."), code="too_much",
                      params={"most": formatted(MOST)})  # fmt: skip
    if received_on > today:
        raise Refused(_("The date is in the future. Write the day the money came."), code="in_the_future")
    refuse_closed(received_on)
    if received_on < today - OLDEST:
        raise Refused(_("The date is more than ten years ago. Check the year."), code="too_long_ago")


def _locked(invoices: Sequence[Invoice]) -> tuple[list[Invoice], list[Invoice]]:
    """The invoices in the caller's order, and what else their payer owes: their fees, then the oldest first.

    Read anew under lock: what they owe stands still until we are done.
    """
    keys = list(dict.fromkeys(invoice.pk for invoice in invoices))
    payer = next((invoice.member_id for invoice in invoices if invoice.member_id), None)
    owed = Q(kind=Invoice.Kind.INVOICE, open_amount__gt=0, member=payer) if payer else Q()
    # Locked in one order by everybody, so that two who pay the same two invoices never wait for each other.
    found = Invoice.objects.select_for_update().filter(Q(pk__in=keys) | owed).order_by("pk") if keys else []
    rows = {invoice.pk: invoice for invoice in found}
    others = [invoice for pk, invoice in rows.items() if pk not in keys]
    # The fees of what is paid come first: a reminder asks for both together, under the invoice's KID.
    others.sort(key=lambda invoice: (invoice.fee_for_id not in keys, invoice.due_on, invoice.number))
    return [rows[key] for key in keys], others


def _refuse_alike(
    invoices: Sequence[Invoice], *, amount: Decimal, received_on: date, at: datetime, source_reference: str
) -> None:
    """Two treasurers with one bank statement, or one with two windows: the second is told who was first."""
    kids = [invoice.kid for invoice in invoices if invoice.kid]
    of_these = Exists(Allocation.objects.filter(payment=OuterRef("pk"), invoice__in=invoices))
    alike = (
        Payment.objects.filter(of_these | Q(kid__in=kids), amount=amount, reversed_by=None)
        .filter(Q(received_on=received_on) | Q(recorded_at__gt=at - ALIKE_WITHIN))
        .exclude(source_reference=source_reference)
        .select_related("recorded_by")
        .first()
    )
    if alike:
        raise Refused(
            _("%(who)s has already registered %(amount)s for this invoice (%(when)s). Nothing more was registered."),
            code="registered_already",
            params={"who": _who(alike.recorded_by), "amount": formatted(amount), "when": _when(alike.recorded_at)},
        )


def refuse_undone(payment: Payment) -> None:
    """Refuse to take back what has been taken back, or is what takes something back."""
    if payment.pays_back_id:
        raise Refused(_("This is a refund. Undo it as a refund."), code="is_refund")
    if payment.refunds.filter(reverses=None, reversed_by=None).exists():
        raise Refused(_("Some of this payment has been paid back. Undo the refund first."), code="paid_back")
    if payment.reverses_id:
        raise Refused(_("This row undoes another payment. Register the money anew instead."), code="is_reversal")
    earlier = Payment.objects.filter(reverses=payment).select_related("recorded_by").first()
    if earlier:
        raise Refused(
            _("%(who)s has already undone this payment (%(when)s)."),
            code="reversed_already",
            params={"who": _who(earlier.recorded_by), "when": _when(earlier.recorded_at)},
        )


def _who(user: User | None) -> str:
    return user.get_full_name() if user else _("The system")


def _when(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
