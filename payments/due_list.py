"""What is due: open invoices by age, with totals. Questions only; nothing is written."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.money import ZERO
from invoicing.models import Invoice, InvoiceLine
from membership.models import MembershipType
from payments import matching
from payments.models import PaymentPlan, Reminder


@dataclass(frozen=True, kw_only=True)
class Bracket:
    """Days since the due date, from and to, both included. Open ends are None."""

    code: str
    label: str | Promise
    days_from: int | None
    days_to: int | None

    def holds(self, days: int) -> bool:
        """Whether an age falls in it."""
        return (self.days_from is None or days >= self.days_from) and (self.days_to is None or days <= self.days_to)

    def condition(self, on: date) -> Q:
        """The same, for the database."""
        wanted = Q()
        if self.days_from is not None:
            wanted &= Q(due_on__lte=on - timedelta(days=self.days_from))
        if self.days_to is not None:
            wanted &= Q(due_on__gte=on - timedelta(days=self.days_to))
        return wanted


BRACKETS = (
    Bracket(code="not_due", label=_("not due yet"), days_from=None, days_to=0),
    Bracket(code="14", label=_("1–14 days"), days_from=1, days_to=14),
    Bracket(code="30", label=_("15–30 days"), days_from=15, days_to=30),
    Bracket(code="60", label=_("31–60 days"), days_from=31, days_to=60),
    Bracket(code="90", label=_("61–90 days"), days_from=61, days_to=90),
    Bracket(code="older", label=_("over 90 days"), days_from=91, days_to=None),
)


@dataclass(frozen=True, kw_only=True)
class Total:
    """How many invoices, and how much is left to pay on them. Without a bracket: of all."""

    bracket: Bracket | None
    count: int
    amount: Decimal


def bracket_of(days: int) -> Bracket:
    """The bracket an age belongs to. `days` since the due date, negative before it."""
    return next(bracket for bracket in BRACKETS if bracket.holds(days))


def in_bracket(invoices: QuerySet[Invoice], code: str, *, on: date) -> QuerySet[Invoice]:
    """Those whose age on the date falls in the bracket."""
    return invoices.filter(next(bracket for bracket in BRACKETS if bracket.code == code).condition(on))


def for_type(invoices: QuerySet[Invoice], type: MembershipType) -> QuerySet[Invoice]:
    """Those with a line for that type. A trial counts as what it wants to become."""
    lines = InvoiceLine.objects.filter(invoice=OuterRef("pk"), is_credited=False)
    wanted = Q(period__wanted_type=type) | Q(period__wanted_type=None, period__type=type)
    return invoices.filter(Exists(lines.filter(wanted)))


def found_by(invoices: QuerySet[Invoice], text: str, *, by_contact_data: bool) -> QuerySet[Invoice]:
    """Those a text may mean: number, KID, amount or name; with the right to see it, also phone, e-mail, address."""
    return invoices.filter(matching.meant(matching.read(text), by_contact_data=by_contact_data))


def by_follow_up(invoices: QuerySet[Invoice], code: str, *, on: date) -> QuerySet[Invoice]:
    """Those that were never reminded ("none"), of which so many reminders were sent ("2"), that were given more time
    ("snoozed"), or whose payer has proposed or agreed to a plan ("plan")."""
    if code == "snoozed":
        return invoices.filter(snooze__until__gte=on)
    if code == "plan":
        return invoices.filter(Exists(PaymentPlan.objects.standing().filter(invoice=OuterRef("pk"))))
    of_this = Reminder.objects.filter(invoice=OuterRef("pk"))
    if code == "none":
        return invoices.filter(~Exists(of_this))
    return invoices.filter(Exists(of_this.filter(step=int(code))), ~Exists(of_this.filter(step__gt=int(code))))


def totals(invoices: QuerySet[Invoice], *, on: date) -> list[Total]:
    """Count and sum for each age, and for all together at the end. One query: a row for each due date."""
    counts, amounts = dict.fromkeys(BRACKETS, 0), dict.fromkeys(BRACKETS, ZERO)
    for day in invoices.order_by().values("due_on").annotate(count=Count("pk"), amount=Sum("open_amount")):
        bracket = bracket_of((on - day["due_on"]).days)
        counts[bracket] += day["count"]
        amounts[bracket] += day["amount"]
    rows = [Total(bracket=bracket, count=counts[bracket], amount=amounts[bracket]) for bracket in BRACKETS]
    return [*rows, Total(bracket=None, count=sum(counts.values()), amount=sum(amounts.values(), ZERO))]
