"""Unsubscribing. Opening the link changes nothing; the button, or the mail program's own (RFC 8058), does."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import Refused
from newsletter import subscriptions

_View = Callable[[HttpRequest, str], HttpResponse]
_TEMPLATE = "newsletter/unsubscribe.html"


def _answers_refusals(view: _View) -> _View:
    """A link that is not ours gets a sentence."""

    @wraps(view)
    def answered(request: HttpRequest, token: str) -> HttpResponse:
        try:
            return view(request, token)
        except Refused as refusal:
            return render(request, _TEMPLATE, {"refusal": refusal.sentence}, status=400)

    return answered


@csrf_exempt  # mail programs post without cookies; the signed link itself is what allows it
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_answers_refusals
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET and HEAD: a page with a button. POST: no more newsletters."""
    if request.method == "POST":
        subscriptions.unsubscribe(token=token, at=timezone.now())
        return render(request, _TEMPLATE, {"token": token, "step": "unsubscribed"})
    subscriptions.subscribers(token=token)
    return render(request, _TEMPLATE, {"token": token, "step": "ask"})


@never_cache
@require_POST
@_answers_refusals
def subscribe_again(request: HttpRequest, token: str) -> HttpResponse:
    """Undo, for those who did not mean it."""
    subscriptions.subscribe_again(token=token, at=timezone.now())
    return render(request, _TEMPLATE, {"token": token, "step": "subscribed"})
