"""How many parts of SMS were asked for in a calendar month, and how many the client still allows: each costs money."""

from datetime import datetime

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from messaging.models import Channel, Message, State

_NEVER_SENT = (State.SUPPRESSED, State.CANCELLED)


def parts_this_month(*, at: datetime) -> int:
    """Parts sent or waiting to be sent since the first of the month, on the organisation's own calendar."""
    first = timezone.localtime(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = Message.objects.filter(channel=Channel.SMS, queued_at__gte=first).exclude(state__in=_NEVER_SENT)
    return int(rows.aggregate(sum=Sum("segments"))["sum"] or 0)


def parts_left(*, at: datetime) -> int | None:
    """Parts that may still be asked for this month; None where there is no limit."""
    cap = settings.CLIENT.messaging.sms_monthly_cap
    return max(0, cap - parts_this_month(at=at)) if cap else None
