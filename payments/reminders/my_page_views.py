"""What a member can do about an invoice they cannot pay yet: put it off once, or propose to pay it in parts."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core import dates, money
from core.errors import Refused
from core.models import User
from core.who import person
from invoicing.models import Invoice
from membership.my_page.access import MemberRequest, member_page
from membership.my_page.sections import MyPageNotice
from payments.models import PaymentPlan, Reminder, Snooze
from payments.reminders import mails, plans, snoozes


class PutOffForm(forms.Form):
    """The day the member promises to pay by."""

    until = forms.DateField(
        label=gettext_lazy("I pay by"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"],
        error_messages={"required": gettext_lazy("Write the day you will have paid by.")},
    )  # fmt: skip

    def __init__(self, *args: Any, on: date, latest: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["until"]
        field.widget.attrs |= {"min": dates.day_after(on).isoformat(), "max": latest.isoformat()}
        field.help_text = _("At the latest %(date)s.") % {"date": date_format(latest)}


class InPartsForm(forms.Form):
    """In how many parts, with what each is and when."""

    parts = forms.TypedChoiceField(
        label=gettext_lazy("In how many parts?"), coerce=int, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose in how many parts.")},
    )  # fmt: skip

    def __init__(self, *args: Any, offers: Sequence[Sequence[plans.Part]], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.TypedChoiceField", self.fields["parts"])
        field.choices = [(len(offer), _described(offer, currency)) for offer in offers]


def _described(offer: Sequence[plans.Part], currency: str) -> str:
    words = [_("%(amount)s by %(due_on)s") % {"amount": money.formatted(part.amount, currency),
                                              "due_on": date_format(part.due_on)} for part in offer]  # fmt: skip
    return f"{len(offer)}: {', '.join(words)}"


def panels(request: HttpRequest, invoices: Sequence[Invoice], on: date) -> Mapping[int, MyPageNotice]:
    """Below each open invoice on My page: what was agreed, or the way to ask. Three or four queries."""
    keys = [invoice.pk for invoice in invoices]
    snoozed = {row.invoice_id: row for row in Snooze.objects.filter(invoice__in=keys)}
    latest = {row.invoice_id: row for row in Reminder.objects.filter(invoice__in=keys).order_by("step", "pk")}
    planned: dict[int, PaymentPlan] = {}
    for plan in (
        PaymentPlan.objects.filter(invoice__in=keys)
        .order_by("pk")
        .select_related("invoice__member")
        .prefetch_related("instalments")
    ):
        planned[plan.invoice_id] = plan
    member = next((plan.invoice.member for plan in planned.values() if plan.state == PaymentPlan.State.PROPOSED), None)
    answers_by = mails.answers_by(member, at=timezone.now()) if member else ""
    return {
        invoice.pk: MyPageNotice(
            order=100,
            template="payments/my_follow_up.html",
            context={
                "invoice": invoice,
                "snooze": snoozed.get(invoice.pk),
                "reminder": latest.get(invoice.pk),
                "plan": planned.get(invoice.pk),
                "answers_by": answers_by,
                "pay_by": _pay_by(planned.get(invoice.pk)),
                "is_snoozed": invoice.pk in snoozed and snoozed[invoice.pk].until >= on,
                "is_fee": invoice.fee_for_id is not None,
                "may_ask": invoice.fee_for_id is None
                and _may_ask(snoozed.get(invoice.pk), planned.get(invoice.pk), on),
            },
        )
        for invoice in invoices
    }


def _may_ask(snooze: Snooze | None, plan: PaymentPlan | None, on: date) -> bool:
    """Whether one of the two ways is left: an invoice has one plan, and is put off by its member once."""
    return plan is None or snooze is None or not snooze.leaves_nothing_to_ask(on=on)


def _pay_by(plan: PaymentPlan | None) -> date | None:
    """By when to pay what was not paid in parts after all."""
    ended_on = {PaymentPlan.State.REFUSED: "decided_on", PaymentPlan.State.BROKEN: "ended_on"}
    day = getattr(plan, ended_on[PaymentPlan.State(plan.state)]) if plan and plan.state in ended_on else None
    return plans.pay_by(day) if day else None


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def more_time(request: MemberRequest, number: int) -> HttpResponse:
    """The page with both ways; each has a form and a button of its own."""
    invoice = get_object_or_404(Invoice.objects.invoices(), number=number, member=request.member)
    on = timezone.localdate()
    put_off, in_parts = _forms(request, invoice, on)
    told = ""
    if put_off is not None and put_off.is_bound:
        told = _put_off(put_off, invoice, on, person(request))
    elif in_parts is not None and in_parts.is_bound:
        told = _propose(in_parts, invoice, on, person(request))
    if told:
        messages.success(request, told)
        return redirect("my_invoices")
    asked = [form for form in (put_off, in_parts) if form is not None]
    context = {"invoice": invoice, "is_late": invoice.due_on < on, "put_off": put_off, "in_parts": in_parts,
               "forms": asked, "has_errors": any(form.errors for form in asked)}  # fmt: skip
    return render(request, "payments/more_time.html", context, status=422 if request.method == "POST" else 200)


def _forms(request: HttpRequest, invoice: Invoice, on: date) -> tuple[PutOffForm | None, InPartsForm | None]:
    """What the member may still ask for; the one that was sent is bound."""
    latest, offers = snoozes.latest(invoice=invoice, on=on), plans.offers(invoice=invoice, on=on)
    sent = request.POST if request.method == "POST" else None
    wants_parts = sent is not None and "in_parts" in sent
    put_off = PutOffForm(None if wants_parts else sent, on=on, latest=latest) if latest else None
    in_parts = InPartsForm(sent if wants_parts else None, offers=offers, currency=invoice.currency) if offers else None
    return put_off, in_parts


def _put_off(form: PutOffForm, invoice: Invoice, on: date, by: User) -> str:
    if not form.is_valid():
        return ""
    try:
        snooze = snoozes.ask(invoice=invoice, until=form.cleaned_data["until"], on=on, by=by)
    except Refused as refusal:
        form.add_error("until", refusal)
        return ""
    return _("You get no reminders until %(date)s.") % {"date": date_format(snooze.until)}


def _propose(form: InPartsForm, invoice: Invoice, on: date, by: User) -> str:
    if not form.is_valid():
        return ""
    try:
        plans.propose(invoice=invoice, number=form.cleaned_data["parts"], on=on, by=by)
    except Refused as refusal:
        form.add_error("parts", refusal)
        return ""
    return _("Your proposal is sent to the treasurer. You find the answer here.")
