"""Invoices in the office: the list, one invoice with everything on it, and crediting it."""

from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.widgets import BooleanRadioSelect
from wagtail.admin.widgets.button import Button
from wagtail.models import ModelLogEntry

from invoicing import deliveries, ehf, kid, printing, ways
from invoicing.invoice_panels import invoice_panels
from invoicing.models import Invoice, InvoiceQuerySet, InvoiceRun
from invoicing.office_menu import may_issue
from invoicing.payer_search import payers_found
from invoicing.standing import LABELS, Standing, standing_of
from membership import scope
from membership.models import MembershipType
from membership.office.record_screens import OnlyWhatIsVisible
from messaging.models import Channel

STATES = [("open", gettext_lazy("something left to pay")), *LABELS.items()]


class InvoiceFilters(WagtailFilterSet):
    """What the invoices can be narrowed down to."""

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"), choices=STATES, method="in_state", widget=forms.RadioSelect,
        empty_label=gettext_lazy("All"),
    )  # fmt: skip
    issued_on = django_filters.DateFromToRangeFilter(label=gettext_lazy("Invoice date"), widget=DateRangePickerWidget)
    due_on = django_filters.DateFromToRangeFilter(label=gettext_lazy("Due date"), widget=DateRangePickerWidget)
    type = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Membership type"), queryset=MembershipType.objects.memberships(),
        method="of_type", widget=forms.RadioSelect, empty_label=gettext_lazy("All"),
    )  # fmt: skip
    run = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Invoice run"), queryset=InvoiceRun.objects.filter(issued__gt=0),
        empty_label=gettext_lazy("All"),
    )  # fmt: skip
    without_pdf = django_filters.BooleanFilter(
        label=gettext_lazy("Without PDF"), method="lacking_pdf", widget=BooleanRadioSelect
    )

    class Meta:
        model = Invoice
        fields: list[str] = []

    def in_state(self, invoices: InvoiceQuerySet, name: str, code: str) -> InvoiceQuerySet:
        return invoices.standing(code, on=timezone.localdate())

    def of_type(self, invoices: InvoiceQuerySet, name: str, type: MembershipType) -> InvoiceQuerySet:
        wanted = Q(lines__period__wanted_type=type) | Q(lines__period__type=type, lines__period__wanted_type=None)
        return invoices.filter(pk__in=Invoice.objects.filter(wanted).values("pk"))

    def lacking_pdf(self, invoices: InvoiceQuerySet, name: str, wanted: bool) -> InvoiceQuerySet:
        return invoices.without_pdf() if wanted else invoices.exclude(pdf="")


class InvoiceColumn(Column):
    """A cell of its own template, which gets the invoice as `instance`."""

    def __init__(self, name: str, *, template: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.cell_template_name = f"invoicing/office/cells/{template}.html"


class StandingColumn(InvoiceColumn):
    """Where the invoice stands today, as a tag."""

    def __init__(self) -> None:
        super().__init__("state", template="state", label=_("Status"))

    def get_value(self, instance: Invoice) -> Standing:
        return standing_of(instance, on=timezone.localdate())


class InvoiceListView(generic.IndexView):
    """Every invoice and credit note, the newest first, 50 a page."""

    model = Invoice
    page_title = gettext_lazy("Invoices")
    results_template_name = "invoicing/office/invoice_results.html"
    any_permission_required = ["view"]
    default_ordering = "-number"
    filterset_class = InvoiceFilters
    verbose_name_plural = gettext_lazy("invoices")
    is_searchable = True
    header_more_buttons: list[Button] = []

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            InvoiceColumn("number", template="number", label=_("Number"), sort_key="number"),
            InvoiceColumn("buyer_name", template="buyer", label=_("Payer"), sort_key="buyer_name"),
            InvoiceColumn("issued_on", template="date", label=_("Date"), sort_key="issued_on"),
            InvoiceColumn("due_on", template="due", label=_("Due date"), sort_key="due_on"),
            InvoiceColumn("total", template="amount", label=_("Amount"), sort_key="total"),
            InvoiceColumn("open_amount", template="amount", label=_("Outstanding"), sort_key="open_amount"),
            StandingColumn(),
        ]

    def get_base_queryset(self) -> QuerySet[Invoice]:
        return scope.visible_to(self.request.user, Invoice.objects.all()).with_credited()

    def order_queryset(self, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        """By the column, then by number, so that pages never repeat or lose a row."""
        return queryset.order_by(self.ordering, "-number")

    def search_queryset(self, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        """By invoice number, KID with or without spaces, the printed name, or what payers are found by."""
        if not self.is_searching:
            return queryset
        text = str(self.search_query).strip()
        found = Q(buyer_name__icontains=text[:200]) | Q(member__in=payers_found(self.request.user, text).values("pk"))
        number = kid.clean(text)
        if number.isascii() and number.isdecimal() and len(number) <= 25:
            found |= Q(kid=number) | Q(kid__endswith=number.zfill(4)) if len(number) > 6 else Q(number=int(number))
        return queryset.filter(found)


class InvoiceView(OnlyWhatIsVisible, generic.InspectView):
    """One invoice: what was printed, what has happened to it, and what can be done."""

    model = Invoice
    object: Invoice
    any_permission_required = ["view"]
    template_name = "invoicing/office/invoice.html"
    header_more_buttons: list[Button] = []

    def get_page_title(self) -> str:
        return str(self.object)

    def get_page_subtitle(self) -> str:
        return ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": self.get_page_title()}
        return [*self.breadcrumbs_items, {"url": reverse("invoices:index"), "label": _("Invoices")}, here]

    def _may_print(self) -> bool:
        """Whether it can be put among the letters: somebody may, the payer lives, and it is not there already."""
        member = self.object.member
        if member is None or member.died_on or not ways.has_postal_address(member) or not may_issue(self.request):
            return False
        return not any(message.channel == Channel.LETTER for message in deliveries.of_invoice(self.object))

    def get_fields_context(self) -> list[dict[str, Any]]:
        """Wagtail's own list of fields is not shown."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = timezone.localdate()
        invoice = self.object
        is_open = invoice.kind == Invoice.Kind.INVOICE and not invoice.is_settled
        lines = list(invoice.lines.select_related("period__member"))
        return super().get_context_data(**kwargs) | {
            "invoice": invoice,
            "standing": standing_of(invoice, on=on),
            "lines": lines,
            "names_people": any(line.member_name for line in lines),
            "credit_notes": [(note, -note.total) for note in invoice.credit_notes.order_by("number")],
            "account": printing.account(invoice.account_number),
            "kid": kid.grouped(invoice.kid),
            "panels": [
                (panel, panel.render(request=self.request, invoice=invoice, on=on))
                for panel in invoice_panels(request=self.request, invoice=invoice, on=on)
            ],
            "log": ModelLogEntry.objects.for_instance(invoice).select_related("user"),
            "has_ehf": ehf.refusal(invoice) is None,
            "sent": deliveries.of_invoice(invoice),
            "may_print": self._may_print(),
            "may_credit": is_open and self.user_has_permission("credit"),
            "may_see_member": self.request.user.has_perm("membership.view_member"),
        }
