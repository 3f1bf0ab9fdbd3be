"""Another membership type by hand: from today, or from the next term. What it costs is said before it is done.

From today: the term that runs ends the day before, and the new type's takes its place. What is paid for the term is
counted: the new one keeps its last day and costs the difference, never less than nothing; nothing is paid back. What is
not paid is credited, and the new type invoiced. A trial goes on for another membership.

From the next term: remembered on the term that runs, for the renewal to open; where the next term has been opened and
is not paid, it is replaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import log

from core import dates, money
from core.errors import Refused
from core.models import User
from membership import households, joining, periods, prices
from membership.models import Member, MembershipType, Period
from membership.signals import terms_replaced

Kind = MembershipType.Kind
_BECAUSE = prices.Reason(code="type_changed", amount=money.ZERO)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a change would do. `replaced` is the term that gives way to `term`; none where it is only remembered on
    `running`, and `term` is then what the renewal would open by today's prices."""

    running: Period
    replaced: Period | None
    term: periods.Term

    @property
    def credits(self) -> bool:
        """Whether an invoice that is not paid is taken back."""
        return self.replaced is not None and self.replaced.confirmed_on is None and bool(self.replaced.price)

    @property
    def counts_what_is_paid(self) -> bool:
        """Whether something was paid for the term, that the new one need not cost again."""
        return self.replaced is not None and any(row.price for row in _paid(self.replaced))


def types_for(*, member: Member) -> list[MembershipType]:
    """The types that this member may be given by hand, in the office's order."""
    offered = MembershipType.objects.exclude(kind__in=[Kind.TRIAL, Kind.NONE])
    return list(offered.filter(is_for_organisations=not member.is_person))


def plan_now(*, member: Member, to: MembershipType, on: date) -> Change:
    """What the change from today would do. Writes nothing; refuses what cannot be."""
    running = _running(member, on)
    _refuse_impossible(member, running.invoiced_type, to, on)
    if to.kind == Kind.HOUSEHOLD_SECONDARY:
        raise Refused(_("“%(type)s” is paid with the household's membership. Choose “from the next term”."),
                      code="secondary", params={"type": to.name})  # fmt: skip
    later = _later(member, running)
    if later is not None and later.type_id != to.pk:
        raise Refused(
            _("The next term, from %(date)s, has been opened already. Change it first: choose “from the next term”."),
            code="next", params={"date": date_format(later.starts_on)},
        )  # fmt: skip
    _refuse_replacing(running)
    return Change(running=running, replaced=running, term=_term_now(member, running, to, on))


def plan_next(*, member: Member, to: MembershipType, on: date) -> Change:
    """What the change from the next term would do. Writes nothing; refuses what cannot be."""
    running = _running(member, on)
    if running.is_trial:
        raise Refused(_("%(name)s is on trial, which has no next term. Choose “from today”."), code="trial",
                      params={"name": member.full_name})  # fmt: skip
    later = _later(member, running)
    if later is None and running.ends_on is None:
        raise Refused(_("“%(type)s” is for life and has no next term. Choose “from today”."), code="permanent",
                      params={"type": running.type.name})  # fmt: skip
    _refuse_impossible(member, later.type if later else running.coming_type, to, on)
    if to.kind == Kind.HOUSEHOLD_SECONDARY:
        _refuse_outside_household(member, to, on)
    if later is not None:
        if later.confirmed_on is not None and later.price:
            raise Refused(
                _("The next term, from %(date)s, is paid already. Change the type when it has begun."),
                code="next_paid", params={"date": date_format(later.starts_on)},
            )  # fmt: skip
        if to.kind == Kind.HOUSEHOLD_SECONDARY:
            raise Refused(_("The next term has been opened already. Add %(name)s by an invitation to the household."),
                          code="secondary", params={"name": member.full_name})  # fmt: skip
        _refuse_replacing(later)
    assert later or running.ends_on
    starts_on = later.starts_on if later else dates.day_after(running.ends_on or on)
    return Change(running=running, replaced=later, term=_term(member, to, starts_on, follows=None))


