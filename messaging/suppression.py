"""Addresses that nothing more is sent to, with the reason the office sees."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_noop
from wagtail.log_actions import log

from messaging import signals
from messaging.models import Bounce, Message, Suppression

if TYPE_CHECKING:
    from core.models import User

BOUNCES_TO_SUPPRESS = 3
BOUNCED_TOO_OFTEN = gettext_noop("The address was refused three times.")


def suppress(address: str, *, reason: str, at: datetime) -> Suppression:
    """Send nothing more to this address. `reason` is English and marked with `gettext_noop`; the first one stays."""
    row, is_new = Suppression.objects.get_or_create(address=address.lower(), defaults={"reason": reason, "at": at})
    if is_new:
        signals.address_suppressed.send(Suppression, address=row.address, reason=row.reason, at=at)
    return row


def is_suppressed(address: str) -> bool:
    """True if nothing may be sent there."""
    return bool(reason_for(address))


def reason_for(address: str) -> str:
    """Why nothing is sent there, in English; empty when something may."""
    found = Suppression.objects.filter(address=address.lower()).values_list("reason", flat=True).first()
    return found or ""


def all_reasons() -> dict[str, str]:
    """Every suppressed address in lower case, and why: for a run over many recipients."""
    return dict(Suppression.objects.values_list("address", "reason"))


def lift(*, row: Suppression, by: "User") -> None:
    """Send to this address again, and forget its old bounces. Raises PermissionDenied without the right."""
    if not by.has_perm("messaging.change_message"):
        raise PermissionDenied
    with transaction.atomic():
        log(instance=row, action="messaging.unblock", user=by)
        Bounce.objects.filter(address=row.address).delete()
        row.delete()


def record_bounce(*, message: Message, detail: str, at: datetime) -> None:
    """Remember that the address was refused; the third time it is suppressed.

    Three different messages, so that one day's full mailbox silences nobody.
    """
    address = message.address.lower()
    Bounce.objects.create(message=message, address=address, at=at, detail=detail)
    signals.message_bounced.send(Message, message=message, at=at)
    if Bounce.objects.filter(address=address).count() >= BOUNCES_TO_SUPPRESS:
        suppress(address, reason=BOUNCED_TOO_OFTEN, at=at)
