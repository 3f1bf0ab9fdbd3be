"""The year: trials that run out, notice before the end, next year's terms, and striking those who never paid.

Each function compares what should be on a date with what is, does the difference and returns a Result; running it
again on the same date finds nothing to do, and a missed night is caught up by the next. With `keys`, each looks only
at the terms with these primary keys: so the worker does a large register a portion at a time.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import batched

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from core import dates
from core.results import Result
from membership import mails, periods, prices
from membership.models import Member, MembershipType, Period
from membership.signals import member_left

Kind, EndReason, Frequency = MembershipType.Kind, Period.EndReason, MembershipType.Frequency
BATCH = 500


def expire_trials(*, on: date, at: datetime, keys: range | None = None) -> Result:
    """End the trials whose last day has passed unpaid, and convert them to what their type says.

    The invoice stays open until `lapse_unpaid`: who pays late becomes a member from that day.
    """
    result = Result()
    over = Period.objects.trials().filter(ended_on__isnull=True, confirmed_on__isnull=True, ends_on__lt=on)
    for trial in _in_portions(over.select_related("member__converts_to", "type__converts_to"), keys):
        with transaction.atomic():
            assert trial.ends_on is not None
            periods.end(period=trial, on=on, reason=EndReason.TRIAL_OVER, last_on=trial.ends_on)
            _convert(trial, on, at)
        result.add("trials ended", _("%(name)s: the trial ended %(date)s unpaid") % _names(trial, trial.ends_on))
    return result


def _convert(ended: Period, on: date, at: datetime) -> None:
    """Open the term a member is converted to, where the type (or the member) names a real membership."""
    target = ended.member.converts_to or ended.type.converts_to
    if target is None or target.kind == Kind.NONE or ended.last_day is None:
        return
    starts_on = dates.day_after(ended.last_day)
    term = periods.Term(
        member=ended.member, type=target, starts_on=starts_on, follows=ended, source=Period.Source.CONVERTED,
        ends_on=periods.last_day(type=target, starts_on=starts_on),
        quote=prices.quote(member=ended.member, type=target, on=starts_on),
    )  # fmt: skip
    periods.open_periods(terms=[term], on=on, at=at)


def tell_before_end(*, on: date, at: datetime, keys: range | None = None) -> Result:
    """Tell members their type's notice days ahead that a trial or a term ends. Each term is told of once."""
    result = Result()
    horizon = dates.days_after(on, max(_notice_days(), default=0))
    ending = Period.objects.paying().filter(
        ended_on__isnull=True, notice_sent_on__isnull=True, ends_on__gte=on, ends_on__lte=horizon,
        member__died_on__isnull=True,
    ).filter(Q(type__kind=Kind.TRIAL, confirmed_on__isnull=True) | Q(confirmed_on__isnull=False))  # fmt: skip
    ending = ending.exclude(type__frequency=Frequency.NEVER).select_related("member", "type", "wanted_type")
    for period in _in_portions(ending, keys):
        assert period.ends_on is not None
        if period.ends_on > dates.days_after(on, period.type.notice_days):
            continue
        with transaction.atomic():
            mails.membership_ends(period=period, at=at)
            Period.objects.filter(pk=period.pk).update(notice_sent_on=on)
        result.add("told", _("%(name)s: told that %(date)s is the last day") % _names(period, period.ends_on))
    return result


def _notice_days() -> list[int]:
    return list(MembershipType.objects.values_list("notice_days", flat=True))


def renewal_opens(*, starts_on: date) -> date:
    """Return the day from which a term that starts on 1 January is opened and invoiced.

    `renewal_opens = "01-02"` is 2 January of the term's year; a day in the second half of the year, like "12-01", is in
    the year before.
    """
    month_day = settings.CLIENT.invoicing.renewal_opens
    return dates.month_day(month_day, starts_on.year - (month_day >= "07-01"))


def open_due_periods(*, on: date, at: datetime, keys: range | None = None) -> Result:
    """Open the next term of everybody whose term ends or has ended, from the renewal date on.

    Children age out, own prices end, free types renew silently, life memberships never. Only paid and free terms are
    renewed, and only into a term that has not run out itself: who was away for years comes back by joining. Household
    members follow their main member. Whoever listens to `periods_opened` invoices, a batch at a time.
    """
    result = Result()
    for batch in batched(_due(on, keys), BATCH):
        with transaction.atomic():
            terms = [term for period in batch for term in _next_terms(period, on, result)]
            opened = periods.open_periods(terms=terms, on=on, at=at) if terms else []
        for period in opened:
            free = "" if period.price else _(", free")
            result.add("opened", _("%(name)s: %(type)s from %(date)s%(free)s") % {
                **_names(period, period.starts_on), "type": period.type.code, "free": free,
            })  # fmt: skip
    return result


def _due(on: date, keys: range | None) -> Iterator[Period]:
    """Paying terms that are over, or end before a renewal that is open already, and have no successor."""
    latest = max(on, dates.last_of_year(on))
    newer = Period.objects.filter(member=OuterRef("member"), starts_on__gt=OuterRef("starts_on"))
    rows = (
        Period.objects.paying()
        .confirmed()
        .filter(ended_on__isnull=True, ends_on__isnull=False, ends_on__lte=latest, member__died_on__isnull=True)
        .filter(ends_on__gte=dates.add_years(dates.first_of_year(on), -1))
        .exclude(type__kind__in=[Kind.TRIAL, Kind.NONE])
        .filter(~Exists(newer))
        .select_related("type__ages_into", "type__converts_to", "member__converts_to", "member__household")
        .prefetch_related(Prefetch("carries", queryset=_carried()))
    )
    for period in _in_portions(rows, keys):
        assert period.ends_on is not None
        if _opens(period, dates.day_after(period.ends_on)) <= on:
            yield period


