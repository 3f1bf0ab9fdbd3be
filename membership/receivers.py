"""What we do when the registry or an earlier app reports: one write or one enqueue."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext_noop

from membership import mails, members_group
from membership.models import Member, Period
from membership.signals import member_left, period_confirmed, period_ended, periods_opened
from messaging import decisions

DECEASED = gettext_noop("The member is deceased.")


@receiver(periods_opened)
def open_members_pages(*, periods: Sequence[Period], on: date, **kwargs: Any) -> None:
    """Those who belong now may read the pages for members."""
    members_group.synchronise(on=on, log_ins=[period.member.user_id for period in periods if period.member.user_id])


@receiver([period_confirmed, period_ended])
def follow_membership(*, period: Period, on: date, **kwargs: Any) -> None:
    """A term was paid or ended: the pages for members open or close with it."""
    if period.member.user_id:
        members_group.synchronise(on=on, log_ins=[period.member.user_id])


@receiver(member_left)
def let_go(*, member: Member, reason: str, on: date, at: datetime, **kwargs: Any) -> None:
    """Close the pages for members, give those who left by themselves a receipt, and write to the dead no more."""
    if member.user_id:
        members_group.synchronise(on=on, log_ins=[member.user_id])
    if reason == Period.EndReason.RESIGNED:
        last = member.periods.filter(end_reason=Period.EndReason.RESIGNED).order_by("-ended_on").first()
        mails.resigned(member=member, last_on=last.ended_on if last and last.ended_on else on, at=at)
    if reason == Period.EndReason.DECEASED:
        decisions.cancel_waiting(recipient_ref=member.recipient_ref, at=at, reason=DECEASED)
