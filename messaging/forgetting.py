"""Forgetting a recipient: the rows stay, so that a mailing's numbers still add up; nobody is in them."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat, Lower
from django.utils.translation import gettext_noop
from wagtail.models import ModelLogEntry

from messaging.models import Attempt, Bounce, Message, State, Suppression

ERASED = gettext_noop("The recipient is erased.")
NOBODY = "erased"  # the recipient of messages whose recipient is forgotten
_FROM_VISITORS = "contact_form"


@transaction.atomic
def forget(*, recipients: Collection[str], addresses: Collection[str], at: datetime) -> int:
    """Take every word, address and reference out of what was sent to these, and return how many messages that was.

    `recipients` are references like "member:42"; `addresses` those that nobody else has: with them go the bounces, the
    block, and what visitors wrote from there. What still waits to be sent is cancelled.
    """
    lowered = [address.lower() for address in addresses if address]
    unnamed = Message.objects.annotate(lowered=Lower("address")).filter(recipient_ref="", lowered__in=lowered)
    keys = [
        *Message.objects.filter(recipient_ref__in=recipients).values_list("pk", flat=True),
        *unnamed.values_list("pk", flat=True),
        *_written_from(lowered),
    ]
    _empty(Message.objects.filter(pk__in=keys), at)
    Attempt.objects.filter(message__in=keys).update(detail="")
    _unname_log(Message, keys)
    blocks = list(Suppression.objects.filter(address__in=lowered).values_list("pk", flat=True))
    Bounce.objects.filter(Q(address__in=lowered) | Q(message__in=keys)).delete()
    Suppression.objects.filter(pk__in=blocks).delete()
    ModelLogEntry.objects.filter(content_type=_type_of(Suppression), label__in=lowered).update(label="")
    return len(keys)


@transaction.atomic
def wipe_words(*, recipients: Collection[str], about: Iterable[str]) -> int:
    """Wipe the words of what was sent to these and speaks of one of the names. That and when it was sent stays."""
    speaks = Q(pk__in=[])
    for name in about:
        speaks |= Q(subject__contains=name) | Q(body_text__contains=name) | Q(body_html__contains=name)
    done = Message.objects.filter(recipient_ref__in=recipients).exclude(state__in=[State.QUEUED, State.SENDING])
    return done.filter(speaks).update(subject="", body_text="", body_html="")


def letters(*, until: date) -> QuerySet[Message]:
    """What visitors wrote to the office by the contact form until a day, and that is not forgotten yet."""
    sent = Message.objects.filter(kind=_FROM_VISITORS, queued_at__date__lte=until)
    return sent.exclude(recipient_ref=NOBODY).exclude(state__in=[State.QUEUED, State.SENDING])


@transaction.atomic
def forget_letters(*, until: date, at: datetime, most: int) -> int:
    """Empty so many of them, and return how many. That and when somebody wrote stays."""
    keys = list(letters(until=until).order_by("pk").values_list("pk", flat=True)[:most])
    _empty(Message.objects.filter(pk__in=keys), at)
    Attempt.objects.filter(message__in=keys).update(detail="")
    _unname_log(Message, keys)
    return len(keys)


def _empty(messages: QuerySet[Message], at: datetime) -> None:
    waits = Q(state=State.QUEUED)
    messages.update(
        recipient_ref=NOBODY,
        address="",
        subject="",
        body_text="",
        body_html="",
        values={},
        headers={},
        attachments=[],
        detail="",
        provider_id="",
        unique_key=Concat(Value("erased:"), Cast("pk", CharField())),
        reason=Case(When(waits, then=Value(ERASED)), default=F("reason")),
        state=Case(When(waits, then=Value(State.CANCELLED.value)), default=F("state")),
    )


def _written_from(addresses: Collection[str]) -> list[int]:
    """What visitors wrote to the office from these addresses. Few rows, so each is looked at."""
    if not addresses:
        return []
    rows = Message.objects.filter(kind=_FROM_VISITORS).exclude(headers={}).values_list("pk", "headers")
    return [key for key, headers in rows if str(headers.get("Reply-To", "")).lower() in addresses]


def _unname_log(model: type[Message], keys: Collection[int]) -> None:
    """The log's labels of messages name the address."""
    about = ModelLogEntry.objects.filter(content_type=_type_of(model), object_id__in=[str(key) for key in keys])
    about.update(label="")


def _type_of(model: type[Message] | type[Suppression]) -> ContentType:
    return ContentType.objects.get_for_model(model)