def _in_portions(rows: QuerySet[Period], keys: range | None) -> Iterator[Period]:
    """Who is concerned is settled first, and read a portion at a time: what is written meanwhile changes nothing."""
    if keys is not None:
        rows = rows.filter(pk__gte=keys.start, pk__lt=keys.stop)
    for portion in batched(list(rows.order_by("pk").values_list("pk", flat=True)), BATCH):
        yield from rows.filter(pk__in=portion).order_by("pk")


def _carried() -> QuerySet[Period]:
    """Household members' terms that ran to their end, with what deciding on the next needs."""
    newer = Period.objects.filter(member=OuterRef("member"), starts_on__gt=OuterRef("starts_on"))
    rows = Period.objects.filter(~Exists(newer), ended_on__isnull=True, member__died_on__isnull=True)
    return rows.select_related(
        "type__ages_into", "type__converts_to", "member__converts_to", "member__household"
    ).order_by("pk")


def _opens(period: Period, starts_on: date) -> date:
    if period.type.term == MembershipType.Term.ROLLING_YEAR:
        return starts_on
    return renewal_opens(starts_on=starts_on)


def _next_terms(period: Period, on: date, result: Result) -> list[periods.Term]:
    """The next term of a member and of the household members it carries; empty when it should not be renewed."""
    assert period.ends_on is not None
    starts_on = dates.day_after(period.ends_on)
    main = _next_term(period, starts_on, on)
    if main is None:
        result.warnings.append(_("%(name)s: not renewed after %(date)s") % _names(period, period.ends_on))
        return []
    terms = [main]
    for carried in period.carries.all():
        same_home = carried.member.household_id and carried.member.household_id == period.member.household_id
        term = _next_term(carried, starts_on, on, paid_with=main) if same_home else None
        if term is None:
            result.warnings.append(_("%(name)s: not renewed with the household") % _names(carried, starts_on))
        else:
            terms.append(term)
    return terms


def _next_term(period: Period, starts_on: date, on: date, paid_with: periods.Term | None = None) -> periods.Term | None:
    type_ = next_type(member=period.member, type=period.type, starts_on=starts_on)
    ends_on = periods.last_day(type=type_, starts_on=starts_on) if type_ else None
    if type_ is None or (ends_on and ends_on < on):
        return None
    return periods.Term(
        member=period.member, type=type_, starts_on=starts_on, ends_on=ends_on, follows=period, paid_with=paid_with,
        quote=prices.quote(member=period.member, type=type_, on=starts_on), source=Period.Source.RENEWED,
    )  # fmt: skip


def next_type(*, member: Member, type: MembershipType, starts_on: date) -> MembershipType | None:
    """Return the type a member's next term has, or none when it leads out of membership.

    Ageing counts at 31 December of the term. An own price that has ended converts to what the member says, else the
    type's ordinary price is asked.
    """
    if member.special_price is not None and not prices.has_own_price(member, starts_on) and member.converts_to:
        type = member.converts_to
    elif type.kind == Kind.SPECIAL and not prices.has_own_price(member, starts_on) and type.converts_to:
        type = type.converts_to
    at_year_end = dates.last_of_year(starts_on)
    if type.ages_into and type.age_to is not None and member.born_on:
        type = type.ages_into if dates.age_on(member.born_on, at_year_end) > type.age_to else type
    return None if type.kind == Kind.NONE else type


def lapse_days() -> int:
    """Days from the due date until an unpaid term is ended: the last reminder's day and the time after it."""
    reminders = settings.CLIENT.reminders
    return max((step.after_days for step in reminders.steps), default=0) + reminders.lapse_after_days


def lapse_unpaid(*, on: date, at: datetime, keys: range | None = None) -> Result:
    """Strike those who did not pay: their terms end the day before, the household's with them.

    Trials that ended unpaid are given up at the same time, so that nothing stays owed. Whoever listens to
    `member_left` credits the invoice.
    """
    result = Result()
    deadline = dates.days_after(on, -lapse_days())
    unpaid = Period.objects.paying().unconfirmed().filter(pay_by__lt=deadline)
    unpaid = unpaid.filter(Q(ended_on__isnull=True) | Q(end_reason=EndReason.TRIAL_OVER))
    for period in _in_portions(unpaid.select_related("member", "type"), keys):
        with transaction.atomic():
            for row in [period, *period.carries.filter(ended_on__isnull=True).select_related("member", "type")]:
                last_on = row.ended_on or dates.day_before(on)
                periods.end(period=row, on=on, reason=EndReason.LAPSED, last_on=last_on)
            member_left.send(sender=Member, member=period.member, reason=EndReason.LAPSED, on=on, at=at)
        result.add("struck", _("%(name)s: struck off, should have paid by %(date)s") % _names(period, period.pay_by))
    return result


def _names(period: Period, day: date | None) -> dict[str, str]:
    return {"name": period.member.full_name, "date": day.isoformat() if day else ""}


def chain_start(rows: Iterable[Period]) -> date | None:
    """Return the first day of the latest unbroken chain of terms: what "member since" says. Void terms do not count."""
    start = previous_end = None
    for row in sorted(rows, key=lambda period: period.starts_on):
        if row.last_day is not None and row.last_day < row.starts_on:
            continue
        if start is None or previous_end is None or row.starts_on > dates.day_after(previous_end):
            start = row.starts_on
        previous_end = row.last_day or date.max
        if previous_end == date.max:
            break
    return start
