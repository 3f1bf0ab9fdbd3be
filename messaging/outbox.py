"""Putting messages into the outbox. Whoever has something to say calls `queue`; sending happens later, in the worker.

Nothing is sent here, and nothing is refused because of the address: a message that must not or cannot go is stored as
well, with the reason, so that the office can see why somebody got nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.errors import Refused
from core.inserts import insert_values
from messaging import addresses, doorbell, policies, suppression
from messaging.models import Channel, Message, State, Wording
from messaging.rendering import Words, inline_styles, one_line, render
from messaging.sms import segments

NO_ADDRESS = gettext_noop("There is no address to send to.")
UNUSABLE_ADDRESS = gettext_noop("The address cannot be right: check it and correct it.")
WAITING_FOR_ATTACHMENT = gettext_noop("It waits for an attachment that is still being made: %(detail)s.")
_ROWS_AT_ONCE = 500
_LINE_BREAK = re.compile(r"[\r\n]")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One message of a large run. Either words of its own, or a shared `wording` and the values that go into it.

    With `suppressed_because` (English, marked with `gettext_noop`) it is stored as not sent, for that reason.
    """

    kind: str
    recipient_ref: str
    address: str
    language: str
    unique_key: str
    words: Words | None = None
    wording: Wording | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    attachments: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0
    channel: str = Channel.EMAIL
    template: str = ""
    suppressed_because: str = ""


def queue(
    *,
    template: str,
    kind: str,
    recipient_ref: str,
    address: str,
    language: str,
    at: datetime,
    unique_key: str,
    context: dict[str, Any] | None = None,
    channel: str = Channel.EMAIL,
    attachments: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
    priority: int = 0,
    due_at: datetime | None = None,
) -> Message:
    """Render `templates/mail/<template>/` in `language`, store the words and ring for the worker after the commit.

    `unique_key` names the event ("invoice-issued:42"): a second call with it changes nothing and returns the first
    message, also when two processes call at once. An empty, impossible or suppressed address gives a message in state
    *suppressed* with its reason. `attachments` are references such as "invoice:42" (attachments.py). `due_at` holds
    the message back until then.
    """
    existing = Message.objects.filter(unique_key=unique_key).first()
    if existing:
        return existing
    draft = Draft(
        kind=kind,
        recipient_ref=recipient_ref,
        address=address,
        language=language,
        unique_key=unique_key,
        words=render(template, context=context or {}, language=language, channel=channel),
        attachments=attachments,
        headers=headers or {},
        priority=priority,
        channel=channel,
        template=template,
    )
    return queue_words(draft=draft, at=at, due_at=due_at)


def queue_words(*, draft: Draft, at: datetime, due_at: datetime | None = None) -> Message:
    """Store one message whose words are ready. Same promises as `queue`."""
    wanted = _values(draft, at=at, blocked=suppression.reason_for(draft.address.strip()), due_at=due_at)
    message, is_new = Message.objects.get_or_create(unique_key=draft.unique_key, defaults=wanted)
    if is_new and message.state == State.QUEUED:
        doorbell.ring(at=at)
    return message


def queue_many(*, rows: Iterable[Draft], at: datetime) -> int:
    """Store many messages; return how many were not there before. Rows whose key is known are left as they are.

    The rows may be a generator: they are taken in portions. For runs with one row a recipient (newsletters, renewal).
    """
    blocked = suppression.all_reasons()
    new = 0
    for portion in batched(rows, _ROWS_AT_ONCE):
        drafts: dict[str, Draft] = {}
        for draft in portion:
            drafts.setdefault(draft.unique_key, draft)
        known = set(Message.objects.filter(unique_key__among=drafts).values_list("unique_key", flat=True))
        fresh = [
            _values(draft, at=at, blocked=blocked.get(draft.address.strip().lower(), ""))
            for key, draft in drafts.items()
            if key not in known
        ]
        _store(fresh)
        new += len(fresh)
    if new:
        doorbell.ring(at=at)
    return new


def _store(fresh: Sequence[Mapping[str, Any]]) -> None:
    """Insert many messages by the fast way. Another process may have stored one of their keys since we looked: then
    they go in by the way on which the database keeps the first of each."""
    if not fresh:
        return
    columns = {name: [values[name] for values in fresh] for name in fresh[0]}
    try:
        with transaction.atomic():
            insert_values(Message, shared={}, own=columns)
    except IntegrityError:
        Message.objects.bulk_create([Message(**values) for values in fresh], ignore_conflicts=True)


def store_wording(*, key: str, subject: str, text: str, html: str = "") -> Wording:
    """Store words that many messages share, once per `key`; the style sheet of the HTML is inlined here.

    `[[name]]` in any of the three is replaced by the message's value of that name when it is sent.
    """
    wording, _is_new = Wording.objects.get_or_create(
        key=key,
        defaults={
            "subject": one_line(subject)[:500],
            "body_text": text,
            "body_html": inline_styles(html) if html else "",
        },
    )
    return wording


def attachment_ready(reference: str, *, at: datetime) -> int:
    """Say that an attachment can be made now: the messages that wait for it go at once. Returns how many."""
    waiting = Message.objects.filter(state=State.QUEUED, reason=WAITING_FOR_ATTACHMENT, detail=reference)
    hastened = waiting.update(due_at=None, reason="", detail="")
    if hastened:
        doorbell.ring(at=at)
    return hastened


def _values(draft: Draft, *, at: datetime, blocked: str, due_at: datetime | None = None) -> dict[str, Any]:
    """The row a draft becomes, queued or suppressed with its reason, as the values of a message's fields.

    No message is made of it: of a hundred thousand recipients that would be a good part of the time.
    """
    words = draft.words or Words(text="")
    address = addresses.tidy(draft.address, channel=draft.channel)
    reason = draft.suppressed_because or _obstacle(address, draft.channel) or blocked
    for name, value in draft.headers.items():
        if _LINE_BREAK.search(name + value):
            raise Refused(_("The heading %(name)s of an e-mail must be one line."), params={"name": name}, code="lines")
    return {
        "channel": draft.channel,
        "kind": draft.kind,
        "template": draft.template,
        "recipient_ref": draft.recipient_ref,
        "address": address[:320],
        "language": draft.language,
        "unique_key": draft.unique_key,
        "subject": one_line(words.subject)[:500],
        "body_text": words.text,
        "body_html": words.html,
        "wording_id": draft.wording.pk if draft.wording else None,
        "values": {name: str(value) for name, value in draft.values.items()},
        "headers": dict(draft.headers),
        "attachments": list(draft.attachments),
        "state": State.SUPPRESSED if reason else State.QUEUED,
        "reason": reason,
        "segments": segments.count(words.text).segments if draft.channel == Channel.SMS else 0,
        "priority": draft.priority or policies.of(draft.kind).priority,
        "queued_at": at,
        "due_at": due_at,
    }


def _obstacle(address: str, channel: str) -> str:
    """What is wrong with the address, in English; empty if it can be used. Letters need no electronic address."""
    if channel == Channel.LETTER:
        return ""
    if not address or _stands_for_none(address):
        return NO_ADDRESS
    return "" if addresses.is_usable(address, channel=channel) else UNUSABLE_ADDRESS


def _stands_for_none(address: str) -> bool:
    """True for addresses at the client's `nomail_domain`: they were only made up where a register demanded one."""
    domain = settings.CLIENT.membership.nomail_domain
    return bool(domain) and address.lower().endswith(f"@{domain.lower()}")
