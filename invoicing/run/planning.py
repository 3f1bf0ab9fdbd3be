"""What a run would issue: for each payer the lines with their reasons, the way it would go, and what is odd about it.

Nothing is written here. The same rules as the renewal's own decide (`renewal.rehearse`); what they decide is put
together as `invoices.issue` would.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import dates, money
from invoicing import mails, ways
from invoicing.models import Invoice, PlannedInvoice, Way
from membership import renewal
from membership.models import DuplicatePair, Member, MembershipType
from membership.next_terms import Decision
from membership.periods import Term
from messaging.sms import segments

ODD: dict[str, Promise] = {
    "nowhere": _("cannot be sent: no e-mail, no mobile number, no postal address"),
    "no_address": _("no postal address to print on the invoice"),
    "no_email": _("no e-mail address that works"),
    "double": _("may be in the registry twice"),
    "price_zero": _("costs nothing, though the type has a price or is for own prices: no invoice"),
    "payer_dead": _("the payer is dead"),
}
"""What somebody should look at before an invoice goes out, by its code."""


@dataclass
class Bill:
    """What one payer would get: the terms on it, those that carry others before the carried."""

    payer: Member
    terms: list[Term] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((term.quote.amount for term in self.terms), money.ZERO)


@dataclass
class Portion:
    """What a portion of the register would give."""

    rows: list[PlannedInvoice] = field(default_factory=list)
    free: int = 0
    warnings: list[str] = field(default_factory=list)
    sms_parts: int = 0


def plan(*, on: date, at: datetime, keys: range, begins_by: date, sms_left: int | None) -> Portion:
    """Rehearse the run for these keys. `sms_left` is how many parts of SMS the month still has; None: no limit."""
    portion = Portion()
    for decision in renewal.rehearse(on=on, keys=keys, begins_by=begins_by):
        bills = _bills(decision)
        odd_ones = [bill for bill in bills if not bill.total and any(_is_oddly_free(term) for term in bill.terms)]
        costing = [bill for bill in bills if bill.total]
        portion.free += sum(1 for term in decision.terms if not term.quote.amount and term.paid_with is None)
        portion.warnings += [_stuck(period.member.full_name) for period in decision.stuck]
        portion.rows += _rows([*costing, *odd_ones], portion, on=on, at=at, sms_left=sms_left)
    return portion


def _stuck(name: str) -> str:
    return str(_("%(name)s: nobody in the household can be its main member, so there is no payer") % {"name": name})


def _bills(decision: Decision) -> list[Bill]:
    """Put terms together by payer, as `invoices.issue` does with the periods they become."""
    carried: dict[int, list[Term]] = {}
    for term in decision.terms:
        if term.paid_with is not None:
            carried.setdefault(id(term.paid_with), []).append(term)
    bills: dict[int, Bill] = {}
    for term in decision.terms:
        if term.paid_with is not None:
            continue
        main = term.paid_with_period.member if term.paid_with_period else term.member
        payer = main.payer or main
        owes = term.confirmed_on is None and bool(term.quote.amount or term.paid_with_period)
        owed = [*([term] if owes else []), *carried.get(id(term), [])]
        if any(row.quote.amount for row in owed):
            bills.setdefault(payer.pk, Bill(payer=payer)).terms.extend(owed)
        elif _is_oddly_free(term):
            bills.setdefault(-term.member.pk, Bill(payer=payer)).terms.append(term)
    return list(bills.values())


def _is_oddly_free(term: Term) -> bool:
    """Whether it costs nothing and one would think that it did."""
    kind = term.type.kind
    has_price = term.type.price > 0 and kind != MembershipType.Kind.HOUSEHOLD_SECONDARY
    return not term.quote.amount and (has_price or kind == MembershipType.Kind.SPECIAL)


def _rows(
    bills: list[Bill], portion: Portion, *, on: date, at: datetime, sms_left: int | None
) -> Iterator[PlannedInvoice]:
    payers = [bill.payer for bill in bills]
    routes = ways.routes(payers=payers, at=at)
    doubles = _doubles(payers)
    for bill in bills:
        routes.sms_left = None if sms_left is None else max(0, sms_left - portion.sms_parts)
        route = routes.of(bill.payer) if bill.total else ways.Route(way="", why="")
        if route.way == Way.SMS:
            portion.sms_parts += _sms_parts(bill, on)
        codes = list(_oddities(bill, route, doubles))
        yield PlannedInvoice(
            payer=bill.payer, people=len(bill.terms), total=bill.total, way=route.way,
            odd=f" {' '.join(codes)} " if codes else "", lines=[_line(term) for term in bill.terms],
        )  # fmt: skip


def _line(term: Term) -> dict[str, Any]:
    """A term of the plan. It holds no name: who is erased must not be left in the plan of a family or an employer."""
    return {
        "member": term.member.pk, "type": term.type.code,
        "starts_on": term.starts_on.isoformat(), "ends_on": term.ends_on.isoformat() if term.ends_on else "",
        "price": str(term.quote.amount), "reasons": term.quote.as_json,
    }  # fmt: skip


def _oddities(bill: Bill, route: ways.Route, doubles: set[int]) -> Iterator[str]:
    payer = bill.payer
    if payer.died_on:
        yield "payer_dead"
    if not bill.total:
        yield "price_zero"
    elif not route.way:
        yield "nowhere"
    elif not ways.has_postal_address(payer):
        yield "no_address"
    if route.way in {Way.SMS, Way.LETTER} and route.why != ways.CHOSEN:
        yield "no_email"
    if payer.pk in doubles:
        yield "double"


def _doubles(payers: Iterable[Member]) -> set[int]:
    keys = [payer.pk for payer in payers]
    pairs = DuplicatePair.objects.open().filter(Q(first__in=keys) | Q(second__in=keys)).order_by()
    return {key for pair in pairs.values_list("first_id", "second_id") for key in pair}


def _sms_parts(bill: Bill, on: date) -> int:
    """How many parts the SMS of such an invoice is, with numbers as long as they will be."""
    client = settings.CLIENT
    likely = Invoice(
        number=100_000, issued_on=on, due_on=dates.days_after(on, client.invoicing.due_days), total=bill.total,
        open_amount=bill.total, currency=client.invoicing.currency, language=bill.payer.language,
        account_number=client.organisation.account_number.replace(".", "").replace(" ", ""),
        kid="0" * client.invoicing.kid.length,
    )  # fmt: skip
    return segments.count(mails.sms_words(likely).text).segments
