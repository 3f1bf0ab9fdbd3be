"""Leaving: resigning, dying, being excluded. Each ends the running terms, and says so once."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from core import dates
from core.errors import Refused
from core.models import User
from membership import periods
from membership.models import Member, Period
from membership.signals import member_left

Reason = Period.EndReason


@transaction.atomic
def resign(*, member: Member, on: date, at: datetime, by: User | None = None) -> date:
    """Let a member go, as they asked: at once, or at the end of the term where the organisation has it so.

    Returns the last day of membership. What is unpaid is credited by those who listen. A term that is not paid ends
    at once in any case, and with it those of the household it should have paid for. Paid ones of the household run on,
    and renewal asks its next main member.
    """
    running = _running(member, on)
    if not running:
        raise Refused(_("%(name)s has no membership to leave."), code="no_membership",
                      params={"name": member.full_name})  # fmt: skip
    last_days = [on]
    unpaid_with_it: list[Period] = []
    for period in running:
        stays = settings.CLIENT.membership.leaving == "period_end" and period.confirmed_on and period.ends_on
        last_days.append(period.ends_on if stays and period.ends_on else on)
        periods.end(period=period, on=on, reason=Reason.RESIGNED, last_on=last_days[-1])
        unpaid_with_it += _unpaid_with(period)
    last_on = max(last_days)
    log(instance=member, action="membership.member.resigned", user=by, data={"last_on": last_on.isoformat()})
    member_left.send(sender=Member, member=member, reason=Reason.RESIGNED, on=on, at=at)
    for carried in unpaid_with_it:
        periods.end(period=carried, on=on, reason=Reason.RESIGNED, last_on=on)
        member_left.send(sender=Member, member=carried.member, reason=Reason.RESIGNED, periods=[carried], on=on, at=at)
    return last_on


@transaction.atomic
def record_death(*, member: Member, died_on: date, on: date, at: datetime, by: User | None = None) -> None:
    """Record that somebody died: the terms end, and nothing more is sent. Telling twice changes nothing.

    The household's terms run on; those that are not paid wait for its next main member until they are struck.
    """
    if member.died_on:
        return
    if died_on > on:
        raise Refused(_("The date of death is in the future. Check it."), code="future")
    for period in _running(member, died_on):
        periods.end(period=period, on=on, reason=Reason.DECEASED, last_on=died_on)
    member.died_on = died_on
    member.save(update_fields=["died_on"])
    log(instance=member, action="membership.member.died", user=by)
    member_left.send(sender=Member, member=member, reason=Reason.DECEASED, on=on, at=at)


@transaction.atomic
def exclude(*, member: Member, on: date, at: datetime, by: User | None, reason: str) -> None:
    """End somebody's membership by decision. The reason stands in the log. The household's terms run on, as after a
    death."""
    running = _running(member, on)
    if not running:
        raise Refused(_("%(name)s has no membership to end."), code="no_membership",
                      params={"name": member.full_name})  # fmt: skip
    for period in running:
        periods.end(period=period, on=on, reason=Reason.EXCLUDED, last_on=on)
    log(instance=member, action="membership.member.excluded", user=by, data={"reason": reason})
    member_left.send(sender=Member, member=member, reason=Reason.EXCLUDED, on=on, at=at)


def _unpaid_with(period: Period) -> list[Period]:
    """Household members' terms that the leaving member should have paid for, and has not."""
    if period.confirmed_on is not None:
        return []
    return list(period.carries.filter(ended_on__isnull=True).select_related("member", "type"))


def _running(member: Member, on: date) -> list[Period]:
    """Terms that run on the date or start later, and have not been ended."""
    rows = member.periods.select_related("type").filter(ended_on__isnull=True)
    return [period for period in rows if period.last_day is None or period.last_day >= dates.day_before(on)]
