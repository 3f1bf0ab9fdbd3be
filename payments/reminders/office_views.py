"""Reminders in the office: who gets which and who does not, sending them, how it goes, and how far we know the bank."""

from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn
from wagtail.admin.views.reports import ReportView
from wagtail.admin.widgets import AdminDateInput
from wagtail.admin.widgets.button import Button
from wagtail.permission_policies import ModelPermissionPolicy

from core import money
from core.errors import Refused
from core.who import person
from invoicing import deliveries
from invoicing.models import Invoice, InvoiceLine
from messaging.models import Channel
from payments import due_list
from payments.from_bank import bank_looks
from payments.models import Reminder, ReminderRun
from payments.office_views import frame
from payments.reminders import due, fees, gate, preview, runs, schedule, striking, tasks
from payments.reminders.due import WhyNot
from payments.reports import Cell, may_see_contact_data

_LEFT_OUT_SHOWN = 200
_may_send = permission_required("payments.send_reminder", raise_exception=True)


class ReminderFilters(WagtailFilterSet):
    """Those who get one, those who do not, and why not."""

    answer = django_filters.ChoiceFilter(
        label=gettext_lazy("Reminder"),
        choices=[("sent", gettext_lazy("gets a reminder")), ("left_out", gettext_lazy("gets none")), *WhyNot.choices],
        method="with_answer",
        widget=forms.RadioSelect,
    )
    step = django_filters.ChoiceFilter(
        label=gettext_lazy("Which"), choices=[(n, f"{n}.") for n in range(1, 7)], method="of_step",
        widget=forms.RadioSelect,
    )  # fmt: skip

    class Meta:
        model = Invoice
        fields: list[str] = []

    def with_answer(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "left_out":
            return rows.exclude(why_not="")
        return rows.filter(why_not="" if value == "sent" else value)

    def of_step(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(next_step=int(value))


class ReminderCell(Cell):
    """A cell of its own template under payments/office/reminders/cells/."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.cell_template_name = f"payments/office/reminders/cells/{name}.html"


class StepCell(ReminderCell):
    """Which reminder, by which channel, and its fee."""

    def get_value(self, instance: Any) -> dict[str, Any]:
        fee = fees.of_step(number=instance.next_step, due_on=instance.due_on, on=timezone.localdate(),
                           charged=instance.fees_charged)  # fmt: skip
        return {"number": instance.next_step, "channel": Reminder.Channel(instance.goes_by).label, "fee": fee}


class AnswerCell(ReminderCell):
    """Yes, or why not."""

    def get_value(self, instance: Any) -> str:
        return str(WhyNot(instance.why_not).label) if instance.why_not else ""


class RemindersView(ReportView):
    """Whose turn it is: those who get a reminder when the treasurer says so, and those who do not, with the reason."""

    model = Reminder
    permission_policy = ModelPermissionPolicy(Reminder)
    any_permission_required = {"view"}
    page_title = gettext_lazy("Reminders")
    header_icon = "mail"
    index_url_name = "reminders"
    index_results_url_name = "reminders_results"
    template_name = "payments/office/due.html"
    results_template_name = "payments/office/reminders/results.html"
    table_classname = "listing pay-table"
    filterset_class = ReminderFilters
    is_searchable = True
    default_ordering = "due_on"
    paginate_by = 50
    header_more_buttons: list[Button] = []

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            Cell("payer", label=_("Payer"), sort_key="buyer_name", is_linked=may_see_contact_data(self.request)),
            Cell("number", label=_("Invoice"), sort_key="number"),
            Cell("left", label=_("Left to pay"), sort_key="open_amount", classname="pay-amount"),
            Cell("due_on", label=_("Due date"), sort_key="due_on"),
            StepCell("step", label=pgettext("column", "Reminder")),
            AnswerCell("answer", label=_("Is sent")),
        ]

    def get_base_queryset(self) -> QuerySet[Any]:
        lines = InvoiceLine.objects.order_by("invoice_id", "position")
        rows = due.with_fees_charged(due.due(on=timezone.localdate())).select_related("member")
        return rows.prefetch_related(Prefetch("lines", queryset=lines))

    def order_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.order_by(self.ordering, "number")

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.is_searching:
            return queryset
        return due_list.found_by(queryset, self.search_query, by_contact_data=may_see_contact_data(self.request))

    def get_filtered_queryset(self) -> QuerySet[Any]:
        return self.get_queryset()  # filters it already; a report would do so twice

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        return context | summary(self.request, timezone.localdate())


def summary(request: HttpRequest, on: date) -> dict[str, Any]:
    """What stands above the list: how many of each, what it costs, what is in the way, and the way to send."""
    counts = due.counts(on=on)
    steps = [
        (row, Reminder.Channel(row.channel).label,
         fees.most_of_step(number=row.number, on=on) if row.may_cost else money.ZERO)
        for row in counts
    ]  # fmt: skip
    ways = preview.ways(counts, on=on, at=timezone.now())
    return {
        "steps": steps,
        "ways": ways,
        "count": sum(row.count for row in counts),
        "cost": sum((way.cost for way in ways), money.ZERO),
        "costs_money": any(way.channel != Channel.EMAIL for way in ways),
        "gate": gate.look(on=on),
        "not_struck": striking.kept(on=on).sentence,
        "under_way": ReminderRun.objects.under_way().first(),
        "latest": ReminderRun.objects.first(),
        "has_schedule": bool(schedule.last()),
        "is_automatic": settings.CLIENT.reminders.automatic,
        "may_send": request.user.has_perm("payments.send_reminder"),
    }


@never_cache
@require_POST
@_may_send
def send(request: HttpRequest) -> HttpResponseBase:
    """Send what is due, if the number that was typed is the number there is."""
    typed = request.POST.get("count", "").strip()
    expected = int(typed) if typed.isdecimal() and len(typed) < 10 else -1
    try:
        run = runs.start(on=timezone.localdate(), at=timezone.now(), by=person(request), expected=expected)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("reminders")
    tasks.go_on_with_reminders.enqueue(run.pk)
    return redirect("reminders_sending", run.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("payments.view_reminder", raise_exception=True)
def sending(request: HttpRequest, pk: int) -> HttpResponse:
    """How a sending goes, and how it went; a POST stops it."""
    run = get_object_or_404(ReminderRun.objects.select_related("asked_by", "stopped_by"), pk=pk)
    may_send = request.user.has_perm("payments.send_reminder")
    if request.method == "POST" and may_send:
        if runs.stop(run=run, at=timezone.now(), by=person(request)):
            messages.success(request, _("Stopped. What was sent is sent."))
        return redirect("reminders_sending", run.pk)
    left_out = run.left_out[:_LEFT_OUT_SHOWN]
    found = Invoice.objects.in_bulk([row["invoice"] for row in left_out])
    context = {
        "run": run,
        "is_running": run.is_under_way,
        "may_send": may_send,
        "left_out": [(found[row["invoice"]], WhyNot(row["why"]).label) for row in left_out if row["invoice"] in found],
        "hidden": max(0, len(run.left_out) - _LEFT_OUT_SHOWN),
        "letters": run.reminders.filter(channel=Reminder.Channel.LETTER).count(),
        "letters_waiting": deliveries.letters_waiting().filter(kind="reminder").count(),
        **frame(_("Sending of reminders"), icon="mail", trail=[(_("Reminders"), "reminders")]),
    }
    return render(request, "payments/office/reminders/sending.html", context)


class BankLookForm(forms.Form):
    """Until which day every payment is registered."""

    until = forms.DateField(
        label=gettext_lazy("I have looked through the bank until"),
        widget=AdminDateInput,
        help_text=gettext_lazy("Every payment until this day, the day included, is registered."),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("payments.add_payment", raise_exception=True)
def look_through(request: HttpRequest) -> HttpResponse:
    """Say how far the bank is known, where no bank file tells it."""
    on = timezone.localdate()
    form = BankLookForm(request.POST if request.method == "POST" else None, initial={"until": on})
    if request.method == "POST" and form.is_valid():
        try:
            bank_looks.looked_through(until=form.cleaned_data["until"], at=timezone.now(), by=person(request))
        except Refused as refusal:
            form.add_error("until", refusal)
        else:
            messages.success(request, _("The bank is known until that day."))
            return redirect("reminders")
    context = {
        "form": form, "gate": gate.look(on=on), "media": form.media,
        **frame(_("How far have you looked?"), icon="calendar-check", trail=[(_("Reminders"), "reminders")]),
    }  # fmt: skip
    return render(request, "payments/office/reminders/bank.html", context, status=422 if form.errors else 200)
