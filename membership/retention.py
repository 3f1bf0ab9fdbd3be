"""Retention: who is to be erased, by which rule and from when; who is kept back, and why.

The client snippet's [retention] decides: parties erase those who left at once; who never paid goes `unpaid_days` after
the first due date; the others `after_leaving_days` after the last day. Who is no member may ask for it any time. Those
who never had a membership (payers, donors) stay until they ask. What erasing takes away is in erasure.py.

Later apps keep somebody back with the hook `hold_back_erasure`: a function of a list of members and `on`, that returns
a sentence for each member's key it speaks of.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import (
    Case,
    CharField,
    DateField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.log_actions import log

from core import dates
from core.errors import Refused
from core.models import User
from core.results import Result
from membership import erasure
from membership.models import ContactPerson, Erasure, ErasureHold, ErasureRequest, Member, Period, Seat
from messaging.models import Message, State

Rule = Erasure.Rule
BATCH = 50
PORTION = 500
FEW = 5_000  # keys that are named to the database one by one
LETTERS_MAY_TAKE = timedelta(days=7)  # a message older than this keeps nobody from being erased
_LEFT_BY_DECISION = (Period.EndReason.RESIGNED, Period.EndReason.EXCLUDED, Period.EndReason.DECEASED)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One person who is to be erased: by which rule, from which day, and what stands in the way, if anything."""

    member: Member
    rule: Rule
    due_on: date
    holds: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """The rule in a sentence, with the day it counts from."""
        return _SENTENCES[self.rule]() % {"date": date_format(self.counts_from)}

    @property
    def counts_from(self) -> date:
        """The day the rule counts from: the last day, the first due date, or the day somebody asked."""
        return dates.days_after(self.due_on, -keep_days(self.rule))


_SENTENCES = {
    Rule.ASKED: lambda: _("Asked for it on %(date)s."),
    Rule.AT_ONCE: lambda: _("The membership ended on %(date)s, and those who leave are erased at once."),
    Rule.NEVER_PAID: lambda: _("Never paid what was due on %(date)s."),
    Rule.AFTER_LEAVING: lambda: _("The membership ended on %(date)s."),
}


def keep_days(rule: Rule) -> int:
    """How many days the rule keeps somebody, from the day it counts from."""
    retention = settings.CLIENT.retention
    return {
        Rule.ASKED: 0,
        Rule.AT_ONCE: 1,
        Rule.NEVER_PAID: retention.unpaid_days,
        Rule.AFTER_LEAVING: retention.after_leaving_days,
    }[rule]


def leavers(*, on: date) -> QuerySet[Any]:
    """Everybody the rules speak of on a date: they belonged once and do not now, or have asked to be erased.

    Annotated with `rule` and the day it counts from, `counts_from`. Nobody with a term that runs or is still to come,
    and, where who leaves is erased at once, nobody whose term has run out while renewal has not spoken yet.
    """
    terms = Period.objects.filter(member=OuterRef("pk"))
    staying = terms.with_last_day().filter(Q(last_on__isnull=True) | Q(last_on__gte=on))
    has_left = Exists(terms) | Q(died_on__isnull=False) | Q(erasure_request__isnull=False)
    rows = Member.objects.filter(has_left, ~Exists(staying))
    last = terms.with_last_day().order_by("-last_on", "-pk").values("last_on")  # type: ignore[misc]
    first_due = terms.order_by().values("member").annotate(first=Min(Coalesce("pay_by", "starts_on"))).values("first")
    waiting = Exists(terms.waiting_for_renewal(on))
    return (
        rows.annotate(rule=_rule(terms))
        .exclude(waiting, rule=Rule.AT_ONCE)
        .annotate(
            counts_from=Case(
                When(rule=Rule.ASKED, then=TruncDate("erasure_request__asked_at")),
                When(rule=Rule.NEVER_PAID, then=Subquery(first_due[:1])),
                default=Coalesce(Subquery(last[:1]), F("died_on")),
                output_field=DateField(),
            )
        )
    )


def _rule(terms: Any) -> Case:
    """Which rule a member falls under, in the database. Who resigns from a party is erased at once, paid or not."""
    never_paid = Q(Exists(terms), ~Exists(terms.confirmed()))
    if settings.CLIENT.membership.recipe == "party":
        never_paid &= ~Q(Exists(terms.filter(end_reason__in=_LEFT_BY_DECISION)))
    return Case(
        When(erasure_request__isnull=False, then=Value(Rule.ASKED.value)),
        When(never_paid, then=Value(Rule.NEVER_PAID.value)),
        default=Value(_rule_of_leavers().value),
        output_field=CharField(),
    )


