"""What is written down about online payments: each function one transaction, with the row locked, and no network.

What a provider says is applied to the row as it stands now, not as the asker saw it: two who ask at once write the
same, and the money is booked once.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core import dates
from core.errors import Refused
from core.models import User
from core.money import ZERO, formatted
from invoicing.closing import refuse_closed
from payments import intake, refunds
from payments.models import Payment, ProviderEvent, ProviderPayment
from payments.providers import active
from payments.providers.provider import ProviderError, Reading, Standing, Started

State = ProviderPayment.State
_OVER = {
    Standing.CANCELLED: State.CANCELLED,
    Standing.EXPIRED: State.EXPIRED,
    Standing.FAILED: State.FAILED,
}
# While the person has time we ask each minute; then less and less, and after two weeks no more.
_FIRST, _THEN, _LAST, _NO_MORE = (
    timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=6), timedelta(days=14)
)  # fmt: skip
_PATIENCE = {Standing.MISSING: _FIRST}  # what the provider has forgotten cannot be paid any more


def name_of(alias: str) -> str:
    """The provider's name; its alias where it is switched off."""
    return active.load(alias).name if alias in active.aliases() else alias


@transaction.atomic
def started(*, online: ProviderPayment, started: Started, at: datetime) -> ProviderPayment:
    """The provider has made the payment: now it waits for the person."""
    locked = _locked(online)
    if locked.state in (State.STARTING, State.WAITING):
        locked.state, locked.provider_id, locked.redirect_url = State.WAITING, started.provider_id, started.redirect_url
        locked.problem, locked.look_at = "", at + _FIRST
        locked.save(update_fields=["state", "provider_id", "redirect_url", "problem", "look_at"])
        _event(locked, "started", at)
    return locked


@transaction.atomic
def did_not_start(*, online: ProviderPayment, error: ProviderError, at: datetime) -> ProviderPayment:
    """The provider said no, or nothing. Nothing: it may have made it, so the same question will be asked again."""
    locked = _locked(online)
    if locked.state == State.STARTING:
        locked.problem = str(error)[:250]
        if error.permanent:
            locked.state, locked.look_at = State.FAILED, None
        locked.save(update_fields=["state", "problem", "look_at"])
        _event(locked, "not_started" if error.permanent else "no_answer", at, note=str(error))
    return locked


@transaction.atomic
def later(*, online: ProviderPayment, at: datetime, problem: str) -> ProviderPayment:
    """It could not be found out how it stands: write down why, and when to ask again."""
    locked = _locked(online)
    locked.look_at = _ask_again(locked, at)
    if problem and problem != locked.problem:
        locked.problem = problem[:250]
        _event(locked, "asking_failed", at, note=problem)
    locked.save(update_fields=["problem", "look_at"])
    return locked


@transaction.atomic
def note(*, online: ProviderPayment, reading: Reading, at: datetime) -> ProviderPayment:
    """Write down how the payment stands at the provider, and book what follows: the money, or that it went back."""
    locked = _locked(online)
    before = (locked.state, locked.captured_amount, locked.refunded_amount)
    if locked.state in (State.WAITING, State.REFUNDING):
        locked.problem = ""  # it could be asked about after all
    if reading.standing == Standing.CAPTURED:
        locked.captured_amount, locked.refunded_amount = reading.captured, min(reading.refunded, reading.captured)
        _came(locked, reading, at)
        _went_back(locked, at, has_changed=locked.refunded_amount != before[2])
    elif locked.is_under_way and reading.standing in _OVER:
        locked.state = _OVER[reading.standing]
    elif locked.is_under_way and locked.expires_at + _PATIENCE.get(reading.standing, _NO_MORE) <= at:
        locked.state = State.EXPIRED
    locked.look_at = _ask_again(locked, at) if locked.is_under_way or locked.state == State.REFUNDING else None
    locked.save()
    if (locked.state, locked.captured_amount, locked.refunded_amount) != before:
        _event(locked, locked.state, at, note=locked.problem)
    return locked


