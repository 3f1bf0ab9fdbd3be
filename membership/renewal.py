"""The year: trials that run out, notice before the end, next year's terms, and striking those who never paid.

Each function compares what should be on a date with what is, does the difference and returns a Result; running it
again on the same date finds nothing to do, and a missed night is caught up by the next. With `keys`, each looks only
at the terms with these primary keys: so the worker does a large register a portion at a time. What is not due is not
even read: each step has its own index on the terms.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import batched

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from wagtail import hooks

from core import dates
from core.results import Result
from membership import mails, periods, prices
from membership.models import Member, MembershipType, Period
from membership.next_terms import Decision, Portion, Rehearsal, Types, is_open, next_type, opens_on
from membership.signals import member_left

Kind, EndReason, Frequency = MembershipType.Kind, Period.EndReason, MembershipType.Frequency
BATCH = 500


def expire_trials(*, on: date, at: datetime, keys: range | None = None) -> Result:
    """End the trials whose last day has passed unpaid, and convert them to what the member or their type says.

    The invoice stays open until `lapse_unpaid`: who pays late becomes a member from that day. Only where the trial
    becomes something that costs money itself is it credited, so that nobody is asked for both.
    """
    result = Result()
    over = Period.objects.trials().filter(ended_on__isnull=True, confirmed_on__isnull=True, ends_on__lt=on)
    for trial in _in_portions(over.select_related("member__converts_to", "type__converts_to"), keys):
        with transaction.atomic():
            assert trial.ends_on is not None
            term = _conversion(trial, dates.day_after(trial.ends_on))
            is_replaced = term is not None and bool(term.quote.amount)
            reason = EndReason.CONVERTED if is_replaced else EndReason.TRIAL_OVER
            periods.end(period=trial, on=on, reason=reason, last_on=trial.ends_on)
            if is_replaced:
                _leave(trial.member, EndReason.TRIAL_OVER, [trial], on, at)
            if term is not None:
                periods.open_periods(terms=[term], on=on, at=at)
        line = _("%(name)s: the trial ended %(date)s unpaid") % _names(trial, trial.ends_on)
        result.add("trials ended", line + _into(term))
    return result


def _conversion(ended: Period, starts_on: date) -> periods.Term | None:
    """The term that a membership which was not paid is converted to; none where it just ends."""
    target = ended.member.converts_to or ended.type.converts_to
    if target is None or target.kind == Kind.NONE:
        return None
    return periods.Term(
        member=ended.member, type=target, starts_on=starts_on, follows=ended, source=Period.Source.CONVERTED,
        ends_on=periods.last_day(type=target, starts_on=starts_on, joining=True, member=ended.member),
        quote=prices.quote(member=ended.member, type=target, on=starts_on, joining=True),
    )  # fmt: skip


def _into(term: periods.Term | None) -> str:
    if term is None:
        return ""
    return _("; %(type)s from %(date)s") % {"type": term.type.code, "date": term.starts_on.isoformat()}


def tell_before_end(*, on: date, at: datetime, keys: range | None = None) -> Result:
    """Tell members their type's notice days ahead that a trial or a term ends. Each term is told of once.

    What goes on by itself and costs nothing goes on silently.
    """
    result = Result()
    horizon = dates.days_after(on, max(_notice_days(), default=0))
    ending = Period.objects.paying().filter(
        ended_on__isnull=True, notice_sent_on__isnull=True, ends_on__gte=on, ends_on__lte=horizon,
        member__died_on__isnull=True,
    ).filter(Q(type__kind=Kind.TRIAL, confirmed_on__isnull=True) | Q(confirmed_on__isnull=False))  # fmt: skip
    ending = ending.exclude(type__frequency=Frequency.NEVER).select_related(
        "member__converts_to", "type__converts_to", "type__ages_into", "wanted_type"
    )
    for period in _in_portions(ending, keys):
        assert period.ends_on is not None
        if period.ends_on > dates.days_after(on, period.type.notice_days) or _goes_on_free(period):
            continue
        with transaction.atomic():
            mails.membership_ends(period=period, at=at)
            Period.objects.filter(pk=period.pk).update(notice_sent_on=on)
        result.add("told", _("%(name)s: told that %(date)s is the last day") % _names(period, period.ends_on))
    return result


def _notice_days() -> list[int]:
    return list(MembershipType.objects.values_list("notice_days", flat=True))


def _goes_on_free(period: Period) -> bool:
    """Whether the next term comes by itself and costs nothing."""
    if period.is_trial or period.price or period.ends_on is None:
        return False
    starts_on = dates.day_after(period.ends_on)
    coming = next_type(member=period.member, type=period.type, starts_on=starts_on, since=period.starts_on)
    return coming is not None and not prices.quote(member=period.member, type=coming.type, on=starts_on).amount


def renewal_opens(*, starts_on: date) -> date:
    """Return the day from which a term that starts on 1 January is opened and invoiced."""
    return opens_on(type=MembershipType(), starts_on=starts_on)


def open_due_periods(
    *, on: date, at: datetime, keys: range | None = None, begins_by: date | None = None, only_free: bool = False
) -> Result:
    """Open the next term of everybody whose term ends or has ended, from the renewal date on.

    Children age out, own prices end, free types renew silently, life memberships never. Only paid and free terms are
    renewed, and only into a term that has not run out itself: who was away for years comes back by joining. The rest
    of a year, after an own price, is opened even when nights were missed, since the new year follows from it. Household
    members follow their main member, and all whose invoices go to one payer come together. Whoever listens to
    `periods_opened` invoices, a batch at a time.

    With `begins_by`, what begins by that day is opened whatever the renewal date: the treasurer invoices the year. With
    `only_free`, what somebody would have to pay for is left to the treasurer.
    """
    result = Result()
    types = Types()
    for due in batched(_due(on, keys, types, begins_by), BATCH):
        with transaction.atomic():
            batch = _with_their_payers(due, on, types, begins_by)
            together = _at_home_with(batch, on, begins_by)
            free = _take([*batch, *together])
            batch, together = ([p for p in rows if p.pk in free] for rows in (batch, together))
            decision = Portion(batch, on=on, types=types, all_due=together, begins_by=begins_by).decide()
            if only_free:
                decision.leave_out_what_costs()
            opened = periods.open_periods(terms=decision.terms, on=on, at=at) if decision.terms else []
            _end_for_good(decision.leading_out, on, result)
        _tell(decision, opened, result)
    return result


def rehearse(*, on: date, keys: range, begins_by: date) -> Iterator[Decision]:
    """Yield what `open_due_periods` would decide for these keys, a batch at a time. Nothing is written.

    Over all keys, each term is decided on once: those who share a payer, with the first of them.
    """
    types = Types()
    for due in batched(_due(on, keys, types, begins_by), BATCH):
        batch = _first_of_their_payers(due, _with_their_payers(due, on, types, begins_by))
        together = _at_home_with(batch, on, begins_by)
        yield Rehearsal(batch, on=on, types=types, all_due=together, begins_by=begins_by).decide()


def _with_their_payers(due: Sequence[Period], on: date, types: Types, begins_by: date | None) -> list[Period]:
    """These terms, and those of everybody whose invoice goes to the same payer, so that a collective invoice is one."""
    payers = {period.member.payer_id for period in due if period.member.payer_id}
    pays_for_others = Member.objects.filter(payer__pk__among=[period.member_id for period in due])
    payers |= set(pays_for_others.order_by().values_list("payer_id", flat=True))
    if not payers:
        return list(due)
    here = {period.pk for period in due}
    same_payer = Q(member__payer__in=payers) | Q(member__in=payers, member__payer=None)
    others = _renewable(on, begins_by).filter(same_payer).exclude(pk__in=here)
    return [*due, *(row for row in others if is_open(types.give(row), on=on, begins_by=begins_by))]


def _first_of_their_payers(due: Sequence[Period], batch: Sequence[Period]) -> list[Period]:
    """Those of a batch whose payer's first term is among the due: what was brought in beside belongs to another."""
    first: dict[int, int] = {}
    for period in batch:
        payer = period.member.payer_id or period.member_id
        first[payer] = min(period.pk, first.get(payer, period.pk))
    here = {period.pk for period in due}
    kept = [period for period in batch if first[period.member.payer_id or period.member_id] in here]
    return sorted(kept, key=lambda period: period.pk)


