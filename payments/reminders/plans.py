"""Paying in parts: a member proposes, the treasurer answers, the night follows it up.

A plan that is broken falls back to the schedule of reminders, and the treasurer's inbox tells. Whether it is broken is
only said of days that the bank is known of.
"""

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core import dates, money
from core.errors import Refused
from core.models import User
from core.results import Result
from invoicing.models import Invoice
from messaging.models import Message
from payments.from_bank import freshness
from payments.models import Instalment, PaymentPlan
from payments.reminders import arrival, mails

State = PaymentPlan.State
FIRST_AFTER = 14  # days from the proposal to the first part


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a plan that is not made yet."""

    due_on: date
    amount: Decimal


def parts(*, amount: Decimal, number: int, first_on: date) -> list[Part]:
    """Split an amount into parts a month apart, in whole kroner; what does not divide is in the first. Pure."""
    each = (amount / number).quantize(Decimal(1), rounding=ROUND_FLOOR)
    first = amount - each * (number - 1)
    return [
        Part(due_on=_months_after(first_on, month), amount=money.rounded(each if month else first))
        for month in range(number)
    ]


def offers(*, invoice: Invoice, on: date) -> list[list[Part]]:
    """The plans a member may propose for an invoice, the one with the fewest parts first; none where they may not."""
    most = settings.CLIENT.reminders.instalments
    if invoice.is_settled or invoice.fee_for_id is not None or invoice.plans.exists():
        return []
    first_on = dates.days_after(on, FIRST_AFTER)
    numbers = [number for number in range(2, most + 1) if invoice.open_amount >= number]
    return [parts(amount=invoice.open_amount, number=number, first_on=first_on) for number in numbers]


@transaction.atomic
def propose(*, invoice: Invoice, number: int, on: date, by: User | None) -> PaymentPlan:
    """A member proposes to pay in so many parts. Until the treasurer has answered nobody is reminded.

    Refuses what is not among `offers`: an invoice has one plan at most, so that nobody proposes for ever.
    """
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    wanted = next((offer for offer in offers(invoice=invoice, on=on) if len(offer) == number), None)
    if wanted is None:
        raise Refused(_("This invoice cannot be paid in so many parts. Write to us if you cannot pay it."),
                      code="not_offered")  # fmt: skip
    plan = PaymentPlan.objects.create(invoice=invoice, amount=invoice.open_amount, proposed_on=on)
    Instalment.objects.bulk_create(
        Instalment(plan=plan, number=place, due_on=part.due_on, amount=part.amount)
        for place, part in enumerate(wanted, 1)
    )
    log(instance=invoice, action="payments.plan_proposed", user=by, data={"parts": number})
    return plan


@transaction.atomic
def agree(*, plan: PaymentPlan, on: date, at: datetime, by: User | None) -> PaymentPlan:
    """The treasurer says yes. Where the answer came after the first part's day, every part is moved by as much; where
    another amount is owed by now, that is what is split.
    """
    plan = _undecided(plan)
    rows = _split_anew(plan)
    late = on - rows[0].due_on
    if late.days > 0:
        for row in rows:
            row.due_on += late
    Instalment.objects.bulk_update(rows, ["due_on", "amount"])
    _decide(plan, State.AGREED, on, by)
    mails.plan_agreed(plan=plan, instalments=rows, at=at)
    return plan


@transaction.atomic
def refuse(*, plan: PaymentPlan, on: date, at: datetime, by: User | None, reason: str) -> PaymentPlan:
    """The treasurer says no, with the reason that the member reads, and by when to pay now. The schedule goes on."""
    if not reason.strip():
        raise Refused(_("Write why: the member reads it."), code="no_reason")
    plan = _undecided(plan)
    _decide(plan, State.REFUSED, on, by)
    mails.plan_refused(plan=plan, reason=reason.strip(), pay_by=pay_by(on), at=at)
    return plan


def pay_by(day: date) -> date:
    """By when to pay, where paying in parts was refused or broken on a day. Nobody is struck before it is over."""
    return dates.days_after(day, settings.CLIENT.reminders.lapse_after_days)


def day_that_gives(until: date) -> date:
    """The day on which a plan fell through that gave time until a day: `pay_by` the other way round."""
    return dates.days_after(until, -settings.CLIENT.reminders.lapse_after_days)


@transaction.atomic
def seen(*, plan: PaymentPlan, on: date, by: User | None) -> None:
    """Somebody has seen that the plan was broken, or told the payer what no message did. Saying it twice changes
    nothing."""
    waits = Q(state=State.BROKEN) | Q(pk__in=unheard().values("pk"))
    if PaymentPlan.objects.filter(waits, pk=plan.pk, seen_on=None).update(seen_on=on):
        log(instance=plan.invoice, action="payments.plan_seen", user=by)


def unheard() -> QuerySet[PaymentPlan]:
    """Plans with something left to pay whose payer was sent an answer that did not arrive, and whom nobody has told."""
    key = Concat(Value(mails.ANSWER_KEYS), OuterRef("state"), Value(":"), Cast(OuterRef("pk"), CharField()))
    lost = Message.objects.filter(unique_key=key, state__in=arrival.LOST)
    answered = PaymentPlan.objects.filter(state__in=[State.AGREED, State.REFUSED], invoice__member__died_on=None)
    return answered.filter(Exists(lost), seen_on=None, invoice__open_amount__gt=0)


def follow(*, on: date, at: datetime) -> Result:
    """See which agreed plans were kept, and which were broken: of those the members hear. Run again, it finds nothing.

    A part counts as late when its day is over and the bank is known until then.
    """
    result = Result()
    known = freshness.last_bank_day()
    over = min(dates.day_before(on), known) if known else None
    is_over = Q(instalments__due_on__lte=over) if over else Q(pk__in=[])
    rows = PaymentPlan.objects.filter(state__in=PaymentPlan.STANDING).select_related("invoice__member")
    for plan in rows.annotate(expected=Sum("instalments__amount", filter=is_over)).order_by("pk"):
        state = _became(plan)
        if state and _end(plan, state, on, at):
            name = plan.invoice.buyer_name
            line = {State.BROKEN: _("%(name)s: a part was not paid"), State.KEPT: _("%(name)s: all is paid"),
                    State.ENDED: _("%(name)s: nothing is owed any more")}[state]  # fmt: skip
            result.add(f"plans {state}", line % {"name": name})
    return result


def paid(plan: PaymentPlan) -> Decimal:
    """What has come in since the plan was proposed."""
    return max(plan.amount - plan.invoice.open_amount, money.ZERO)


def _became(plan: PaymentPlan) -> State | None:
    """What an open plan should be by now, if something else; `expected` is what should have come in."""
    if plan.invoice.is_settled:
        return State.ENDED if plan.invoice.credited_amount else State.KEPT
    expected = plan.expected or money.ZERO  # type: ignore[attr-defined]
    return State.BROKEN if plan.state == State.AGREED and expected > paid(plan) else None


def _end(plan: PaymentPlan, state: State, on: date, at: datetime) -> bool:
    with transaction.atomic():
        ended = PaymentPlan.objects.standing().filter(pk=plan.pk).update(state=state, ended_on=on, seen_on=None)
        if ended:
            log(instance=plan.invoice, action=f"payments.plan_{state}")
        if ended and state == State.BROKEN:
            plan.state = state
            mails.plan_broken(plan=plan, pay_by=pay_by(on), at=at)
    return bool(ended)


def _undecided(plan: PaymentPlan) -> PaymentPlan:
    """The plan under lock, and its invoice, if nobody has answered yet and something is left to pay."""
    Invoice.objects.select_for_update().get(pk=plan.invoice_id)
    plan = PaymentPlan.objects.select_for_update(of=("self",)).select_related("invoice__member").get(pk=plan.pk)
    if plan.state != State.PROPOSED:
        raise Refused(_("Somebody has answered already: the plan is %(state)s."), code="decided",
                      params={"state": plan.get_state_display()})  # fmt: skip
    if plan.invoice.is_settled:
        raise Refused(_("Nothing is left to pay on the invoice, so there is nothing to answer."), code="settled")
    return plan


def _split_anew(plan: PaymentPlan) -> list[Instalment]:
    """The parts of what is left to pay, in as many parts as were proposed, or as there are kroner. Not saved but for
    those that are not needed any more."""
    rows, left = list(plan.instalments.order_by("number")), plan.invoice.open_amount
    if left == plan.amount:
        return rows
    kept = rows[: max(1, min(len(rows), int(left)))]
    for row in rows[len(kept) :]:
        row.delete()
    for row, part in zip(kept, parts(amount=left, number=len(kept), first_on=kept[0].due_on), strict=True):
        row.amount = part.amount
    plan.amount = left
    plan.save(update_fields=["amount"])
    return kept


def _decide(plan: PaymentPlan, state: State, on: date, by: User | None) -> None:
    plan.state, plan.decided_on, plan.decided_by = state, on, by
    plan.save(update_fields=["state", "decided_on", "decided_by"])
    log(instance=plan.invoice, action=f"payments.plan_{state}", user=by)


def _months_after(day: date, months: int) -> date:
    """The same day so many months on; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
