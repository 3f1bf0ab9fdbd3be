"""Terms: opened, confirmed by payment, ended. Every door to a membership goes through here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from core import dates
from core.audit import log_many
from core.errors import Refused
from core.inserts import insert_many
from membership import member_since, prices
from membership.models import Member, MembershipType, Period
from membership.signals import period_confirmed, period_ended, periods_opened

Kind, EndReason, Source = MembershipType.Kind, Period.EndReason, Period.Source


@dataclass(frozen=True, kw_only=True, eq=False)
class Term:
    """A period about to be opened. `paid_with` is the main member's term in the same call, for household members."""

    member: Member
    type: MembershipType
    starts_on: date
    ends_on: date | None
    quote: prices.Quote
    source: str
    wanted_type: MembershipType | None = None
    confirmed_on: date | None = None
    pay_by: date | None = None
    follows: Period | None = None
    paid_with: "Term | None" = None
    paid_with_period: Period | None = None


def last_day(
    *, type: MembershipType, starts_on: date, joining: bool = False, member: Member | None = None
) -> date | None:
    """Return the last day of a term of that type from a first day; none for life.

    `joining` lets the type's rule for late joiners carry the term to the end of next year. The term of a `member` with
    an own price ends no later than that price: what comes then costs something else.
    """
    if type.frequency == MembershipType.Frequency.PERMANENT:
        return None
    if type.term == MembershipType.Term.ROLLING_YEAR:
        ends_on = dates.last_of_rolling_year(starts_on)
    elif joining and type.late_runs_to_next_year and prices.is_late(type, starts_on):
        ends_on = dates.last_of_year(dates.add_years(starts_on, 1))
    else:
        ends_on = dates.last_of_year(starts_on)
    own_price_ends = member.special_price_until if member and prices.uses_own_price(member, type, starts_on) else None
    return min(ends_on, own_price_ends) if own_price_ends else ends_on


@transaction.atomic
def open_periods(*, terms: Sequence[Term], on: date, at: datetime | None = None) -> list[Period]:
    """Open terms together, in the order given, and say so once. `at` is the moment, where somebody is to be told.

    Free terms are confirmed at once. Refuses, with nothing written, when a member has a term in the way. Does not
    invoice: those who listen to `periods_opened` do.
    """
    earlier = _terms_before(terms)
    _refuse_overlaps(terms, earlier)
    rows = {term: _row(term, on) for term in terms}
    try:
        with transaction.atomic():
            insert_many([row for term, row in rows.items() if term.paid_with is None])
            carried = [term for term in terms if term.paid_with is not None]
            for term in carried:
                rows[term].paid_with = rows[term.paid_with]  # type: ignore[index]
            insert_many([rows[term] for term in carried])
    except IntegrityError as error:
        if "overlap" not in str(error) and "followed_once" not in str(error):
            raise
        raise _in_the_way(terms[0]) from error
    periods = list(rows.values())
    _mark_followed(periods, earlier)
    member_since.remember(opened=periods, earlier=earlier)
    log_many(instances=[period.member for period in periods], action="membership.period.opened")
    periods_opened.send(sender=Period, periods=periods, on=on, at=at)
    return periods


def _row(term: Term, on: date) -> Period:
    is_free = not term.quote.amount and term.paid_with is None and term.paid_with_period is None
    if term.type.kind == Kind.NONE:
        raise Refused(_("“%(type)s” is not a membership. Choose another type."), code="no_membership",
                      params={"type": term.type.name})  # fmt: skip
    return Period(
        member=term.member,
        type=term.type,
        wanted_type=term.wanted_type,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        price=term.quote.amount,
        reasons=term.quote.as_json,
        source=term.source,
        confirmed_on=term.confirmed_on or (on if is_free else None),
        pay_by=term.pay_by,
        follows=term.follows,
        paid_with=term.paid_with_period,
        opened_on=on,
    )


def _terms_before(terms: Sequence[Term]) -> dict[int, list[Period]]:
    """The terms that these members have already, by the member's primary key."""
    earlier: dict[int, list[Period]] = {}
    for period in Period.objects.filter(member__pk__among=[term.member.pk for term in terms]).select_related("type"):
        earlier.setdefault(period.member_id, []).append(period)
    return earlier


