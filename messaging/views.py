"""The outbox on one's own machine: what would have been sent, with its links and codes. Only with DEBUG."""

import re

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from messaging.email import mime
from messaging.models import Message

_NEWEST = 50
_LINK = re.compile(r"https?://[^\s<>\"']+")
_CODE = re.compile(r"(?m)^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$")


@never_cache
def outbox(request: HttpRequest) -> HttpResponse:
    """The newest messages with the links and codes in them, so that a newcomer can confirm joining and log in."""
    _only_in_development()
    messages = Message.objects.select_related("wording").order_by("-pk")[:_NEWEST]
    rows = [{"message": message, **_shortcuts(mime.text_of(message))} for message in messages]
    return render(request, "messaging/outbox.html", {"rows": rows, "folder": settings.VAR_DIR / "mail"})


@never_cache
def outbox_message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message as its recipient sees it: the HTML in a frame that runs and loads nothing, and the plain text."""
    _only_in_development()
    message = get_object_or_404(Message.objects.select_related("wording"), pk=pk)
    text = mime.text_of(message)
    context = {"message": message, "subject": mime.subject_of(message), "text": text, **_shortcuts(text)}
    return render(request, "messaging/outbox_message.html", context)


def _shortcuts(text: str) -> dict[str, list[str]]:
    return {"links": list(dict.fromkeys(_LINK.findall(text))), "codes": _CODE.findall(text)}


def _only_in_development() -> None:
    if not settings.DEBUG:
        raise Http404
