"""Where payments are registered by hand, somebody says how far they have looked: it counts like a bank file."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core import dates
from core.errors import Refused
from core.models import User
from payments.from_bank import freshness
from payments.models import BankLook


@transaction.atomic
def looked_through(*, until: date, at: datetime, by: User | None) -> BankLook:
    """Somebody has looked through the bank: every payment until that day, the day included, is registered.

    Refuses a day that has not come, and one before what is known already, which would say nothing.
    """
    if until > dates.day_of(at):
        raise Refused(_("That day is not here yet. Write the last day you have looked at."), code="in_the_future")
    known = freshness.last_bank_day()
    if known is not None and until < known:
        raise Refused(_("The bank is known until %(date)s already. Write a later day."), code="known_already",
                      params={"date": known.isoformat()})  # fmt: skip
    look = BankLook.objects.create(until=until, said_at=at, said_by=by)
    log(instance=look, action="payments.looked_through", user=by, data={"until": until.isoformat()})
    return look