def _mark_followed(opened: Iterable[Period], earlier: dict[int, list[Period]]) -> None:
    """Note on each member's terms that a later one is there, so that a night looks at the last ones only."""
    followed = []
    for new in opened:
        old_ones = earlier.get(new.member_id, [])
        followed += [old.pk for old in old_ones if not old.has_next and old.starts_on < new.starts_on]
        if any(old.starts_on > new.starts_on for old in old_ones):
            followed.append(new.pk)
    if followed:
        Period.objects.filter(pk__among=followed).update(has_next=True)


def mark_latest(*, members: Iterable[int]) -> None:
    """Put right which term is the last of each of these members, after terms have moved from one entry to another."""
    rows = Period.objects.filter(member__in=members)
    newer = Exists(Period.objects.filter(member=OuterRef("member"), starts_on__gt=OuterRef("starts_on")))
    rows.filter(newer, has_next=False).update(has_next=True)
    rows.filter(~newer, has_next=True).update(has_next=False)


def _refuse_overlaps(terms: Sequence[Term], earlier: dict[int, list[Period]]) -> None:
    """Say which term is in the way. PostgreSQL's constraint guards against two callers at once; SQLite's
    IMMEDIATE transaction lets in only one."""
    for term in terms:
        for period in earlier.get(term.member.pk, []):
            if _overlap(term.starts_on, term.ends_on, period.starts_on, period.last_day):
                raise _in_the_way(term, period)


def _overlap(start: date, end: date | None, other_start: date, other_end: date | None) -> bool:
    """Whether two spans share a day. A term ended the day before it began shares none."""
    far = date.max
    return start <= (other_end or far) and other_start <= (end or far) and other_start <= (other_end or far)


def _in_the_way(term: Term, period: Period | None = None) -> Refused:
    if period is None:
        return Refused(_("%(name)s has a membership in that time already. Look at the member's periods first."),
                       code="overlap", params={"name": term.member.full_name})  # fmt: skip
    if period.last_day is None:
        return Refused(_("%(name)s has a membership for life already: %(type)s."), code="overlap",
                       params={"name": term.member.full_name, "type": period.type.name})  # fmt: skip
    return Refused(
        _("%(name)s has a membership until %(date)s already. A new one can start the day after."), code="overlap",
        params={"name": term.member.full_name, "date": date_format(period.last_day)},
    )  # fmt: skip


def expect_payment(*, periods: Sequence[Period], by: date) -> None:
    """Remember when terms are to be paid, and those they carry: called when their invoice has its due date."""
    ids = [period.pk for period in periods]
    Period.objects.filter(pk__among=ids).update(pay_by=by)
    Period.objects.filter(paid_with__pk__among=ids).update(pay_by=by)
    for period in periods:
        period.pay_by = by


@transaction.atomic
def confirm(*, period: Period, on: date) -> Period:
    """A term was paid on that day: confirm it and the household's terms it carries.

    A trial is converted: it ends the day before, and the wanted type starts. A trial that had run out comes back as
    the wanted type from the day of payment, in the place of what it had become meanwhile. Confirming twice changes
    nothing; after `unconfirm` it confirms again what was there. Returns the term that now counts.
    """
    period = _locked(period)
    if period.confirmed_on is not None:
        return _became([period]).get(period.pk, period)
    carried = list(period.carries.select_related("member", "type", "wanted_type").order_by("pk"))
    if period.is_trial:
        result = _confirm_again(period, carried, on) or _convert_trials(period, carried, on)
    else:
        result = period
        for row in [period, *carried]:
            _start_on_payment(row, on)
            row.confirmed_on = on
            row.save(update_fields=["confirmed_on", "starts_on", "ends_on"])
    log(instance=period.member, action="membership.period.confirmed", data={"type": result.type.code})
    period_confirmed.send(sender=Period, period=result, on=on)
    return result


def _start_on_payment(period: Period, on: date) -> None:
    """Where membership starts on payment, a joiner's term and "member since" are dated by it."""
    if period.starts_when_paid and on > period.starts_on and period.ended_on is None:
        if period.member.member_since == period.starts_on:
            period.member.member_since = on
            period.member.save(update_fields=["member_since"])
        period.starts_on = on
        period.ends_on = last_day(type=period.type, starts_on=on, joining=True)


