"""What we do when the registry or an earlier app reports: one write or one enqueue."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext_noop

from membership import mails, members_group, seats, tasks
from membership.models import Member, Period
from membership.signals import member_joined, member_left, period_confirmed, period_ended, periods_opened
from messaging import decisions

DECEASED = gettext_noop("The member is deceased.")


@receiver(periods_opened)
def open_members_pages(*, periods: Sequence[Period], on: date, **kwargs: Any) -> None:
    """Those who belong now may read the pages for members."""
    members_group.synchronise(on=on, log_ins=_log_ins([period.member for period in periods]))


@receiver([period_confirmed, period_ended])
def follow_membership(*, period: Period, on: date, **kwargs: Any) -> None:
    """A term was paid or ended: the pages for members open or close with it."""
    if log_ins := _log_ins([period.member]):
        members_group.synchronise(on=on, log_ins=log_ins)


@receiver(member_left)
def let_go(*, member: Member, reason: str, on: date, at: datetime, **kwargs: Any) -> None:
    """Close the pages for members, give those who left by themselves a receipt, and write to the dead no more."""
    if log_ins := _log_ins([member]):
        members_group.synchronise(on=on, log_ins=log_ins)
    if reason == Period.EndReason.RESIGNED:
        last = member.periods.filter(end_reason=Period.EndReason.RESIGNED).order_by("-ended_on").first()
        mails.resigned(member=member, last_on=last.ended_on if last and last.ended_on else on, at=at)
    if reason == Period.EndReason.DECEASED:
        seats.let_go(member=member, on=on)
        decisions.cancel_waiting(recipient_ref=member.recipient_ref, at=at, reason=DECEASED)


def _log_ins(members: Sequence[Member]) -> list[int]:
    """The log-ins whose rights these members' terms decide: their own, and those of an organisation's seats."""
    organisations = [member.pk for member in members if not member.is_person]
    through = seats.log_ins_through(organisation_ids=organisations) if organisations else []
    return [member.user_id for member in members if member.user_id] + through


@receiver(member_joined)
def look_for_duplicates(*, members: Sequence[Member], **kwargs: Any) -> None:
    """Somebody joined: see whether they were in the registry already."""
    tasks.look_for_duplicates.enqueue([member.pk for member in members])
