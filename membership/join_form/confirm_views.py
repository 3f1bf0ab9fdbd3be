"""The link in the confirmation mail. Opening it changes nothing, for mail programs open links too; the button does."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core import money, tokens
from core.errors import Refused
from membership import applications, joining
from membership.join_form import summary, welcome
from membership.mails import CONFIRM_APPLICATION
from membership.models import Application, JoinPage

State = Application.State


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the press on the button; then say what came of it, as often as the page is opened within the week."""
    at = timezone.localtime()
    try:
        application = _application(token)
        _refuse_old(application, at - applications.CONFIRM_WITHIN)
        if request.method == "POST":
            applications.confirm(application=application, at=at)
            return HttpResponseRedirect(request.path)
    except Refused as refused:
        return render(request, "membership/join/link_refused.html", _refusal(refused), status=410)
    match application.state:
        case State.UNCONFIRMED:
            return render(request, "membership/join/confirm.html", _question(application))
        case State.AWAITING_APPROVAL:
            return render(request, "membership/join/awaiting.html", {"application": application})
    joined = welcome.joined(application=application, request=request, on=at.date())
    return render(request, "membership/join/joined.html", {"application": application, "joined": joined})


def _application(token: str) -> Application:
    """The application of a link. Refuses a link that was cut off, or whose application is gone."""
    key = tokens.read(CONFIRM_APPLICATION, token)
    found = Application.objects.select_related("wanted_type", "main_member", "campaign").filter(pk=key).first()
    if found is None:
        raise _old()
    return found


def _refuse_old(application: Application, oldest: Any) -> None:
    if application.state in {State.EXPIRED, State.REFUSED} or application.sent_at < oldest:
        raise _old()


def _old() -> Refused:
    return Refused(
        _("This link is older than seven days, or it has been dealt with. Fill in the form again, or log in if you are "
          "a member already."),
        code="old_link",
    )  # fmt: skip


def _refusal(refused: Refused) -> dict[str, Any]:
    page = JoinPage.objects.live().first()
    return {"sentence": refused.sentence, "join_again_url": page.url if page else ""}


def _question(application: Application) -> dict[str, Any]:
    """Who is about to join, and what it costs."""
    people = applications.people_of(application)
    on = timezone.localtime(application.sent_at).date()
    quotes = joining.preview(people=people, wanted_type=application.wanted_type, on=on, campaign=application.campaign)
    return {
        "application": application,
        "people": people,
        "total": summary.price(sum((quote.amount for quote in quotes), money.ZERO)),
        "needs_approval": settings.CLIENT.membership.approval,
    }