def _rule_of_leavers() -> Rule:
    """The rule for whoever has left, has paid and has not asked."""
    return Rule.AT_ONCE if settings.CLIENT.membership.recipe == "party" else Rule.AFTER_LEAVING


def due(*, on: date, until: date | None = None) -> QuerySet[Any]:
    """Those whose day has come by `until` (none: by `on`), as the register stands on `on`. Held back or not.

    Asks one short question at once, so that the rules, which read every term of whomever they are asked about, are
    asked about few.
    """
    keys = list(_perhaps_due(on=on, until=until or on)[: FEW + 1])
    rows = _due_by_the_rules(on=on, until=until or on)
    return rows.filter(pk__in=keys) if len(keys) <= FEW else rows


def _due_by_the_rules(*, on: date, until: date) -> QuerySet[Any]:
    has_come = Q(pk__in=[])
    for rule in Rule:
        has_come |= Q(rule=rule, counts_from__lte=dates.days_after(until, -keep_days(rule)))
    return leavers(on=on).filter(has_come)


def _perhaps_due(*, on: date, until: date, keys: range | None = None) -> Any:
    """The keys of all members who are due, and of some who are not: a question that the terms' indexes answer. With
    `keys`, only of those whose latest term has such a primary key, and of those without terms.

    Whose day has come has a latest term that was over long enough ago, or was over at all and never paid; or none, and
    has died long enough ago; or has asked. They are a union, because databases asked with OR would read all members.
    """
    long_ago = dates.days_after(until, -keep_days(_rule_of_leavers()))
    latest = Period.objects.without_next().order_by()
    if keys is not None:
        latest = latest.filter(pk__gte=keys.start, pk__lt=keys.stop)
    over = latest.filter(_over_by(min(long_ago, dates.day_before(on))))
    unpaid = latest.unconfirmed().filter(_over_by(dates.day_before(on)))
    dead = Member.objects.filter(died_on__isnull=False, died_on__lte=long_ago, periods__isnull=True).order_by()
    asked = ErasureRequest.objects.order_by().values_list("member", flat=True)
    columns = [rows.values_list("member", flat=True) for rows in (over, unpaid)]
    return columns[0].union(columns[1], dead.values_list("pk", flat=True), asked).order_by()


def _over_by(day: date) -> Q:
    """Terms whose real last day is not after the day; each line names one of the indexes as the index has it."""
    by_itself = Q(ended_on__isnull=True, ends_on__lte=day)
    return (
        Q(ended_on__isnull=False, ended_on__lte=day)
        | (by_itself & Q(confirmed_on__isnull=False))
        | (by_itself & Q(confirmed_on__isnull=True))
    )


def by_day(members: QuerySet[Any]) -> QuerySet[Any]:
    """Those from `due`, whoever is erased first at the top."""
    day = Case(
        *[
            When(rule=rule, then=ExpressionWrapper(F("counts_from") + timedelta(days=keep_days(rule)), DateTimeField()))
            for rule in Rule
        ],
        output_field=DateTimeField(),
    )
    return members.order_by(day, "last_name", "first_names", "pk")


def plans(*, members: Sequence[Any], on: date, at: datetime) -> list[Plan]:
    """What is planned for members from `due`, in their order, with what stands in the way of each.

    The number of queries does not grow with the members.
    """
    held = holds(members=members, on=on, at=at)
    return [
        Plan(
            member=member,
            rule=Rule(member.rule),
            due_on=dates.days_after(member.counts_from, keep_days(Rule(member.rule))),
            holds=tuple(held.get(member.pk, ())),
        )
        for member in members
    ]


def holds(*, members: Sequence[Member], on: date, at: datetime) -> Mapping[int, Sequence[str]]:
    """Why somebody is not erased yet, in sentences, by the member's key; whoever is free has none.

    The office's own word, what somebody still does for others, mail on its way, and what later apps say: money.
    """
    held: dict[int, list[str]] = defaultdict(list)
    for hold in ErasureHold.objects.filter(member__in=members):
        held[hold.member_id].append(_("The office keeps the entry: %(reason)s") % {"reason": hold.reason})
    for key in _still_needed(members, on):
        held[key].append(_("Pays, or acts, for somebody who is a member."))
    for key in _awaiting_mail(members, at):
        held[key].append(_("A message is on its way."))
    for hook in hooks.get_hooks("hold_back_erasure"):
        for key, sentence in hook(members, on).items():
            held[key].append(sentence)
    return held


