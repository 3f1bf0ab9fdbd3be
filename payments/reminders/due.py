"""Whose turn it is to be reminded, and why not: the same answer for the preview, the sending and one invoice's page.

Questions only, asked of the database, so that a hundred thousand open invoices cost no more queries than one.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower, Replace, Trim
from django.utils.translation import gettext_lazy as _

from invoicing import deliveries, ways
from invoicing.models import Invoice, InvoiceLine, InvoiceWay, Way
from membership.models import Period
from messaging import outbox
from messaging.models import Channel, Suppression
from payments.models import PaymentPlan, Reminder, Snooze
from payments.reminders import fees, schedule

_Reason = Period.EndReason


class WhyNot(models.TextChoices):
    """Why somebody is not reminded. The first that holds is told."""

    PAID = "paid", _("It is paid.")
    ALREADY = "already", _("Has been reminded already, or is not due for it any more.")
    NOBODY = "nobody", _("The payer has been erased from the registry.")
    DECEASED = "deceased", _("The payer is deceased.")
    LEFT = "left", _("Has left, or was struck off.")
    PROPOSED = "proposed", _("Has proposed a payment plan, which waits for your answer.")
    PLAN = "plan", _("Has a payment plan.")
    SNOOZED = "snoozed", _("Has been given more time.")
    NOT_ARRIVED = "not_arrived", _("The invoice has not reached the payer. Print it first.")
    NO_ADDRESS = "no_address", _("Has no address for this channel.")
    BLOCKED = "blocked", _("Nothing is sent to this address, because it is blocked.")
    UNUSABLE = "unusable", _("The address cannot be right.")


def due(*, on: date) -> QuerySet[Any]:
    """Open invoices whose turn it is, with `next_step` (a number) and `why_not` (a code of WhyNot, or "").

    Fees are not reminded of. Whoever is left out stays in it, with the reason, until it is solved.
    """
    turn = Q(pk__in=[])
    for number in range(1, schedule.last() + 1):
        of_step = Q(next_step=number, due_on__lte=on - schedule.since_due(number))
        if number > 1:
            of_step &= Q(last_sent_on__lte=on - schedule.wait(number))
        turn |= of_step
    soonest = schedule.since_due(1) if schedule.last() else timedelta(0)
    overdue = Invoice.objects.open().but_fees().filter(due_on__lte=on - soonest)
    return with_answers(overdue, on=on).filter(turn)


def with_answers(invoices: QuerySet[Invoice], *, on: date) -> QuerySet[Any]:
    """Annotate the next step's number, the channel it goes by to this payer (`goes_by`), the day of the last reminder,
    and why the payer would not be reminded."""
    reminders = Reminder.objects.filter(invoice=OuterRef("pk")).order_by("-step", "-pk")
    invoices = invoices.annotate(
        next_step=Coalesce(Subquery(reminders.values("step")[:1]), 0, output_field=IntegerField()) + 1,
        last_sent_on=Subquery(reminders.values("sent_on")[:1]),
    )
    return invoices.annotate(goes_by=_goes_by()).annotate(why_not=_why_not(on))


def with_fees_charged(invoices: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate how many reminder fees each invoice has had: `fees_charged`."""
    of_invoice = Invoice.objects.of_fees().filter(fee_for=OuterRef("pk")).order_by().values("fee_for")
    charged = Subquery(of_invoice.annotate(count=models.Count("pk")).values("count"))
    return invoices.annotate(fees_charged=Coalesce(charged, 0, output_field=IntegerField()))


def _why_not(on: date) -> Case:
    lines = InvoiceLine.objects.filter(invoice=OuterRef("pk"), is_credited=False)
    gone = lines.filter(period__end_reason__in=[_Reason.RESIGNED, _Reason.EXCLUDED, _Reason.DECEASED, _Reason.LAPSED])
    stays = lines.filter(Q(period=None) | Q(period__end_reason__in=["", _Reason.TRIAL_OVER]))
    plans = PaymentPlan.objects.filter(invoice=OuterRef("pk"))
    snoozed = Snooze.objects.filter(invoice=OuterRef("pk"), until__gte=on)
    answers: list[tuple[Any, WhyNot]] = [
        (Q(open_amount=0), WhyNot.PAID),
        (Q(member=None), WhyNot.NOBODY),
        (Q(member__died_on__isnull=False), WhyNot.DECEASED),
        (Exists(gone) & ~Exists(stays), WhyNot.LEFT),
        (Exists(plans.undecided()), WhyNot.PROPOSED),
        (Exists(plans.agreed()), WhyNot.PLAN),
        (Exists(snoozed), WhyNot.SNOOZED),
        (Q(pk__in=deliveries.undelivered().values("pk")), WhyNot.NOT_ARRIVED),
        (_without_address(), WhyNot.NO_ADDRESS),
        (_blocked(reason=outbox.UNUSABLE_ADDRESS), WhyNot.UNUSABLE),
        (_blocked(), WhyNot.BLOCKED),
    ]
    return Case(*[When(Q(holds), then=Value(code)) for holds, code in answers], default=Value(""),
                output_field=models.CharField())  # fmt: skip