def _at_home_with(batch: Sequence[Period], on: date, begins_by: date | None) -> list[Period]:
    """Every renewable term of anybody in these terms' households."""
    homes = [period.member.household_id for period in batch if period.member.household_id]
    return list(_renewable(on, begins_by).filter(member__household__pk__among=homes)) if homes else []


def _take(terms: Iterable[Period]) -> set[int]:
    """The keys of those that nothing follows yet, kept from others until the transaction ends.

    Of two nights at once, one waits here for the other and then finds nothing left to open.
    """
    rows = Period.objects.select_for_update().filter(pk__among={term.pk for term in terms}, has_next=False)
    return set(rows.order_by("pk").values_list("pk", flat=True))


def _tell(decision: Decision, opened: Sequence[Period], result: Result) -> None:
    """A line for each term: who, which type, from when, and why it is another type or price than before."""
    for period, rule in zip(opened, decision.rules, strict=True):
        words = {**_names(period, period.starts_on), "type": period.type.code}
        words["free"] = "" if period.price else _(", free")
        line = _("%(name)s: %(type)s from %(date)s%(free)s") % words
        changes = [r.sentence() for r in prices.reasons_from_json(period.reasons) if r.code in prices.CHANGES]
        result.add(rule, f"{line} ({'; '.join(changes)})" if changes else line)
    for member in decision.new_main_members:
        result.warnings.append(_("%(name)s is the main member of the household now") % {"name": member.full_name})
    for period in decision.stuck:
        sentence = _("%(name)s: not renewed after %(date)s, because nobody in the household can be its main member")
        result.warnings.append(sentence % _names(period, period.ends_on))