def _still_needed(members: Sequence[Member], on: date) -> set[int]:
    """Payers, contact persons and holders of seats of those who belong."""
    payers = Member.objects.filter(payer__in=members).belonging(on=on).values_list("payer_id", flat=True)
    contacts = dict(ContactPerson.objects.filter(member__in=members).values_list("pk", "organisation_id"))
    active = Member.objects.filter(pk__in=set(contacts.values())).belonging(on=on)
    acting = ContactPerson.objects.filter(pk__in=contacts, organisation__in=active).values_list("member_id", flat=True)
    seated = Seat.objects.giving_rights(on=on).filter(member__in=members).values_list("member_id", flat=True)
    return {key for key in (*payers, *acting, *seated) if key is not None}


def _awaiting_mail(members: Sequence[Member], at: datetime) -> set[int]:
    """Those a message waits for: the receipt goes out first. One that has waited for a week holds nobody."""
    keys = {member.recipient_ref: member.pk for member in members}
    is_new = Q(state=State.QUEUED, queued_at__gt=at - LETTERS_MAY_TAKE)
    waiting = Message.objects.filter(is_new | Q(state=State.SENDING), recipient_ref__in=list(keys))
    return {keys[ref] for ref in waiting.order_by().values_list("recipient_ref", flat=True).distinct()}


def erase_due(*, on: date, at: datetime, keys: range | None = None) -> Result:
    """Erase those whose day has come and whom nothing holds, fifty in a transaction. Says numbers, never names.

    Twice does nothing the second time. With `keys`, only those whose latest term has such a primary key, those without
    terms and those who asked: so the worker does a large register a portion at a time.
    """
    result = Result()
    for portion in batched(sorted(_perhaps_due(on=on, until=on, keys=keys)), PORTION):
        rows = _due_by_the_rules(on=on, until=on).filter(pk__in=portion)
        for batch in batched(sorted(rows.order_by().values_list("pk", flat=True)), BATCH):
            with transaction.atomic():
                _erase(batch, on=on, at=at, result=result)
    if result.changed:
        erasure.tidy_up()
    return result


def _erase(batch: Sequence[int], *, on: date, at: datetime, result: Result) -> None:
    """Look once more, with the rows locked, and erase whom nothing holds."""
    locked = Member.objects.select_for_update().filter(pk__in=batch).order_by("pk")
    still_due = _due_by_the_rules(on=on, until=on).filter(pk__in=[member.pk for member in locked]).order_by("pk")
    free = []
    for plan in plans(members=list(still_due), on=on, at=at):
        names = {"number": plan.member.member_number, "why": plan.why, "holds": " ".join(plan.holds)}
        if plan.holds:
            result.lines.append(_("Member number %(number)s is kept: %(holds)s") % names)
        else:
            free.append(plan)
            result.add("erased", _("Member number %(number)s is erased. %(why)s") % names)
    erasure.erase(members=[(plan.member, plan.rule) for plan in free], at=at)


def belongs_tomorrow(*, member: Member, on: date) -> bool:
    """Whether they are a member when this day is over: nobody is erased then."""
    tomorrow = dates.day_after(on)
    return member.periods.exists() and not leavers(on=tomorrow).filter(pk=member.pk).exists()


@transaction.atomic
def ask(*, member: Member, on: date, at: datetime, by: User | None) -> ErasureRequest:
    """Somebody who is no member, or leaves today, wants to be erased; the next night does it. Asking again changes
    nothing."""
    if belongs_tomorrow(member=member, on=on):
        raise Refused(_("%(name)s is a member. Leave first; then you can ask for this."), code="belongs",
                      params={"name": member.full_name})  # fmt: skip
    request, is_new = ErasureRequest.objects.get_or_create(member=member, defaults={"asked_at": at, "by": by})
    if is_new:
        log(instance=member, action="membership.member.erasure_asked", user=by)
    return request


@transaction.atomic
def take_back(*, member: Member, by: User | None) -> bool:
    """They have thought better of it. False when nothing was asked for."""
    number, _rows = ErasureRequest.objects.filter(member=member).delete()
    if number:
        log(instance=member, action="membership.member.erasure_taken_back", user=by)
    return bool(number)


@transaction.atomic
def hold_back(*, member: Member, reason: str, at: datetime, by: User) -> ErasureHold:
    """Keep somebody from being erased until the office lets go. The person may read the reason."""
    values = {"reason": reason, "at": at, "by": by}
    hold, _is_new = ErasureHold.objects.update_or_create(member=member, defaults=values)
    log(instance=member, action="membership.member.held_back", user=by, data={"reason": reason})
    return hold


@transaction.atomic
def let_go(*, member: Member, by: User) -> bool:
    """Take the hold away: the rule counts again. False when there was none."""
    number, _rows = ErasureHold.objects.filter(member=member).delete()
    if number:
        log(instance=member, action="membership.member.let_go", user=by)
    return bool(number)