def _goes_by() -> Case:
    """The step's channel; but an e-mail becomes a letter where the payer has chosen letters, or has no e-mail, and a
    letter would arrive."""
    chosen = InvoiceWay.objects.filter(member=OuterRef("member"), way=Way.LETTER)
    on_paper = (_no_email() | Exists(chosen)) & ~ways.no_postal_address()
    steps = list(enumerate(schedule.steps(), 1))
    by_email = Q(next_step__in=[number for number, step in steps if step.channel == Channel.EMAIL])
    return Case(
        When(by_email & on_paper, then=Value(Channel.LETTER)),
        *[When(next_step=number, then=Value(step.channel)) for number, step in steps],
        default=Value(""), output_field=models.CharField(),
    )  # fmt: skip


def _no_email() -> Q:
    """There is no e-mail address. Those at the client's `nomail_domain` stand for none."""
    domain = settings.CLIENT.membership.nomail_domain
    return Q(member__email="") | (Q(member__email__iendswith=f"@{domain}") if domain else Q(pk__in=[]))


def _blocked(**why: str) -> Q:
    """Nothing is sent to the address that the next step would go to; only for one reason, where it is given."""
    found = Q()
    for channel, address in (("email", "member__email"), ("sms", "member__mobile")):
        row = Suppression.objects.filter(address=_lowered(address), **why)
        found |= Q(Exists(row), goes_by=channel)
    return found


def _lowered(field: str) -> Func:
    """The address as blocked addresses are spelt. SQLite's own lower() knows A to Z only."""
    found: Func = Lower(Trim(OuterRef(field)))
    for letter in "ÆØÅ":
        found = Replace(found, Value(letter), Value(letter.lower()))
    return found


def _without_address() -> Q:
    """There is nothing to send the next step to."""
    return (
        (Q(goes_by=Channel.EMAIL) & _no_email())
        | Q(goes_by=Channel.SMS, member__mobile="")
        | (Q(goes_by=Channel.LETTER) & ways.no_postal_address())
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many get one step by one channel, and how many of them may be charged a fee for it by the law."""

    number: int
    channel: str
    count: int
    may_cost: int


def counts(*, on: date) -> list[Count]:
    """How many get each step by each channel, without those who are left out. One query."""
    may_cost = Q(fees_charged__lt=fees.MOST_TIMES, due_on__lte=on - fees.EARLIEST)
    rows = with_fees_charged(due(on=on).filter(why_not="")).order_by("next_step", "goes_by")
    rows = rows.values("next_step", "goes_by").annotate(
        count=models.Count("pk"), may_cost=models.Count("pk", filter=may_cost)
    )
    return [
        Count(number=row["next_step"], channel=row["goes_by"], count=row["count"], may_cost=row["may_cost"])
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What comes next for one invoice: the step, the day it falls due, and why it would not be sent then.

    Without a step everything has been sent, or nothing ever is.
    """

    number: int | None
    falls_due_on: date | None
    why_not: str

    @property
    def sentence(self) -> str:
        return str(WhyNot(self.why_not).label) if self.why_not else ""


def answer(*, invoice: Invoice, on: date) -> Answer:
    """ "Why not?" for one invoice. Two queries."""
    row = with_answers(Invoice.objects.filter(pk=invoice.pk), on=on).get()
    number: int = row.next_step
    if invoice.fee_for_id is not None or number > schedule.last():
        return Answer(number=None, falls_due_on=None, why_not=WhyNot.PAID if invoice.is_settled else "")
    falls_due_on = schedule.falls_due_on(number, due_on=invoice.due_on, sent_on=row.last_sent_on)
    return Answer(number=number, falls_due_on=falls_due_on, why_not=row.why_not)
