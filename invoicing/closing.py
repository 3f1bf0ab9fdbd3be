"""Closing a year of the books: from then on nothing is issued, paid or undone with a date in it.

What must be in order before is asked of everybody who keeps a part of the books, with the Wagtail hook
`year_closing_hindrance`: a function of the year that yields a sentence for each thing that stands in the way.
"""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.log_actions import log

from core.dates import day_of
from core.errors import Refused
from core.models import User
from invoicing.models import ClosedYear


def refuse_closed(on: date) -> None:
    """Refuse a date in a closed year. Whoever writes a row with a date into the books asks this first."""
    if is_closed(on.year):
        raise Refused(
            _("%(year)s is closed in the books. Choose a date in an open year, or ask an administrator to open it "
              "again."),
            params={"year": on.year}, code="closed",
        )  # fmt: skip


def is_closed(year: int) -> bool:
    """Whether nothing can be booked in the year any more."""
    return ClosedYear.objects.filter(year=year, opened_at=None).exists()


def hindrances(year: int, *, today: date) -> list[str]:
    """What stands in the way of closing the year, a sentence each; none when it can be closed."""
    if year >= today.year:
        return [_("%(year)s is not over yet.") % {"year": year}]
    return [sentence for ask in hooks.get_hooks("year_closing_hindrance") for sentence in ask(year)]


@transaction.atomic
def close(*, year: int, figures: dict[str, Any], at: datetime, by: User) -> ClosedYear:
    """Close a year. `figures` is what the books say of it now; the ledger check compares with it ever after.

    Refuses a year that is closed already, and one with something in the way.
    """
    if in_the_way := hindrances(year, today=day_of(at)):
        raise Refused(" ".join(in_the_way), code="hindered")
    try:
        with transaction.atomic():
            closed = ClosedYear.objects.create(year=year, figures=figures, closed_at=at, closed_by=by)
    except IntegrityError:
        raise Refused(_("%(year)s is closed already."), params={"year": year}, code="closed_already") from None
    log(instance=closed, action="invoicing.year_closed", user=by)
    return closed


@transaction.atomic
def open_again(*, year: int, reason: str, at: datetime, by: User) -> None:
    """Open a closed year, because something has to be put right. Refuses without a reason: the auditor reads it."""
    if not reason.strip():
        raise Refused(_("Write why the year is opened again: the auditor will ask."), code="no_reason")
    closed = ClosedYear.objects.select_for_update().filter(year=year, opened_at=None).first()
    if closed is None:
        raise Refused(_("%(year)s is open."), params={"year": year}, code="is_open")
    closed.opened_at, closed.opened_by, closed.reason = at, by, reason.strip()[:250]
    closed.save(update_fields=["opened_at", "opened_by", "reason"])
    log(instance=closed, action="invoicing.year_opened", user=by)
