"""What providers tell us by themselves: heard once, however often and in whatever order it is told."""

from datetime import datetime
from functools import partial

from django.db import transaction

from payments import tasks
from payments.models import ProviderEvent, ProviderPayment
from payments.providers.provider import Notice


@transaction.atomic
def hear(*, alias: str, notice: Notice, at: datetime) -> bool:
    """Remember what a genuine webhook says, and have the provider asked. Return whether it was news.

    Nothing it says is believed: only that there is something to ask about.
    """
    online = ProviderPayment.objects.filter(provider=alias, reference=notice.reference).first()
    if online is None:
        return False
    _event, is_new = ProviderEvent.objects.get_or_create(
        payment=online, event_id=notice.event_id[:255], defaults={"at": at, "kind": notice.kind[:80]}
    )
    if is_new:
        ProviderPayment.objects.filter(pk=online.pk).update(look_at=at)
        transaction.on_commit(partial(tasks.look_at_payment.enqueue, online.pk))
    return is_new
