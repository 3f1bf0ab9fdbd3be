"""The mails of the log-in (codes, resets, notices), sent through the outbox like all others.

allauth's adapter calls `queue_account_mail` where it would send by itself:

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        queue_account_mail(template_prefix=template_prefix, email=email, context=context,
                           language=get_language() or settings.LANGUAGE_CODE, at=timezone.now())

The words are ours where `templates/mail/<name>/` exists ("account/email/login_code" is `mail/login_code`), else
allauth's plain texts.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from messaging.models import Message
from messaging.outbox import Draft, queue_words
from messaging.rendering import Words, render, render_plain

_LETS_SOMEBODY_IN: Final = ("code", "key", "confirm")


def queue_account_mail(
    *, template_prefix: str, email: str, context: Mapping[str, Any], language: str, at: datetime
) -> Message:
    """Queue one mail about a log-in. Each call is a new message: every code is another one.

    What carries a code or a link is of kind "login_code": urgent, hidden from the office, wiped after an hour.
    """
    name = template_prefix.rpartition("/")[2]
    user = context.get("user")
    draft = Draft(
        kind="login_code" if any(word in name for word in _LETS_SOMEBODY_IN) else "account_notice",
        recipient_ref=f"user:{user.pk}" if user is not None and user.pk else "",
        address=email,
        language=language,
        unique_key=f"account:{name}:{uuid4().hex}",
        words=_words(template_prefix, name, context, language),
        template=name,
    )
    return queue_words(draft=draft, at=at)


def _words(template_prefix: str, name: str, context: Mapping[str, Any], language: str) -> Words:
    try:
        get_template(f"mail/{name}/subject.txt")
    except TemplateDoesNotExist:
        return Words(
            subject=render_plain(f"{template_prefix}_subject.txt", context=context, language=language),
            text=render_plain(f"{template_prefix}_message.txt", context=context, language=language),
        )
    return render(name, context=context, language=language)
