"""One message in the office: its words, every attempt, why it did or did not go, and what can be decided about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages as notices
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import visibility
from core.errors import Refused
from core.who import person
from messaging import decisions, pauses, policies, readable, suppression
from messaging.models import Message, Pause, Suppression
from messaging.recipients import recipient_of
from messaging.views import framed

_may_see = permission_required("messaging.view_message", raise_exception=True)
_may_decide = permission_required("messaging.change_message", raise_exception=True)


def _messages(request: HttpRequest) -> "QuerySet[Message]":
    """Those that the log-in may know of."""
    return visibility.visible_to(request.user, Message.objects.all())


@never_cache
@require_safe
@_may_see
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one message."""
    found = get_object_or_404(_messages(request).select_related("wording"), pk=pk)
    may_decide = request.user.has_perm("messaging.change_message")
    context = _about(found, may_decide=may_decide) | {"recipient": recipient_of(request, found)}
    return render(request, "messaging/office/message.html", context)


@never_cache
@require_safe
@_may_see
def words(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML of a message, for the sandboxed frame of its page."""
    found = get_object_or_404(_messages(request).select_related("wording"), pk=pk)
    return framed(readable.html(found))


@require_POST
@_may_decide
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, decisions.send_again, _("The message is in the queue again."))


@require_POST
@_may_decide
def regard_as_sent(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, decisions.regard_as_sent, _("The message is regarded as sent."))


@require_POST
@_may_decide
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, decisions.cancel, _("The message will not be sent."))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_may_decide
@visibility.for_those_who_see_everything
def decide_all(request: HttpRequest, kind: str) -> HttpResponse:
    """Decide about all unknown messages of a kind; their number is typed to say that all of them are meant."""
    typed, refusal = request.POST.get("count", "").strip(), ""
    if request.method == "POST":
        again = request.POST.get("decision") == "send_again"
        number = int(typed) if typed.isdecimal() and len(typed) < 10 else -1
        try:
            done = decisions.decide_all(kind=kind, again=again, expected=number, by=person(request), at=timezone.now())
        except Refused as error:
            refusal = error.sentence
        else:
            notices.success(request, _("Decided for %(count)d messages.") % {"count": done})
            return redirect("messages_modeladmin_index")
    count = Message.objects.undecided().filter(kind=kind).count()
    context = {"kind": kind, "name": policies.name(kind), "count": count, "typed": typed, "refusal": refusal}
    return render(request, "messaging/office/decide_all.html", context, status=422 if refusal else 200)


@require_POST
@_may_decide
@visibility.for_those_who_see_everything
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a paused channel send again."""
    pause = Pause.objects.filter(pk=pk).first()
    if pause is not None:
        pauses.resume(pause=pause, by=person(request), at=timezone.now())
    notices.success(request, _("Sending goes on."))
    return redirect("messages_modeladmin_index")


@never_cache
@require_safe
@permission_required("messaging.view_suppression", raise_exception=True)
def blocked_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Why nothing is sent to an address, and the button that lifts it."""
    row = get_object_or_404(visibility.visible_to(request.user, Suppression.objects.all()), pk=pk)
    context = {"row": row, "may_decide": request.user.has_perm("messaging.change_message")}
    return render(request, "messaging/office/blocked_address.html", context)


@require_POST
@_may_decide
def unblock(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(visibility.visible_to(request.user, Suppression.objects.all()), pk=pk)
    suppression.lift(row=row, by=person(request))
    notices.success(request, _("Messages go to %(address)s again from now on.") % {"address": row.address})
    return redirect("blocked-addresses_modeladmin_index")


def _decide(request: HttpRequest, pk: int, decision: Callable[..., None], done: str) -> HttpResponse:
    found = get_object_or_404(_messages(request), pk=pk)
    try:
        decision(message=found, by=person(request), at=timezone.now())
    except Refused as refusal:
        notices.error(request, refusal.sentence)
    else:
        notices.success(request, done)
    return redirect(reverse("messaging_message", args=[pk]))


def _about(found: Message, *, may_decide: bool) -> dict[str, Any]:
    is_secret = readable.is_secret(found)
    return {
        "message": found,
        "kind": policies.name(found.kind),
        "subject": readable.subject(found),
        "text": readable.text(found),
        "has_html": bool(readable.html(found)),
        "is_secret": is_secret,
        "attempts": found.attempts.all(),
        "may_send_again": may_decide and not is_secret and found.state in decisions.MAY_SEND_AGAIN,
        "may_regard_as_sent": may_decide and found.state in decisions.MAY_REGARD_AS_SENT,
        "may_cancel": may_decide and found.state in decisions.MAY_CANCEL,
    }
