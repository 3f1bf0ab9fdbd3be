"""The bank lines that wait for a person, and each thing that can be said of one. Nothing is ever dropped.

Whoever comes second is told who was first: every verb here locks the line and looks at it again.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core.errors import Refused
from core.models import User
from invoicing.models import Invoice
from payments import intake, refunds
from payments.from_bank import line_booking
from payments.models import BankLine, PayerAccount, Payment
from payments.shares import Share

State, Why = BankLine.State, BankLine.Why


@transaction.atomic
def confirm(
    *, line: BankLine, invoices: Sequence[Invoice] = (), shares: Sequence[Share] = (), rest_is_credit: bool = False,
    at: datetime, by: User | None,
) -> Payment:  # fmt: skip
    """A person says which invoices the money is for: they are covered in this order, and what is left becomes credit.

    `shares`, instead of `invoices`, say how much each of them gets; see `intake.record`. The account it came from is
    remembered for the payer, and suggested the next time.
    """
    invoices = [share.invoice for share in shares] or invoices
    if not invoices:
        raise Refused(_("Choose the invoice that the money is for."), code="no_invoice")
    locked = _waiting_with_our_money(line)
    _refuse_money_out(locked)
    payment = line_booking.record(
        line=locked, invoices=invoices, shares=shares, rest_is_credit=rest_is_credit, at=at, by=by
    )
    line_booking.mark_booked(locked, payment)
    _decided(locked, at, by)
    if locked.payer_account and payment.payer:
        PayerAccount.objects.get_or_create(
            account=locked.payer_account, member=payment.payer, defaults={"learned_at": at}
        )  # fmt: skip
    return payment


@transaction.atomic
def owe_back(*, line: BankLine, at: datetime, by: User | None) -> Payment:
    """The money is not for us: it is in the books, covers nothing, and waits to be paid back."""
    locked = _waiting_with_our_money(line)
    _refuse_money_out(locked)
    payment = line_booking.record(line=locked, invoices=[], at=at, by=by, is_owed_back=True)
    line_booking.mark_booked(locked, payment, note=_("Waits to be paid back."))
    _decided(locked, at, by)
    return payment


@transaction.atomic
def set_aside(*, line: BankLine, reason: str, at: datetime, by: User | None) -> None:
    """The line is no payment of ours, and why: interest, a transfer between own accounts, a provider's payout."""
    reason = reason.strip()[:250]
    if not reason:
        raise Refused(_("Write why the line is set aside. The auditor reads it."), code="no_reason")
    locked = _waiting(line)
    locked.state, locked.note = State.SET_ASIDE, reason
    locked.save(update_fields=["state", "note"])
    _decided(locked, at, by)
    log(instance=locked, action="payments.line_set_aside", user=by)


@transaction.atomic
def take_back(*, line: BankLine, payment: Payment, at: datetime, by: User | None) -> Payment:
    """The bank has taken a payment back: it is undone on the bank's day, and what it covered is owed again."""
    locked = _waiting_with_our_money(line)
    if locked.amount >= 0 or -locked.amount != payment.amount:
        raise Refused(_("The bank took back another amount than this payment. Choose one of the same amount."),
                      code="other_amount")  # fmt: skip
    reason = _("Taken back by the bank")
    # Told first, so that the line the payment came with does not wait for a person again.
    BankLine.objects.filter(payment=payment, state=State.BOOKED).update(state=State.SET_ASIDE, note=reason)
    reversal = intake.reverse(payment=payment, at=at, by=by, reason=reason, on=locked.booked_on)
    line_booking.mark_booked(locked, reversal)
    _decided(locked, at, by)
    return reversal


@transaction.atomic
def paid_back(*, line: BankLine, payment: Payment, at: datetime, by: User | None) -> Payment:
    """Money out that is a refund: so much of what a payment had not used."""
    locked = _waiting_with_our_money(line)
    if locked.amount >= 0:
        raise Refused(_("Money that came in is no refund."), code="money_in")
    locked.times_booked += 1
    refund = refunds.pay_back(
        payment=payment, amount=-locked.amount, on=locked.booked_on, at=at, by=by,
        source_reference=f"{locked.reference}~{locked.times_booked}", account=locked.payer_account,
    )  # fmt: skip
    line_booking.mark_booked(locked, refund)
    _decided(locked, at, by)
    return refund


@transaction.atomic
def open_again(*, line: BankLine, at: datetime, by: User | None) -> None:
    """What was said of a line does not hold: it waits for a person again, and what was booked is undone."""
    locked = BankLine.objects.select_for_update().get(pk=line.pk)
    if locked.state in {State.NEW, State.QUEUED}:
        raise Refused(_("This line waits to be matched already."), code="waits")
    payment = locked.payment
    if locked.state == State.BOOKED and payment is not None:
        if payment.reverses_id:
            raise Refused(_("The bank took this money back. That cannot be undone here."), code="reversal")
        reason = _("Matched by mistake")
        if payment.pays_back_id:
            refunds.take_back(refund=payment, at=at, by=by, reason=reason)
        else:
            intake.reverse(payment=payment, at=at, by=by, reason=reason)
    why = Why.ASKED if locked.state == State.OUTGOING else Why.UNDONE
    BankLine.objects.filter(pk=locked.pk).update(
        state=State.QUEUED, why=why, payment=None, note="", decided_at=None, decided_by=None
    )
    log(instance=locked, action="payments.line_opened_again", user=by)


def payment_undone(*, payment: Payment) -> None:
    """A payment was undone elsewhere: the line it came with waits for a person again."""
    BankLine.objects.filter(payment=payment, state=State.BOOKED).update(
        state=State.QUEUED, why=Why.UNDONE, payment=None, note="", decided_at=None, decided_by=None
    )


def _waiting(line: BankLine) -> BankLine:
    """The line under lock, if it still waits; else refuse with who has decided it, and when."""
    locked = BankLine.objects.select_for_update(of=("self",)).select_related("file").get(pk=line.pk)
    if locked.state == State.QUEUED:
        return locked
    if locked.decided_at is None:
        raise Refused(_("This line does not wait to be matched. Look at its file."), code="not_waiting")
    raise Refused(
        _("%(who)s has already decided this line (%(when)s). Nothing more was booked."),
        code="decided_already",
        params={
            "who": locked.decided_by.get_full_name() if locked.decided_by else _("The system"),
            "when": formats.date_format(timezone.localtime(locked.decided_at), "SHORT_DATETIME_FORMAT"),
        },
    )


def _waiting_with_our_money(line: BankLine) -> BankLine:
    """The same, of a line in the currency of the books: a hundred euro are not a hundred kroner."""
    locked = _waiting(line)
    if locked.is_foreign:
        raise Refused(
            _("This line is in %(currency)s. Set it aside, and register by hand what the bank gave for it in "
              "%(ours)s."),
            code="other_currency",
            params={"currency": locked.currency, "ours": settings.CLIENT.invoicing.currency},
        )  # fmt: skip
    return locked


def _refuse_money_out(line: BankLine) -> None:
    if line.amount < 0:
        raise Refused(_("This money went out. It cannot pay an invoice."), code="money_out")


def _decided(line: BankLine, at: datetime, by: User | None) -> None:
    BankLine.objects.filter(pk=line.pk).update(decided_at=at, decided_by=by)
