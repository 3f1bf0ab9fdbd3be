"""What the editor sees of sending: the page before it, and the page of each mailing after it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import Refused
from core.models import User
from messaging.models import State
from newsletter import audiences, mailings
from newsletter.forms import SendForm
from newsletter.models import Mailing, NewsletterPage


def send(request: HttpRequest, page_id: int) -> HttpResponse:
    """Who would get the newsletter, and the form that sends it."""
    page = _page(request, page_id)
    at = timezone.now()
    size = audiences.size(page=page, on=timezone.localdate())
    form = SendForm(request.POST or None, mails=size.mails)
    if request.method == "POST" and form.is_valid():
        try:
            mailing = mailings.prepare(page=page, at=at, by=_user(request))
        except Refused as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("newsletter_mailing", mailing.pk)
    sent = list(page.mailings.select_related("by"))
    context = {
        "page": page,
        "form": form,
        "size": size,
        "audience": audiences.describe(page),
        "sent": sent,
        "is_sent": any(mailing.edition == page.edition for mailing in sent),
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_explore", args=[page.get_parent().pk]), "label": page.get_parent().title},
            {"url": reverse("wagtailadmin_pages:edit", args=[page.pk]), "label": page.title},
            {"url": "", "label": _("Send by e-mail")},
        ],
    }
    return TemplateResponse(request, "newsletter/office/send.html", context)


@require_POST
def send_test(request: HttpRequest, page_id: int) -> HttpResponse:
    """Send the newsletter to oneself."""
    page = _page(request, page_id)
    user = _user(request)
    if not user.email:
        messages.error(request, _("Your log-in has no e-mail address. Add one under your account, then try again."))
    else:
        message = mailings.send_test(page=page, to=user, at=timezone.now())
        if message.state == State.SUPPRESSED:
            messages.error(request, message.why)
        else:
            messages.success(request, _("A test is on its way to %(address)s.") % {"address": user.email})
    return redirect("newsletter_send", page.pk)


def mailing(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """How a mailing goes: how many are queued, sent, failed… Each number leads to its messages."""
    _allow(request, "newsletter.view_mailing")
    found = get_object_or_404(Mailing.objects.select_related("page", "by"), pk=mailing_id)
    wordings = ",".join(str(pk) for pk in found.wordings.values_list("pk", flat=True))
    may_read = request.user.has_perm("messaging.view_message")
    ledger = f"{reverse('messages_modeladmin_index')}?wording__in={wordings}" if may_read else ""
    counts = found.states()
    states = [
        {
            "label": State(state).label,
            "number": number,
            "url": f"{ledger}&state__exact={state}" if ledger else "",
            "is_trouble": state in {State.FAILED, State.UNKNOWN, State.BOUNCED, State.COMPLAINED},
        }
        for state, number in counts.items()
    ]
    context = {
        "mailing": found,
        "states": states,
        "total": sum(counts.values()),
        "may_send": request.user.has_perm("newsletter.add_mailing"),
        "breadcrumbs_items": [
            {"url": reverse("mailings_modeladmin_index"), "label": _("Mailings")},
            {"url": "", "label": found.title},
        ],
    }
    return TemplateResponse(request, "newsletter/office/mailing.html", context)


@require_POST
def go_on(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """Go on filling in recipients, when the worker was interrupted. Nobody gets it twice."""
    _allow(request, "newsletter.add_mailing")
    found = get_object_or_404(Mailing, pk=mailing_id)
    mailings.start_filling(found)
    messages.success(request, _("The rest of the recipients are being added."))
    return redirect("newsletter_mailing", found.pk)


def _user(request: HttpRequest) -> User:
    """Who is at the office's desk: its address lets nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _page(request: HttpRequest, page_id: int) -> NewsletterPage:
    """The newsletter, for those who may publish it and send it."""
    _allow(request, "newsletter.add_mailing")
    page = get_object_or_404(NewsletterPage, pk=page_id)
    if not page.permissions_for_user(request.user).can_publish():
        raise PermissionDenied
    return page


def _allow(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied
