"""One payment plan in the office: its parts, what has come in, and the treasurer's answer."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from core.errors import Refused
from core.who import person
from messaging.models import Channel, State
from payments.models import PaymentPlan
from payments.office_views import frame
from payments.reminders import mails, plans

_may_answer = permission_required("payments.send_reminder", raise_exception=True)


class RefuseForm(forms.Form):
    """Why not: the member reads it."""

    reason = forms.CharField(label=gettext_lazy("Why not?"), max_length=500,
                             help_text=gettext_lazy("The member reads it in the answer."))  # fmt: skip


@never_cache
@require_safe
@permission_required("payments.view_reminder", raise_exception=True)
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan."""
    return _page(request, _found(pk), RefuseForm())


@require_POST
@_may_answer
def agree(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Yes."""
    found = _found(pk)
    try:
        plans.agree(plan=found, on=timezone.localdate(), at=timezone.now(), by=person(request))
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        _say(request, found, _("The plan is agreed."))
    return redirect("payment_plan", pk)


@never_cache
@require_POST
@_may_answer
def refuse(request: HttpRequest, pk: int) -> HttpResponseBase:
    """No, and why."""
    found, form = _found(pk), RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        plans.refuse(plan=found, on=timezone.localdate(), at=timezone.now(), by=person(request),
                     reason=form.cleaned_data["reason"])  # fmt: skip
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        _say(request, found, _("The plan is refused."))
    return redirect("payment_plan", pk)


@require_POST
@_may_answer
def seen(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The treasurer knows that it was broken, or has told the member what no message did."""
    plans.seen(plan=_found(pk), on=timezone.localdate(), by=person(request))
    return redirect("treasury_inbox")


def _say(request: HttpRequest, plan: PaymentPlan, done: str) -> None:
    """What was done, and whether the member hears of it."""
    plan.refresh_from_db()
    message = mails.about(plan)
    if message is None:
        messages.warning(request, _("%(done)s Nobody is told, because the member has been erased.") % {"done": done})
    elif message.state == State.SUPPRESSED:
        words = {"done": done, "why": message.why}
        messages.warning(request, _("%(done)s The member is not told: %(why)s Call or write to them.") % words)
    elif message.channel == Channel.SMS:
        messages.success(request, _("%(done)s The member is told by SMS.") % {"done": done})
    else:
        messages.success(request, _("%(done)s The member is told by e-mail.") % {"done": done})


def _found(pk: int) -> PaymentPlan:
    rows = PaymentPlan.objects.select_related("invoice__member", "decided_by").prefetch_related("instalments")
    return get_object_or_404(rows, pk=pk)


def _page(request: HttpRequest, found: PaymentPlan, form: forms.Form, *, status: int = 200) -> HttpResponse:
    may_answer = request.user.has_perm("payments.send_reminder")
    context: dict[str, Any] = {
        "plan": found,
        "paid": plans.paid(found),
        "form": form,
        "may_answer": may_answer and found.state == PaymentPlan.State.PROPOSED,
        "message": mails.about(found),
        "may_see": may_answer and found.state == PaymentPlan.State.BROKEN and found.seen_on is None,
        "may_tell": may_answer and plans.unheard().filter(pk=found.pk).exists(),
        **frame(_("Payment plan"), icon="list-ol", trail=[(_("Treasurer's inbox"), "treasury_inbox")]),
    }
    return render(request, "payments/office/reminders/plan.html", context, status=status)