@transaction.atomic
def book(*, online: ProviderPayment, at: datetime, by: User | None) -> ProviderPayment:
    """A person has looked: what the provider received goes on the invoice as it is. Refuses when nothing came."""
    locked = _locked(online)
    if locked.state != State.REVIEW or locked.captured_amount <= locked.refunded_amount or locked.payment:
        raise Refused(_("There is no money to book. Ask the provider again."), code="nothing_to_book")
    if locked.refunded_amount:
        raise Refused(_("A part of it was paid back. Register by hand what is left, and set this aside."),
                      code="partly_refunded")  # fmt: skip
    _book(locked, at, by=by)
    locked.save()
    _event(locked, "booked", at)
    log(instance=locked, action="payments.online_booked", user=by)
    return locked


@transaction.atomic
def set_aside(*, online: ProviderPayment, at: datetime, by: User | None, reason: str) -> ProviderPayment:
    """A person has looked: nothing is to be done about it. Refuses without a reason."""
    reason = reason.strip()[:250]
    if not reason:
        raise Refused(_("Write why nothing is to be done about it."), code="no_reason")
    locked = _locked(online)
    if locked.state != State.REVIEW:
        raise Refused(_("Somebody has already dealt with this payment."), code="not_in_review")
    locked.state = State.PAID if locked.payment else State.SET_ASIDE
    locked.look_at = None
    locked.save(update_fields=["state", "look_at"])
    _event(locked, State.SET_ASIDE, at, note=reason)
    log(instance=locked, action="payments.online_set_aside", user=by)
    return locked


@transaction.atomic
def ask_for_refund(
    *, online: ProviderPayment, at: datetime, by: User | None, reason: str, amount: Decimal | None = None
) -> ProviderPayment:
    """Write down that the money is to go back, before the provider is asked. Refuses what has no money to give."""
    reason = reason.strip()[:250]
    if not reason:
        raise Refused(_("Write why the money is paid back."), code="no_reason")
    locked = _locked(online)
    is_open = locked.state in (State.PAID, State.REVIEW)
    if is_open and locked.payment is not None and Payment.objects.filter(reverses=locked.payment).exists():
        intake.refuse_undone(locked.payment)
    if not is_open or left_to_refund(locked) <= 0:
        raise Refused(_("There is no money to pay back here."), code="nothing_to_refund")
    amount = left_to_refund(locked) if amount is None else amount
    _refuse_amount(locked, amount)
    is_all = amount == locked.captured_amount
    if is_all and locked.payment is not None:  # asked before the provider is: what has left us twice is not got back
        intake.refuse_undone(locked.payment)
    refuse_closed(dates.day_of(at))
    locked.state, locked.refund_reason, locked.refund_asked_by = State.REFUNDING, reason, by
    locked.look_at, locked.problem = at + _FIRST, ""
    locked.refund_until, locked.refund_count = locked.refunded_amount + amount, locked.refund_count + 1
    locked.save()
    _event(locked, "refund_asked_for", at, note=reason if is_all else f"{formatted(amount, locked.currency)}: {reason}")
    log(instance=locked, action="payments.online_refund", user=by)
    return locked


def left_to_refund(online: ProviderPayment) -> Decimal:
    """What the provider can still give back, by the books: nothing while it has given back more than they say, and
    none of what was paid back from the bank or undone."""
    if online.payment is None:
        return ZERO if online.refunded_amount else online.captured_amount
    if online.refunded_amount != _booked_back(online) or Payment.objects.filter(reverses=online.payment).exists():
        return ZERO
    back = online.payment.refunds.filter(reverses=None, reversed_by=None).aggregate(sum=Sum("amount"))["sum"] or ZERO
    return min(online.captured_amount - online.refunded_amount, online.payment.amount + back)


def _refuse_amount(online: ProviderPayment, amount: Decimal) -> None:
    left = left_to_refund(online)
    if amount <= 0 or amount != amount.quantize(Decimal("0.01")) or amount > left:
        raise Refused(
            _("Write an amount above zero and at most %(left)s: that is what the provider can still pay back."),
            params={"left": formatted(left, online.currency)}, code="refund_amount",
        )  # fmt: skip
    if amount < online.captured_amount and online.payment is None:
        raise Refused(_("A part can be paid back when the money is in the books. Book it first."), code="not_booked")


def _booked_back(online: ProviderPayment) -> Decimal:
    """What the books know that the provider has given back in parts."""
    assert online.payment is not None
    rows = online.payment.refunds.filter(source=Payment.Source.PROVIDER)
    return -(rows.aggregate(sum=Sum("amount"))["sum"] or ZERO)


