"""Unsubscribing with one click, and taking it back. The link in a newsletter is a signed text, never an address.

An e-mail address may be shared. Who unsubscribes there wants no more newsletters there, so everybody at the address
of the link's member is unsubscribed.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from core import tokens, web_addresses
from membership import consents
from membership.models import Consent, Member

_PURPOSE, _CHANNEL = "newsletter", "email"
_SOURCE = Consent.Source.UNSUBSCRIBE


def unsubscribe_address(member_pk: int) -> str:
    """The whole address of a member's unsubscribe page. It never grows too old."""
    return address_maker()(member_pk)


def address_maker() -> Callable[[int], str]:
    """What makes the unsubscribe addresses of many members: what they share is looked up once."""
    before, _token, after = web_addresses.of("unsubscribe", "token").rpartition("token")
    token = tokens.maker("unsubscribe")
    return lambda member_pk: before + token(member_pk) + after


def subscribers(*, token: str) -> list[Member]:
    """The members a link stands for: its own and those who share the address. Refuses a link that is not ours.

    An empty list means that the member has been erased since.
    """
    member = Member.objects.filter(pk=tokens.read("unsubscribe", token)).first()
    if member is None:
        return []
    same = Q(pk=member.pk) | Q(email__iexact=member.email) if member.email else Q(pk=member.pk)
    return list(Member.objects.filter(same).order_by("pk"))


@transaction.atomic
def unsubscribe(*, token: str, at: datetime) -> int:
    """Withdraw the consent to newsletters by e-mail. Returns how many members that changed; again changes nothing."""
    changed = [
        consents.record(member=m, purpose=_PURPOSE, channel=_CHANNEL, is_given=False, at=at, source=_SOURCE)
        for m in subscribers(token=token)
    ]
    return sum(consent is not None for consent in changed)


@transaction.atomic
def subscribe_again(*, token: str, at: datetime) -> int:
    """Undo: give the consent back to those who lost it through such a link, to the same words as before."""
    changed = 0
    for member in subscribers(token=token):
        events = member.consents.filter(purpose=_PURPOSE, channel=_CHANNEL).order_by("-at", "-pk")
        last, before = events.first(), events.filter(is_given=True).first()
        if last is None or before is None or last.is_given or last.source != _SOURCE:
            continue
        consents.record(member=member, purpose=_PURPOSE, channel=_CHANNEL, is_given=True, at=at, source=_SOURCE,
                        text=before.text)  # fmt: skip
        changed += 1
    return changed