def _convert_trials(trial: Period, carried: list[Period], on: date) -> Period:
    """End the household's trials and open what was wanted, confirmed."""
    rows = [trial, *carried]
    replaced = {row.follows_id: row for row in Period.objects.filter(follows__in=rows, source=Source.CONVERTED)}
    terms: list[Term] = []
    for row in rows:
        meanwhile = replaced.get(row.pk)
        if meanwhile is not None:
            end(period=meanwhile, on=on, reason=EndReason.CONVERTED)
        terms.append(_converted(row, meanwhile or row, on, terms[0] if terms else None))
        if row.ended_on is None or row.ended_on >= on:
            row.ended_on = dates.day_before(max(on, row.starts_on))
            row.end_reason = EndReason.CONVERTED
        row.confirmed_on = on
        row.save(update_fields=["ended_on", "end_reason", "confirmed_on"])
    return open_periods(terms=terms, on=on)[0]


def _confirm_again(trial: Period, carried: list[Period], on: date) -> Period | None:
    """A conversion whose payment was undone, and that is paid anew: what the trials became is there already."""
    rows = [trial, *carried]
    made = _became(rows)
    if trial.pk not in made:
        return None
    for row in [*rows, *made.values()]:
        row.confirmed_on = on
        row.save(update_fields=["confirmed_on"])
    return made[trial.pk]


def _became(trials: Sequence[Period]) -> dict[int, Period]:
    """The wanted memberships that trials have become, by the trial's primary key.

    Each follows its trial, or what the trial was converted to when it ran out unpaid.
    """
    wanted = {row.pk: row.wanted_type_id for row in trials if row.wanted_type_id}
    rows = Period.objects.filter(Q(follows__in=wanted) | Q(follows__follows__in=wanted), source=Source.CONVERTED)
    made = {}
    for row in rows.select_related("follows", "member", "type"):
        assert row.follows is not None
        trial = row.follows_id if row.follows_id in wanted else row.follows.follows_id
        if trial is not None and row.type_id == wanted[trial]:
            made[trial] = row
    return made


def _converted(trial: Period, follows: Period, on: date, main: Term | None) -> Term:
    wanted = trial.invoiced_type
    starts_on = max(on, trial.starts_on)
    return Term(
        member=trial.member,
        type=wanted,
        starts_on=starts_on,
        ends_on=last_day(type=wanted, starts_on=starts_on, joining=True, member=trial.member),
        quote=prices.Quote(amount=trial.price, reasons=prices.reasons_from_json(trial.reasons)),
        source=Source.CONVERTED,
        confirmed_on=on,
        pay_by=trial.pay_by,
        follows=follows,
        paid_with=main,
    )


@transaction.atomic
def unconfirm(*, period: Period, on: date) -> Period:
    """The payment was undone: the term, those it carries and what a trial became are unpaid again."""
    period = _locked(period)
    rows = [period, *period.carries.all()]
    rows += _became(rows).values()
    for row in rows:
        row.confirmed_on = None
        row.save(update_fields=["confirmed_on"])
    log(instance=period.member, action="membership.period.unconfirmed", data={"type": period.type.code})
    return period


@transaction.atomic
def end(*, period: Period, on: date, reason: str, last_on: date | None = None) -> Period:
    """End a term before its time. `last_on` is its last day, the day before the decision unless told otherwise.

    Does not touch the terms it carries: what happens to the household is for the caller to say.
    """
    last_on = last_on or dates.day_before(on)
    period.ended_on = max(min(last_on, period.ends_on or last_on), dates.day_before(period.starts_on))
    period.end_reason = reason
    period.save(update_fields=["ended_on", "end_reason"])
    log(instance=period.member, action="membership.period.ended", data={"type": period.type.code, "reason": reason})
    period_ended.send(sender=Period, period=period, on=on)
    return period


def _locked(period: Period) -> Period:
    """Read the row again and hold it, so that two callers at once confirm once."""
    return Period.objects.select_for_update(of=("self",)).select_related("member", "type", "wanted_type").get(
        pk=period.pk
    )  # fmt: skip
