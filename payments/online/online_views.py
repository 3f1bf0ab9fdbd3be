"""One online payment in the office: what happened to it, and what can be done about it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from core.errors import Refused
from invoicing.inbox import SHOWN, InboxPart, InboxRow
from membership import scope
from payments.forms import AmountField
from payments.models import ProviderPayment
from payments.office_views import frame
from payments.online import online_books, pay_back, pay_now
from payments.providers import active
from payments.providers.provider import ProviderError

State = ProviderPayment.State


class ReasonForm(forms.Form):
    """Why. It stands in the log, and on the reversal of the payment."""

    reason = forms.CharField(label=gettext_lazy("Why?"), max_length=250)


class AsideForm(ReasonForm):
    """Why nothing is done. Its field has a name of its own: the refund's stands on the same page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "auto_id": "aside_%s"})
        self.fields["reason"].error_messages["required"] = _("Write why nothing is to be done about it.")


class RefundForm(ReasonForm):
    """How much goes back, and why. An empty amount is a mistake, never “all of it”."""

    amount = AmountField(
        label=gettext_lazy("Amount to pay back"),
        error_messages={"required": gettext_lazy("Write how much is to be paid back.")},
    )
    field_order = ("amount", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].error_messages["required"] = _("Write why the money is paid back.")


def to_be_looked_at(request: HttpRequest, on: date) -> InboxPart | None:
    """In the treasurer's inbox: online payments somebody has to decide about."""
    if not request.user.has_perm("payments.view_providerpayment"):
        return None
    rows = ProviderPayment.objects.needing_a_person().select_related("invoice").order_by("created_at", "pk")
    return InboxPart(
        order=150, title=_("Online payments to look at"), count=rows.count(), tone="warn",
        rows=lambda: [
            InboxRow(text=f"{row.invoice.number} {row.invoice.buyer_name}", detail=row.problem, action=_("Decide"),
                     url=reverse("payments_online", args=[row.pk]))
            for row in rows[:SHOWN]
        ],
        why=_("The provider says something else than was expected, or cannot be asked. Book what came, pay it back, or "
              "set it aside."),
    )  # fmt: skip


@never_cache
@require_safe
@permission_required("payments.view_providerpayment", raise_exception=True)
def online_payment(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one online payment."""
    return _page(request, _found(request, pk))


def _found(request: HttpRequest, pk: int) -> ProviderPayment:
    return get_object_or_404(_online(request).select_related("payment", "refund_asked_by"), pk=pk)


def _page(request: HttpRequest, online: ProviderPayment, *, wrong: ReasonForm | None = None) -> HttpResponse:
    """The page, with what was typed and what is wrong with it where it was typed."""
    may_act = request.user.has_perm("payments.add_payment")
    left = online_books.left_to_refund(online)
    has_money = online.captured_amount > 0 and not online.refunded_amount
    context = {
        "online": online,
        "events": online.events.all(),
        "provider_name": online_books.name_of(online.provider),
        "may_ask": may_act and online.provider in active.aliases() and state_may_change(online),
        "may_book": may_act and online.state == State.REVIEW and has_money and online.payment is None,
        "may_refund": may_act and online.state in (State.PAID, State.REVIEW) and left > 0,
        "left": left,
        "may_refund_part": online.payment is not None,
        "may_set_aside": may_act and online.state == State.REVIEW,
        "form": wrong if isinstance(wrong, AsideForm) else AsideForm(),
        "refund_form": wrong if isinstance(wrong, RefundForm) else RefundForm(initial={"amount": left}),
        **frame(
            _("Online payment %(number)s") % {"number": online.pk},
            icon="mobile-alt",
            trail=[(_("Online payments"), "online-payments_modeladmin_index")],
        ),
    }
    return render(request, "payments/office/online.html", context, status=422 if wrong else 200)


@never_cache
@require_POST
@permission_required("payments.add_payment", raise_exception=True)
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Ask the provider again, book what came, pay it back, or set it aside."""
    online = _found(request, pk)
    if verb not in _VERBS:
        raise Http404
    form = _FORMS[verb](request.POST) if verb in _FORMS else None
    if isinstance(form, RefundForm) and online.payment is None:
        del form.fields["amount"]  # not in the books yet: all of it or nothing
    if form and not form.is_valid():
        return _page(request, online, wrong=form)
    try:
        done, sentence = _VERBS[verb](request, online, form.cleaned_data if form else {})
    except Refused as refusal:
        if isinstance(form, RefundForm) and refusal.code == "refund_amount":
            form.add_error("amount", refusal)
            return _page(request, online, wrong=form)
        messages.error(request, refusal.sentence)
    except ProviderError as error:
        messages.error(request, _("The provider could not be asked: %(error)s") % {"error": error})
    else:
        messages.success(request, sentence % {"state": done.get_state_display()})
    return redirect("payments_online", pk=pk)


def _online(request: HttpRequest) -> QuerySet[ProviderPayment]:
    """Those that the log-in may know of."""
    return scope.visible_to(request.user, ProviderPayment.objects.select_related("invoice"))


def state_may_change(online: ProviderPayment) -> bool:
    """Whether asking the provider can tell us anything new."""
    return online.state not in (State.REFUNDED, State.SET_ASIDE) and bool(online.provider_id)


type _Done = tuple[ProviderPayment, str]


def _ask(request: HttpRequest, online: ProviderPayment, said: Mapping[str, Any]) -> _Done:
    return pay_now.look(online=online, at=timezone.now()), _("The provider was asked. It now says: %(state)s.")


def _book(request: HttpRequest, online: ProviderPayment, said: Mapping[str, Any]) -> _Done:
    done = online_books.book(online=online, at=timezone.now(), by=request.user)  # type: ignore[arg-type]
    return done, _("The money is booked on the invoice.")


def _refund(request: HttpRequest, online: ProviderPayment, said: Mapping[str, Any]) -> _Done:
    done = pay_back.refund(
        online=online, at=timezone.now(), by=request.user,  # type: ignore[arg-type]
        reason=said["reason"], amount=said.get("amount"),
    )  # fmt: skip
    if done.state == State.REFUNDED:
        return done, _("The money is paid back, and the invoice is open again.")
    if done.state == State.PAID:
        return done, _("That part is paid back. What the invoice had of it is owed again.")
    if done.state == State.REVIEW:
        raise Refused(_("The money is paid back, but the books do not follow: %(problem)s"), code="not_reversed",
                      params={"problem": done.problem})  # fmt: skip
    return done, _("The provider has not answered. It is asked again until it does.")


def _set_aside(request: HttpRequest, online: ProviderPayment, said: Mapping[str, Any]) -> _Done:
    done = online_books.set_aside(
        online=online, at=timezone.now(), by=request.user, reason=said["reason"]  # type: ignore[arg-type]
    )  # fmt: skip
    return done, _("The online payment is set aside.")


_FORMS: dict[str, type[ReasonForm]] = {"refund": RefundForm, "set-aside": AsideForm}
_VERBS: dict[str, Callable[[HttpRequest, ProviderPayment, Mapping[str, Any]], _Done]] = {
    "ask": _ask,
    "book": _book,
    "refund": _refund,
    "set-aside": _set_aside,
}