@transaction.atomic
def change_now(*, member: Member, to: MembershipType, on: date, at: datetime, by: User | None) -> Period:
    """Give a member another type from today. Returns the new term."""
    member = _held(member)
    change = plan_now(member=member, to=to, on=on)
    if to.kind == Kind.HOUSEHOLD_MAIN and member.household is None:
        households.form(members=[member], main_member=member, on=on, by=by)
    return _replace(change, on=on, at=at, by=by, last_on=dates.day_before(on))


@transaction.atomic
def change_next(*, member: Member, to: MembershipType, on: date, at: datetime, by: User | None) -> Period:
    """Give a member another type from the next term. Returns the term it is remembered on, or the new next term."""
    member = _held(member)
    change = plan_next(member=member, to=to, on=on)
    if change.replaced is not None:
        return _replace(change, on=on, at=at, by=by, last_on=dates.day_before(change.replaced.starts_on))
    running = change.running
    running.next_type = None if to.pk == running.type_id else to
    running.save(update_fields=["next_type"])
    log(instance=member, action="membership.period.next_type", user=by, data={"type": to.code})
    return running


def _held(member: Member) -> Member:
    """The member as they stand now, with their terms and the money for these kept still until the transaction ends.

    What is planned then is what is done: a payment that arrives meanwhile waits, and finds the new invoice. Locked in
    the order in which a payment does it, so that neither waits for the other for ever: later apps lock their money
    first, by the hook `keep_payments_waiting` (a function of the terms' keys); then the terms; then the member.
    """
    held: set[int] = set()
    while keys := set(member.periods.filter(ended_on__isnull=True).values_list("pk", flat=True)) - held:
        for keep_waiting in hooks.get_hooks("keep_payments_waiting"):
            keep_waiting(keys)
        rows = Period.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
        held |= keys | set(rows.values_list("pk", flat=True))
    return Member.objects.select_for_update(of=("self",), no_key=True).get(pk=member.pk)


def _replace(change: Change, *, on: date, at: datetime, by: User | None, last_on: date) -> Period:
    old = change.replaced
    assert old is not None
    periods.end(period=old, on=on, reason=Period.EndReason.CONVERTED, last_on=last_on)
    terms_replaced.send(sender=Member, member=old.member, periods=[old], on=on, at=at)
    [new] = _open_between(change.term, on=on, at=at)
    log(instance=old.member, action="membership.period.changed_type", user=by, data={"type": new.invoiced_type.code})
    return new


def _open_between(term: periods.Term, *, on: date, at: datetime) -> list[Period]:
    """Open a term in its place of the chain: what had followed the one that gives way follows the new one instead."""
    after = list(Period.objects.filter(follows=term.follows).values_list("pk", flat=True)) if term.follows else []
    Period.objects.filter(pk__in=after).update(follows=None)
    opened = periods.open_periods(terms=[term], on=on, at=at)
    Period.objects.filter(pk__in=after).update(follows=opened[0])
    return opened


# --- the new term ----------------------------------------------------------------------------------------------------


def _term_now(member: Member, running: Period, to: MembershipType, on: date) -> periods.Term:
    """The term that takes the place of one that runs. A trial goes on as one, for what is wanted now."""
    if running.is_trial:
        quote = prices.quote(member=member, type=to, on=on, joining=True, because=[_BECAUSE])
        return periods.Term(
            member=member, type=running.type, wanted_type=to, starts_on=on, ends_on=running.ends_on, quote=quote,
            source=Period.Source.OFFICE, follows=running,
        )  # fmt: skip
    return _term(member, to, on, follows=running)


def _term(member: Member, to: MembershipType, starts_on: date, *, follows: Period | None) -> periods.Term:
    """A term of the type. Where one that is paid gives way, its price is counted and its last day kept."""
    quote = prices.quote(member=member, type=to, on=starts_on, because=[_BECAUSE])
    ends_on = periods.last_day(type=to, starts_on=starts_on, member=member)
    if follows is not None and (paid := _paid(follows)):
        quote = _less_what_is_paid(quote, paid)
        if ends_on and follows.ends_on and not prices.uses_own_price(member, to, starts_on):
            ends_on = follows.ends_on
    return periods.Term(
        member=member, type=to, starts_on=starts_on, ends_on=ends_on, quote=quote, source=Period.Source.OFFICE,
        follows=follows,
    )  # fmt: skip


