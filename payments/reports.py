"""Payments due: which invoices are open, how old they are, and how much is left to pay."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import django_filters
from django import forms
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column
from wagtail.admin.views.reports import ReportView
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log
from wagtail.permission_policies import ModelPermissionPolicy

from core import exports
from invoicing.models import Invoice, InvoiceLine
from membership import scope
from membership.models import Member, MembershipType
from membership.office import export_log
from membership.office.forms import PurposeForm
from payments import due_list
from payments.models import PaymentPlan, Reminder, Snooze
from payments.office_views import frame

if TYPE_CHECKING:
    from core.models import User


class DueFilters(WagtailFilterSet):
    """Filters of the list. Ages are counted on the day it is looked at."""

    age = django_filters.ChoiceFilter(
        label=gettext_lazy("Age"),
        choices=[("overdue", gettext_lazy("all overdue")), *((b.code, b.label) for b in due_list.BRACKETS)],
        method="of_age",
        widget=forms.RadioSelect,
    )
    type = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Membership type"),
        queryset=MembershipType.objects.memberships(),
        method="of_type",
        widget=forms.RadioSelect,
    )

    follow_up = django_filters.ChoiceFilter(
        label=gettext_lazy("Reminders"),
        choices=[
            ("none", gettext_lazy("not reminded")), *((str(n), f"{n}.") for n in range(1, 5)),
            ("snoozed", gettext_lazy("more time")), ("plan", gettext_lazy("payment plan")),
        ],
        method="by_follow_up",
        widget=forms.RadioSelect,
    )  # fmt: skip

    class Meta:
        model = Invoice
        fields: list[str] = []

    def by_follow_up(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        return due_list.by_follow_up(rows, value, on=timezone.localdate())

    def of_age(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        today = timezone.localdate()
        return rows.filter(due_on__lt=today) if value == "overdue" else due_list.in_bracket(rows, value, on=today)

    def of_type(self, rows: QuerySet[Invoice], name: str, value: MembershipType) -> QuerySet[Invoice]:
        return due_list.for_type(rows, value)


class Cell(Column):
    """A cell of its own template under payments/office/due/, which gets the invoice as `instance`."""

    def __init__(self, name: str, *, is_linked: bool = False, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.cell_template_name = f"payments/office/due/{name}.html"
        self.is_linked = is_linked


class AgeCell(Cell):
    """Days since the due date, with their bracket."""

    def get_value(self, instance: Invoice) -> dict[str, Any]:
        days = instance.days_overdue(timezone.localdate())
        return {"days": days, "bracket": due_list.bracket_of(days)}


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """What was done about an invoice: the last reminder, and what keeps the next one back."""

    reminder: Reminder | None
    snoozed_until: date | None
    plan: PaymentPlan | None


def follow_up(invoice: Invoice, *, on: date) -> FollowUp:
    """Read from what `open_invoices` has fetched with the invoice."""
    snooze: Snooze | None = getattr(invoice, "snooze", None)
    standing = [plan for plan in invoice.plans.all() if plan.state in PaymentPlan.STANDING]
    return FollowUp(
        reminder=max(invoice.reminders.all(), key=lambda row: row.step, default=None),
        snoozed_until=snooze.until if snooze and snooze.until >= on else None,
        plan=next(iter(standing), None),
    )


class FollowUpCell(Cell):
    """The last reminder, more time, payment plan."""

    def get_value(self, instance: Invoice) -> FollowUp:
        return follow_up(instance, on=timezone.localdate())


class DueView(ReportView):
    """Open invoices, the longest overdue first, 50 a page, with totals of what the filters leave."""

    model = Invoice
    permission_policy = ModelPermissionPolicy(Invoice)
    any_permission_required = {"view"}
    page_title = gettext_lazy("Payments due")
    header_icon = "time"
    index_url_name = "payments_due"
    index_results_url_name = "payments_due_results"
    template_name = "payments/office/due.html"
    results_template_name = "payments/office/due_results.html"
    table_classname = "listing pay-table"
    filterset_class = DueFilters
    is_searchable = True
    default_ordering = "due_on"
    paginate_by = 50

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose: see `export_due`

    @cached_property
    def columns(self) -> list[BaseColumn]:
        user = self.request.user
        columns: list[BaseColumn] = [
            Cell("payer", label=_("Payer"), sort_key="buyer_name", is_linked=may_see_contact_data(self.request)),
            Cell("number", label=_("Invoice"), sort_key="number"),
            Cell("total", label=_("Amount"), sort_key="total", classname="pay-amount"),
            Cell("left", label=_("Left to pay"), sort_key="open_amount", classname="pay-amount"),
            Cell("due_on", label=_("Due date"), sort_key="due_on"),
            AgeCell("age", label=_("Age")),
            FollowUpCell("follow_up", label=_("Reminded")),
        ]
        if user.has_perm("payments.add_payment"):
            words = format_html('<span class="w-sr-only">{}</span>', _("Register payment"))
            columns.append(Cell("register", label=words))
        return columns

    def get_base_queryset(self) -> QuerySet[Invoice]:
        return scope.visible_to(self.request.user, open_invoices())

    def order_queryset(self, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        return queryset.order_by(self.ordering, "number")

    def search_queryset(self, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        if not self.is_searching:
            return queryset
        return due_list.found_by(queryset, self.search_query, by_contact_data=may_see_contact_data(self.request))

    def get_filtered_queryset(self) -> QuerySet[Invoice]:
        return self.get_queryset()  # filters it already; a report would do so twice

    @cached_property
    def totals(self) -> list[due_list.Total]:
        """By age, and of all at the end."""
        return due_list.totals(self.object_list, on=timezone.localdate())

    def get_paginator(self, *args: Any, **kwargs: Any) -> Paginator:
        """The totals have counted the rows already."""
        paginator = super().get_paginator(*args, **kwargs)
        paginator.count = self.totals[-1].count
        return paginator

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        if not self.request.user.has_perm("invoicing.export_invoice"):
            return []
        address = f"{reverse('payments_due_export')}?{self.request.GET.urlencode()}"
        return [Button(_("Export this list"), url=address, icon_name="download", priority=90)]

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        *ages, everything = self.totals
        return context | {"ages": ages, "everything": everything}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("invoicing.export_invoice", raise_exception=True)
@permission_required("invoicing.view_invoice", raise_exception=True)
def export_due(request: HttpRequest) -> HttpResponseBase:
    """Ask for the purpose, log it, and give the filtered list as a file."""
    view = DueView()
    view.setup(request)
    invoices: QuerySet[Invoice] = view.get_queryset()
    form = PurposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        has_contact_data = may_see_contact_data(request)
        purpose, file_type = form.cleaned_data["purpose"], form.cleaned_data["file_type"]
        people = Member.objects.filter(pk__in=invoices.order_by().values("member"))
        export_log.record(members=people, purpose=purpose, file_type=file_type, at=timezone.now(),
                          by=cast("User", request.user))  # fmt: skip
        data = {"purpose": purpose, "rows": invoices.count(), "format": file_type}
        log(instance=request.user, action="payments.due_exported", user=request.user, data=data)
        return exports.response(
            name="-".join([_("payments-due"), timezone.localdate().isoformat()]),
            format=file_type,
            headings=export_headings(has_contact_data=has_contact_data),
            rows=export_rows(invoices, on=timezone.localdate(), has_contact_data=has_contact_data),
        )
    context = {
        "form": form,
        "count": invoices.count(),
        "back": f"{reverse('payments_due')}?{request.GET.urlencode()}",
        **frame(_("Export"), icon="download", trail=[(_("Payments due"), "payments_due")]),
    }
    return render(request, "payments/office/export.html", context)


def open_invoices() -> QuerySet[Invoice]:
    """Everything the list shows of open invoices, in five queries."""
    lines = InvoiceLine.objects.order_by("invoice_id", "position")  # their own order would join the invoices
    reminders = Reminder.objects.order_by("invoice_id", "step")
    return (
        Invoice.objects.open()
        .select_related("member")
        .prefetch_related(
            Prefetch("lines", queryset=lines), Prefetch("reminders", queryset=reminders), "snooze", "plans"
        )
    )


def may_see_contact_data(request: HttpRequest) -> bool:
    """An auditor reads the money, and not how people are reached."""
    return bool(request.user.has_perm("membership.view_member"))


def export_headings(*, has_contact_data: bool) -> list[str]:
    headings = [
        _("Invoice"), _("Member number"), _("Payer"), _("What"), _("Amount"), _("Left to pay"), _("Invoice date"),
        _("Due date"), _("Days overdue"), _("KID"),
    ]  # fmt: skip
    follow_up = [_("Reminders"), _("Last reminder"), _("More time until"), _("Payment plan")]
    return [*headings, *([_("E-mail"), _("Mobile")] if has_contact_data else []), *follow_up]


def export_rows(invoices: QuerySet[Invoice], *, on: date, has_contact_data: bool) -> Iterator[list[Any]]:
    """A row an invoice, in the order of the headings."""
    for invoice in invoices.iterator(chunk_size=500):
        lines = ", ".join(f"{line.text} {line.member_name}".strip() for line in invoice.lines.all())
        row = [
            invoice.number, invoice.member_number, invoice.buyer_name, lines, invoice.total, invoice.open_amount,
            invoice.issued_on, invoice.due_on, max(invoice.days_overdue(on), 0), invoice.kid,
        ]  # fmt: skip
        if has_contact_data:
            row += [invoice.member.email, invoice.member.mobile] if invoice.member else ["", ""]
        yield [*row, *_exported(follow_up(invoice, on=on))]


def _exported(found: FollowUp) -> list[Any]:
    """How many reminders, when the last, until when more time was given, and how the payment plan stands."""
    return [
        found.reminder.step if found.reminder else 0, found.reminder.sent_on if found.reminder else "",
        found.snoozed_until or "", found.plan.get_state_display() if found.plan else "",
    ]  # fmt: skip
