"""What the office asks about many members at once."""

from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column
from wagtail.admin.views.reports import ReportView
from wagtail.admin.widgets import AdminDateInput

from membership import scope
from membership.models import MembershipType, Period
from membership.office.registry_views import RegistryColumn


class OnADay(WagtailFilterSet):
    """The day a report is about."""

    on = django_filters.DateFilter(
        label=gettext_lazy("As on this date"), method="unchanged", widget=AdminDateInput,
        help_text=gettext_lazy("Empty: today."),
    )  # fmt: skip

    class Meta:
        model = MembershipType
        fields: list[str] = []

    def unchanged(self, rows: QuerySet[MembershipType], name: str, value: date) -> QuerySet[MembershipType]:
        return rows


class MembersByTypeView(ReportView):
    """How many there are of each type on a day, and how many of them have paid. Numbers only, no names."""

    model = MembershipType
    page_title = gettext_lazy("Members by type")
    header_icon = "group"
    template_name = "membership/office/by_type.html"
    results_template_name = "membership/office/by_type_results.html"
    any_permission_required = ["view"]
    filterset_class = OnADay
    index_url_name = "members_by_type"
    index_results_url_name = "members_by_type_results"
    is_searchable = False
    paginate_by = 200
    export_filename = "members-by-type"

    @cached_property
    def on(self) -> date:
        """The day asked about."""
        filters = self.filters
        day = filters.form.cleaned_data.get("on") if filters and filters.is_valid() else None
        return day or timezone.localdate()

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        name = "name_en" if (get_language() or "").startswith("en") else "name_nb"
        self.list_export = [name, "code", "members", "paid", "unpaid"]
        self.export_headings = {
            name: _("Type"), "code": _("Code"), "members": _("Members"), "paid": _("Paid or free"),
            "unpaid": _("Not paid"),
        }  # fmt: skip

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            RegistryColumn("name", template="type_link", label=_("Type"), accessor=self._registry_link),
            Column("code", label=_("Code")),
            Column("members", label=_("Members")),
            Column("paid", label=_("Paid or free")),
            Column("unpaid", label=_("Not paid")),
        ]

    def _registry_link(self, type_: MembershipType) -> str:
        return f"{reverse('members:index')}?type={type_.pk}&on={self.on.isoformat()}"

    def get_queryset(self) -> QuerySet[MembershipType]:
        """Every type in the office's order. A member's terms never overlap, so terms are members."""
        running = Q(periods__in=scope.visible_to(self.request.user, Period.objects.covering(self.on)))
        paid = running & Q(periods__confirmed_on__lte=self.on)
        return (
            MembershipType.objects.order_by("order", "code")
            .annotate(members=Count("periods", filter=running), paid=Count("periods", filter=paid))
            .annotate(unpaid=Count("periods", filter=running) - Count("periods", filter=paid))
        )

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        rows = list(context["object_list"])
        totals = {name: sum(getattr(row, name) for row in rows) for name in ("members", "paid", "unpaid")}
        return context | {"on": self.on, "totals": totals}
