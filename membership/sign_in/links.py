"""Log-in links: sent by the office, opened as often as one likes, used once by the button on their page."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core import tokens
from core.errors import Refused
from core.models import User
from membership import mails
from membership.models import Member
from messaging.models import Message

PURPOSE = "log_in_link"
VALID_SECONDS = 7 * 24 * 3600


def token_for(user: User) -> str:
    """The text of a link. It ends with the next log-in, and with a new address."""
    return tokens.make(PURPOSE, [user.pk, user.email, _last_login(user)])


def _last_login(user: User) -> str:
    return user.last_login.isoformat() if user.last_login else ""


@transaction.atomic
def send(*, member: Member, at: datetime, by: User | None) -> Message:
    """Send a member a link to log in with. Refuses when there is no log-in or nobody to send to.

    It goes to the log-in's own address, never to another. Remembers when, so that a bulk sending passes them over.
    """
    user = member.user
    if member.died_on:
        raise Refused(_("%(name)s has died. Nothing is sent.") % {"name": member.full_name}, code="deceased")
    if user is None or not user.email:
        raise Refused(
            _("%(name)s has no e-mail address to send to. Write one first.") % {"name": member.full_name},
            code="no_email",
        )
    if not user.is_active:
        raise Refused(_("The log-in of %(name)s is closed.") % {"name": member.full_name}, code="closed")
    member.login_link_sent_at = at
    member.save(update_fields=["login_link_sent_at"])
    log(instance=member, action="membership.member.login_link_sent", user=by)
    return mails.log_in_link(member=member, address=user.email, token=token_for(user), at=at)


def read(*, token: str) -> User:
    """Return whose link it is. Changes nothing: opening a link is not using it. Refuses one that is old or used."""
    pk, email, last_login = tokens.read(PURPOSE, token, max_age_seconds=VALID_SECONDS)
    user = User.objects.filter(pk=pk, email=email, is_active=True).first()
    if user is None or _last_login(user) != last_login:
        raise Refused(_("This link has been used. Ask for a new one."), code="used_link")
    return user