@transaction.atomic
def refund_failed(*, online: ProviderPayment, error: ProviderError, at: datetime) -> ProviderPayment:
    """The provider does not give it back: the money stands as it did, and somebody has to look."""
    locked = _locked(online)
    if locked.state == State.REFUNDING:
        locked.state, locked.problem, locked.look_at = State.REVIEW, str(error)[:250], None
        locked.save(update_fields=["state", "problem", "look_at"])
        _event(locked, "refund_failed", at, note=str(error))
    return locked


def _locked(online: ProviderPayment) -> ProviderPayment:
    return ProviderPayment.objects.select_for_update(of=("self",)).select_related("payment", "invoice").get(
        pk=online.pk
    )  # fmt: skip


def _event(online: ProviderPayment, kind: str, at: datetime, *, note: str = "") -> None:
    ProviderEvent.objects.create(payment=online, at=at, kind=kind, note=note[:250])


def _came(online: ProviderPayment, reading: Reading, at: datetime) -> None:
    """The money is the association's: book it, if it is what was asked for."""
    if online.payment or online.state in (State.REVIEW, State.SET_ASIDE, State.REFUNDING, State.REFUNDED):
        return
    if (reading.captured, reading.currency) == (online.amount, online.currency):
        try:
            _book(online, at, by=None)
        except Refused as refusal:
            online.state, online.problem = State.REVIEW, refusal.sentence[:250]
        return
    online.state = State.REVIEW
    online.problem = _("The provider received %(received)s, but %(asked)s was asked for.") % {
        "received": formatted(reading.captured, reading.currency or "NOK"),
        "asked": formatted(online.amount, online.currency),
    }


def _book(online: ProviderPayment, at: datetime, *, by: User | None) -> None:
    online.payment = intake.record(
        amount=online.captured_amount,
        received_on=dates.day_of(at),
        source=Payment.Source.PROVIDER,
        source_reference=f"{online.provider}:{online.reference}",
        text=f"{name_of(online.provider)} {online.reference}",
        at=at,
        by=by,
        invoices=[online.invoice],
    )
    online.state, online.problem = State.PAID, ""


def _went_back(online: ProviderPayment, at: datetime, *, has_changed: bool) -> None:
    """Money the provider has paid back, here or in its own office, is taken from the invoice again."""
    if not online.refunded_amount or online.state in (State.REFUNDED, State.SET_ASIDE):
        return
    if online.payment and online.state == State.REFUNDING and online.refunded_amount == online.refund_until:
        if online.refunded_amount < online.captured_amount or _booked_back(online):
            _part_went_back(online, online.payment, at)
            return
    elif online.refunded_amount < online.captured_amount:
        if has_changed:
            online.state = State.REVIEW
            online.problem = _("The provider has paid a part of it back: %(amount)s.") % {
                "amount": formatted(online.refunded_amount, online.currency)
            }
        return
    if online.payment and not Payment.objects.filter(reverses=online.payment).exists():
        reason = online.refund_reason or _("Paid back through %(provider)s.") % {"provider": name_of(online.provider)}
        try:
            intake.reverse(payment=online.payment, at=at, by=online.refund_asked_by, reason=reason)
        except Refused as refusal:  # a part of it was paid back from the bank, say
            online.state, online.problem = State.REVIEW, refusal.sentence[:250]
            return
    online.state, online.problem = State.REFUNDED, ""


def _part_went_back(online: ProviderPayment, payment: Payment, at: datetime) -> None:
    """The part that was asked for has gone back: a refund in the books, and what it was taken from is owed again."""
    try:
        refunds.pay_back(
            payment=payment, amount=online.refunded_amount - _booked_back(online), on=dates.day_of(at), at=at,
            by=online.refund_asked_by, reason=online.refund_reason, source=Payment.Source.PROVIDER, from_invoices=True,
            source_reference=f"{online.provider}:{online.reference}:refund-{online.refund_count}",
        )  # fmt: skip
    except Refused as refusal:  # undone meanwhile, say
        online.state, online.problem = State.REVIEW, refusal.sentence[:250]
        return
    is_all = online.refunded_amount == online.captured_amount
    online.state, online.problem = (State.REFUNDED if is_all else State.PAID), ""


def _ask_again(online: ProviderPayment, at: datetime) -> datetime:
    if at < online.expires_at:
        return at + _FIRST
    return at + (_THEN if at < online.expires_at + timedelta(days=1) else _LAST)