def _paid(term: Period) -> list[Period]:
    """What is confirmed of a term, and of those that gave way to it in turn, the earliest first.

    Only a term that the office opened in the place of another follows one of the same time: what a renewal follows was
    paid for the time before, and what a trial became has taken the trial's money with it.
    """
    rows = [term]
    while rows[-1].source == Period.Source.OFFICE and rows[-1].follows is not None:
        rows.append(rows[-1].follows)
    return [row for row in reversed(rows) if row.confirmed_on is not None]


def _less_what_is_paid(quote: prices.Quote, paid: Sequence[Period]) -> prices.Quote:
    """The price without what was paid: a line for each term that something was paid for, never below nothing."""
    amount, reasons = quote.amount, list(quote.reasons)
    for row in paid:
        if counted := min(row.price, amount):
            amount -= counted
            names = {"type_nb": row.invoiced_type.name_in("nb"), "type_en": row.invoiced_type.name_in("en")}
            reasons.append(prices.Reason(code="paid_before", amount=-counted, params=names))
    return prices.Quote(amount=amount, reasons=tuple(reasons))


# --- what cannot be --------------------------------------------------------------------------------------------------


def _running(member: Member, on: date) -> Period:
    """The term that runs, which nobody has ended."""
    rows = Period.objects.covering(on).filter(member=member)
    row = rows.select_related("member", "type", "wanted_type", "next_type").first()
    words = {"name": member.full_name}
    if row is None:
        raise Refused(_("%(name)s has no membership to change. Open a new one."), code="no_membership", params=words)
    if row.ended_on is not None:
        raise Refused(_("%(name)s is leaving on %(date)s. Open a new membership afterwards."), code="leaving",
                      params={**words, "date": date_format(row.ended_on)})  # fmt: skip
    return row


def _later(member: Member, running: Period) -> Period | None:
    """The next term, if it has been opened."""
    rows = member.periods.filter(starts_on__gt=running.starts_on, ended_on__isnull=True)
    return rows.select_related("member", "type", "wanted_type").order_by("starts_on").first()


def _refuse_impossible(member: Member, now: MembershipType, to: MembershipType, on: date) -> None:
    words = {"name": member.full_name, "type": to.name}
    if to.pk == now.pk:
        raise Refused(_("%(name)s has “%(type)s” already."), code="same", params=words)
    if to.kind in {Kind.TRIAL, Kind.NONE}:
        raise Refused(_("“%(type)s” is not a membership. Choose another type."), code="no_membership", params=words)
    if to.is_for_organisations == member.is_person:
        raise Refused(_("“%(type)s” is not for %(name)s: one is for organisations, the other a person."), code="kind",
                      params=words)  # fmt: skip
    if to.kind == Kind.HOUSEHOLD_MAIN and member.household and not member.is_main_member:
        raise Refused(_("%(name)s is not the main member of the household. Make %(name)s main member first."),
                      code="not_main", params=words)  # fmt: skip
    joining.refuse_wrong_age(person=member, type=to, on=on)


def _refuse_outside_household(member: Member, to: MembershipType, on: date) -> None:
    """A household's other type is for those whose main member has, or will have, a household's membership."""
    main = member.household.main_member if member.household else None
    terms = Period.objects.covering(on).filter(member=main) if main and main != member else Period.objects.none()
    if not any(row.coming_type.kind == Kind.HOUSEHOLD_MAIN for row in terms.select_related("type", "next_type")):
        raise Refused(
            _("“%(type)s” is for those who live with somebody who has a family membership. Add %(name)s to the "
              "household first."),
            code="household", params={"type": to.name, "name": member.full_name},
        )  # fmt: skip


def _refuse_replacing(term: Period) -> None:
    """A term that others are paid with, or that later apps say something about, stays as it is."""
    carried = term.carries.filter(ended_on__isnull=True).select_related("member").order_by("pk")
    if names := ", ".join(row.member.full_name for row in carried):
        raise Refused(
            _("Others are paid with this membership: %(names)s. Choose “from the next term”, or let them move out "
              "first."),
            code="carries", params={"names": names},
        )  # fmt: skip
    sentences: Sequence[str] = [said for hook in hooks.get_hooks("hold_back_type_change") if (said := hook(term))]
    if sentences:
        raise Refused(" ".join(sentences), code="held_back")
