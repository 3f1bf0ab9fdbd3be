"""Somebody has paid what another membership costs: the change of type that would fit, and what it would come to.

Nothing is written here. What it comes to is said as far as the log-in (`by`) may know of own prices. The change is made
on the member's own screen, by whoever may make it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.errors import Refused
from core.models import User
from invoicing.models import Invoice
from membership import type_changes
from membership.models import Member, MembershipType, Period
from membership.office.price_words import as_known_to
from membership.office.type_change_views import sentences
from payments.models import BankLine, Payment

_INVOICES = 6  # looked at for one line


@dataclass(frozen=True, kw_only=True)
class TypeSuggestion:
    """Another type for the member whose term was invoiced: `begins` is "now" or "next" as on the screen that does it.

    `consequences` say what would happen and what it costs; where it cannot be, `refusal` says why instead.
    """

    member: Member
    to: MembershipType
    begins: str
    consequences: Sequence[str] = ()
    refusal: str = ""


def for_line(line: BankLine, *, on: date, invoices: Sequence[Invoice], by: User | None = None) -> list[TypeSuggestion]:
    """The changes that money in may mean, when it is for one of these invoices and not what they ask for."""
    if line.amount <= 0:
        return []
    wrong = [one for one in invoices[:_INVOICES] if one.open_amount == one.total != line.amount]
    return [found for invoice in wrong for found in _suggested(invoice, line.amount, on, by)]


def for_payment(payment: Payment, *, on: date, by: User | None = None) -> list[TypeSuggestion]:
    """The changes that a payment in the books may mean: it covers one invoice, and is what another type costs."""
    if payment.amount <= 0 or hasattr(payment, "reversed_by"):
        return []
    rows = list(payment.allocations.filter(reverses=None).select_related("invoice")[:2])
    if len(rows) != 1 or rows[0].invoice.total == payment.amount:
        return []
    return list(_suggested(rows[0].invoice, payment.amount, on, by))


def _suggested(invoice: Invoice, amount: Decimal, on: date, by: User | None) -> Iterator[TypeSuggestion]:
    term = _only_term(invoice)
    if term is None:
        return
    alike = MembershipType.objects.selectable().filter(price=amount).exclude(pk=term.invoiced_type.pk)
    offered = set(type_changes.types_for(member=term.member))
    for to in alike:
        if to in offered:
            yield _planned(term, to, on, by)


def _only_term(invoice: Invoice) -> Period | None:
    """The one term that the invoice charges for; None when it is for several, or has been ended since."""
    lines = invoice.lines.filter(is_credited=False, amount__gt=0, period__ended_on=None)
    found = list(lines.select_related("period__member", "period__type", "period__wanted_type")[:2])
    return found[0].period if len(found) == 1 else None


def _planned(term: Period, to: MembershipType, on: date, by: User | None) -> TypeSuggestion:
    begins = "next" if term.starts_on > on else "now"
    plan = type_changes.plan_next if begins == "next" else type_changes.plan_now
    try:
        change = plan(member=as_known_to(by, term.member), to=to, on=on)
    except Refused as refusal:
        return TypeSuggestion(member=term.member, to=to, begins=begins, refusal=refusal.sentence)
    return TypeSuggestion(member=term.member, to=to, begins=begins, consequences=sentences(change, by=by))
