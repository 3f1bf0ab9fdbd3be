"""The outbox on one's own machine: what would have been sent, with its links and codes. Only with DEBUG."""

import re
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.csp import CSP
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from messaging.email import mime
from messaging.models import Message

_NEWEST = 50
_LINK = re.compile(r"https?://[^\s<>\"']+")
_CODE = re.compile(r"(?m)^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$")


# A mail is HTML with styles of its own: in its frame nothing runs, nothing is fetched, nothing is sent.
FRAME_POLICY = "; ".join(
    ["sandbox", "default-src 'none'", "style-src 'unsafe-inline'", "img-src 'self' data:", "frame-ancestors 'self'"]
)


@never_cache
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """The newest messages with the links and codes in them, so that a newcomer can confirm joining and log in."""
    _only_in_development()
    newest = Message.objects.select_related("wording").order_by("-pk")[:_NEWEST]
    rows = [{"message": message, **_content(message)} for message in newest]
    return render(request, "messaging/outbox.html", {"rows": rows, "folder": settings.VAR_DIR / "mail"})


@never_cache
@require_safe
def outbox_message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message as its recipient sees it: the HTML in a sandboxed frame, and the plain text."""
    _only_in_development()
    message = get_object_or_404(Message.objects.select_related("wording"), pk=pk)
    context = {"message": message, "has_html": bool(mime.html_of(message)), **_content(message)}
    return render(request, "messaging/outbox_message.html", context)


@never_cache
@require_safe
def outbox_words(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML of one message, for the frame."""
    _only_in_development()
    return framed(mime.html_of(get_object_or_404(Message.objects.select_related("wording"), pk=pk)))


def framed(markup: str) -> HttpResponse:
    """Somebody else's HTML, for a frame in which it can do nothing."""
    response = HttpResponse(markup)
    response[CSP.HEADER_ENFORCE.value] = FRAME_POLICY
    return response


def _content(message: Message) -> dict[str, Any]:
    text = mime.text_of(message)
    links = list(dict.fromkeys(_LINK.findall(text)))
    return {"subject": mime.subject_of(message), "text": text, "links": links, "codes": _CODE.findall(text)}


def _only_in_development() -> None:
    if not settings.DEBUG:
        raise Http404
