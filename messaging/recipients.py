"""Who a message is to, in words. Messages name their recipient by a key ("member:42"), so later apps say who that is,
with the Wagtail hook `message_recipient`:

@hooks.register("message_recipient")
def member(request: HttpRequest, kind: str, pk: int) -> Recipient | None:
    return Recipient(name=…, url=…) if kind == "member" else None
"""

from dataclasses import dataclass

from django.http import HttpRequest
from wagtail import hooks

from messaging.models import Message


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Somebody the log-in may know of, and where the office sees more of them."""

    name: str
    url: str


def recipient_of(request: HttpRequest, message: Message) -> Recipient | None:
    """Who this message is to, or nothing when that is nobody in the registry or nobody the log-in may know of."""
    kind, _colon, key = message.recipient_ref.partition(":")
    if not key.isdecimal():
        return None
    found = (hook(request, kind, int(key)) for hook in hooks.get_hooks("message_recipient"))
    return next((recipient for recipient in found if recipient), None)