def _end_for_good(leading_out: Sequence[Period], on: date, result: Result) -> None:
    """Note that no term comes after these: asked once, not every night."""
    for period in leading_out:
        periods.end(period=period, on=on, reason=EndReason.CONVERTED, last_on=period.ends_on)
        line = _("%(name)s: no membership after %(date)s") % _names(period, period.ends_on)
        result.add("ended for good", line)


def _renewable(on: date, begins_by: date | None = None) -> QuerySet[Period]:
    """Paid or free terms without a next one, that are over or end before a renewal that is open or asked for."""
    new_year = dates.day_after(dates.last_of_year(on))
    latest = dates.last_of_year(on) if renewal_opens(starts_on=new_year) <= on else dates.day_before(on)
    if begins_by is not None:
        latest = max(latest, dates.day_before(begins_by))
    newer = Period.objects.filter(member=OuterRef("member"), starts_on__gt=OuterRef("starts_on"))
    return (
        Period.objects.without_next()
        .confirmed()
        .filter(ended_on__isnull=True, ends_on__lte=latest, member__died_on__isnull=True)
        .filter(ends_on__gte=dates.add_years(dates.first_of_year(on), -1))
        .exclude(type__kind__in=[Kind.TRIAL, Kind.NONE])
        .filter(~Exists(newer))
        .select_related("member", "paid_with")
        .order_by("pk")
    )


def _due(on: date, keys: range | None, types: Types, begins_by: date | None) -> Iterator[Period]:
    for period in _in_portions(_renewable(on, begins_by), keys):
        if is_open(types.give(period), on=on, begins_by=begins_by):
            yield period


def _in_portions(rows: QuerySet[Period], keys: range | None) -> Iterator[Period]:
    """Who is concerned is settled first, and read a portion at a time: what is written meanwhile changes nothing.

    The keys are put in order here: asked for in order, SQLite would rather read all terms than use the step's index.
    """
    if keys is not None:
        rows = rows.filter(pk__gte=keys.start, pk__lt=keys.stop)
    for portion in batched(sorted(rows.order_by().values_list("pk", flat=True)), BATCH):
        yield from rows.filter(pk__among=portion).order_by("pk")


def lapse_days() -> int:
    """Days from the due date until an unpaid term is ended: the last reminder's day and the time after it."""
    reminders = settings.CLIENT.reminders
    return max(reminders.days_until, default=0) + reminders.lapse_after_days


def unpaid_in_time(*, on: date) -> QuerySet[Period]:
    """The terms that nobody has paid in their time, before anybody is kept back from being struck."""
    return Period.objects.unconfirmed().filter(pay_by__lt=dates.days_after(on, -lapse_days()))


def lapse_unpaid(*, on: date, at: datetime, keys: range | None = None) -> Result:
    """Strike those who did not pay: their terms end the day before, the household's with them, and they become what
    their type converts to, where that is free.

    Trials that ended unpaid are given up at the same time, so that nothing stays owed. Whoever listens to
    `member_left` credits what these terms cost. A later app keeps back those who still have time, or may have paid,
    with the hook `hold_back_striking`: a function of `on` that returns a condition (Q) on terms, or None.
    """
    result = Result()
    unpaid = unpaid_in_time(on=on)
    for hook in hooks.get_hooks("hold_back_striking"):
        unpaid = unpaid.exclude(held) if (held := hook(on)) is not None else unpaid
    is_on_its_own = Q(paid_with=None) | Q(paid_with__confirmed_on__isnull=False) | Q(paid_with__ended_on__isnull=False)
    running = unpaid.filter(is_on_its_own, ended_on__isnull=True)
    for rows in (running, unpaid.filter(end_reason=EndReason.TRIAL_OVER, paid_with=None)):
        for period in _in_portions(rows.select_related("member__converts_to", "type__converts_to"), keys):
            with transaction.atomic():
                term = _strike(period, on, at)
            line = _("%(name)s: struck off, should have paid by %(date)s") % _names(period, period.pay_by)
            result.add("struck", line + _into(term))
    return result


def _strike(period: Period, on: date, at: datetime) -> periods.Term | None:
    """End a term, and those it carries, as not paid; return what the member is converted to."""
    carried = period.carries.filter(confirmed_on__isnull=True).select_related(
        "member__converts_to", "type__converts_to"
    )
    converted = []
    for row in [period, *carried]:
        was_running = row.ended_on is None
        periods.end(period=row, on=on, reason=EndReason.LAPSED, last_on=row.ended_on or dates.day_before(on))
        _leave(row.member, EndReason.LAPSED, [row], on, at)
        term = _conversion(row, max(on, row.starts_on)) if was_running else None
        if term is not None and not term.quote.amount:
            converted.append(term)
    if converted:
        periods.open_periods(terms=converted, on=on, at=at)
    return next((term for term in converted if term.member == period.member), None)


def _leave(member: Member, reason: str, rows: Sequence[Period], on: date, at: datetime) -> None:
    member_left.send(sender=Member, member=member, reason=reason, periods=rows, on=on, at=at)


def _names(period: Period, day: date | None) -> dict[str, str]:
    return {"name": period.member.full_name, "date": day.isoformat() if day else ""}
