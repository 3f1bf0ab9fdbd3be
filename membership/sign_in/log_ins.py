"""Who may log in, and which log-in somebody means by what they type.

An e-mail address, a user name, a member number or a mobile number: all lead to one `core.User`, or to nobody. Nobody
is also the answer for those who may not come in, so that no page says more about them than about strangers.
"""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.errors import Refused
from core.models import User
from membership import phones
from membership.models import Member

DEMO_DOMAIN = "@demo.example"


def find(identifier: str) -> User | None:
    """The log-in that this identifies, if it may be used; spaces and letter case do not count.

    A mobile number that several log-ins share identifies nobody: a code for one would open another's page.
    """
    text = identifier.strip()
    if not text or len(text) > 254:
        return None
    for candidate in (_by_name, _by_member_number, _by_mobile):
        user = candidate(text)
        if user is not None:
            return user if may_log_in(user) else None
    return None


def may_log_in(user: User) -> bool:
    """Whether the log-in is open: not closed by the office, and not only a dead person's."""
    if not user.is_active:
        return False
    members = list(user.members.values_list("died_on", flat=True))
    return user.is_staff or not members or None in members


def refuse_demo(identifier: str) -> None:
    """Refuse the demo's log-ins, whose passwords everybody knows, on a site in use."""
    if not settings.DEBUG and identifier.strip().casefold().endswith(DEMO_DOMAIN):
        raise Refused(
            _("This log-in belongs to the demo and does not work here. Log in with your own address or number."),
            code="demo",
        )


@transaction.atomic
def keep_address(user: User) -> None:
    """Let allauth know the log-in's address as the confirmed one, and no other log-in's as it.

    The registry decides who has which address; allauth's own table follows at every log-in.
    """
    if not user.email:
        return
    address = user.email.lower()
    EmailAddress.objects.filter(email=address).exclude(user=user).delete()
    EmailAddress.objects.filter(user=user, primary=True).exclude(email=address).update(primary=False)
    EmailAddress.objects.update_or_create(user=user, email=address, defaults={"primary": True, "verified": True})


def _by_name(text: str) -> User | None:
    if "@" in text and (user := User.objects.filter(email__iexact=text).first()):
        return user
    found = list(User.objects.filter(username__iexact=text)[:2])
    return found[0] if len(found) == 1 else None


def _by_member_number(text: str) -> User | None:
    """By the number, also one that a merge has given to another entry."""
    return _only(Member.objects.numbered("".join(text.split())[:20]))


def _by_mobile(text: str) -> User | None:
    try:
        number = phones.to_e164(text)
    except Refused:
        return None
    return _only(Member.objects.alive().filter(mobile=number))


def _only(members: QuerySet[Member]) -> User | None:
    """The one active log-in of these members; none if there are several."""
    users = User.objects.filter(is_active=True, members__in=members).distinct()[:2]
    return users[0] if len(users) == 1 else None
