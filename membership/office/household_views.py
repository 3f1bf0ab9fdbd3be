"""Households in the office: the list, and one household with who lives there and what to look at."""

from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django.db.models import Count, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets import BooleanRadioSelect
from wagtail.admin.widgets.button import Button

from membership import households, scope
from membership.models import Household, Member
from membership.models.households import HouseholdQuerySet
from membership.office.forms import MoveInForm
from membership.office.record_screens import OnlyWhatIsVisible
from membership.office.registry_views import RegistryColumn
from membership.office.verb_views import VerbView
from membership.status import status_of

LOOSE_SHOWN = 50


class HouseholdFilters(WagtailFilterSet):
    """What the households can be narrowed down to."""

    without_main_member = django_filters.BooleanFilter(
        label=gettext_lazy("Without main member"), field_name="main_member", lookup_expr="isnull",
        widget=BooleanRadioSelect,
    )  # fmt: skip

    to_look_at = django_filters.BooleanFilter(
        label=gettext_lazy("To look at"), method="filter_to_look_at", widget=BooleanRadioSelect
    )

    def filter_to_look_at(self, queryset: HouseholdQuerySet, name: str, value: bool) -> QuerySet[Household]:
        """Those with a warning, or the others."""
        with_payers = self.request is not None and scope.may_know_payers(self.request.user)
        found = Household.objects.to_look_at(on=timezone.localdate(), with_payers=with_payers).values("pk")
        return queryset.filter(pk__in=found) if value else queryset.exclude(pk__in=found)

    class Meta:
        model = Household
        fields: list[str] = []


class WarningsColumn(Column):
    """What somebody should look at, in sentences."""

    cell_template_name = "membership/office/cells/household_warnings.html"

    def __init__(self, *, on: date, with_payers: bool) -> None:
        super().__init__("warnings", label=_("To look at"))
        self.on, self.with_payers = on, with_payers

    def get_value(self, instance: Household) -> list[str]:
        return households.warnings(household=instance, on=self.on, with_payers=self.with_payers)


class HouseholdListView(generic.IndexView):
    """Every household, by the main member's name. The search looks at everybody who lives there."""

    model = Household
    page_title = gettext_lazy("Households")
    results_template_name = "membership/office/household_results.html"
    any_permission_required = ["view"]
    filterset_class = HouseholdFilters
    verbose_name_plural = gettext_lazy("households")
    is_searchable = True
    default_ordering = "name"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose

    header_more_buttons: list[Button] = []

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            RegistryColumn("name", template="household", label=_("Main member")),
            RegistryColumn("place", template="place", label=_("Place"), accessor="main_member"),
            Column("people", label=_("People")),
            DateColumn("formed_on", label=_("Since")),
            WarningsColumn(on=timezone.localdate(), with_payers=scope.may_know_payers(self.request.user)),
        ]

    def get_base_queryset(self) -> QuerySet[Household]:
        rows = scope.visible_to(self.request.user, Household.objects.all())
        rows = rows.select_related("main_member").prefetch_related(*households.WITH_WARNINGS)
        return rows.annotate(people=Count("members"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list to look at also names those who should be in a household and are in none."""
        context = super().get_context_data(**kwargs)
        if self.request.GET.get("to_look_at") != "true":
            return context
        on = timezone.localdate()
        with_payers = scope.may_know_payers(self.request.user)
        loose = scope.visible_to(self.request.user, households.loose_members(on=on, with_payers=with_payers))
        rows = [
            (member, households.loose_warning(member=member, on=on, with_payers=with_payers))
            for member in loose.select_related("payer").prefetch_related("periods__type")[:LOOSE_SHOWN]
        ]
        return context | {"loose": rows, "loose_count": loose.count() if len(rows) == LOOSE_SHOWN else len(rows)}

    def order_queryset(self, queryset: QuerySet[Household]) -> QuerySet[Household]:
        return queryset.order_by("main_member__last_name", "main_member__first_names", "pk")

    def search_queryset(self, queryset: QuerySet[Household]) -> QuerySet[Household]:
        if not self.is_searching:
            return queryset
        found = Member.objects.found_by(self.search_query).filter(household__isnull=False)
        return queryset.filter(pk__in=found.values("household"))


class HouseholdView(OnlyWhatIsVisible, generic.InspectView):
    """One household: its people, their status, and the warnings."""

    model = Household
    any_permission_required = ["view"]
    template_name = "membership/office/household.html"
    header_more_buttons: list[Button] = []

    def get_page_title(self) -> str:
        return _("Household of %(name)s") % {"name": self.object}

    def get_page_subtitle(self) -> str:
        return ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": self.get_page_title()}
        return [*self.breadcrumbs_items, {"url": reverse("households:index"), "label": _("Households")}, here]

    def get_fields_context(self) -> list[dict[str, Any]]:
        """Wagtail's own list of fields is not shown."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = timezone.localdate()
        prefetch_related_objects([self.object], *households.WITH_WARNINGS)
        members = sorted(self.object.members.all(), key=lambda member: (member.born_on or date.max, member.pk))
        members.sort(key=lambda member: member.pk != self.object.main_member_id)
        return super().get_context_data(**kwargs) | {
            "household": self.object,
            "rows": [(member, status_of(member=member, on=on)) for member in members],
            "warnings": households.warnings(
                household=self.object, on=on, with_payers=scope.may_know_payers(self.request.user)
            ),
            "may_change": self.request.user.has_perm("membership.change_member"),
            "main_member": self.object.main_member,
            "waiting": list(self.object.invitations.open(at=timezone.now()).select_related("member")),
        }


class AddToHouseholdView(VerbView):
    """Somebody from the registry moves in."""

    model = Household
    object: Household
    form_class = MoveInForm
    list_title = gettext_lazy("Households")
    page_title = gettext_lazy("Add to the household")
    submit_label = gettext_lazy("Add to the household")

    def perform(self, data: dict[str, Any]) -> str:
        households.add(household=self.object, member=data["member"], by=self.user)
        return _("%(name)s is in the household.") % {"name": data["member"].full_name}
