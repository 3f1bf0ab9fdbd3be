"""The registry: every member on one list, found by any fragment, filtered by status on a date."""

from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, NumberRangeWidget, WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.widgets import AdminDateInput, BooleanRadioSelect
from wagtail.admin.widgets.button import Button

from membership.models import Member, MembershipType, Period
from membership.models.member_queries import MemberQuerySet
from membership.status import LABELS, Status, status_of

# How each column sorts, all the way down, so that pages never repeat or lose a row.
ORDERS = {
    "last_name": ("last_name", "first_names", "pk"),
    "number": (Length("member_number"), "member_number"),
    "place": ("postcode", "last_name", "first_names", "pk"),
    "member_since": ("member_since", "last_name", "first_names", "pk"),
}


class RegistryFilters(WagtailFilterSet):
    """What the registry can be narrowed down to. Nothing here asks about office-only fields."""

    status = django_filters.MultipleChoiceFilter(
        label=_("Status"), choices=list(LABELS.items()), method="in_status", widget=forms.CheckboxSelectMultiple
    )
    on = django_filters.DateFilter(
        label=_("As on this date"), method="unchanged", widget=AdminDateInput,
        help_text=_("Status and type are shown as they were, or will be, on this day. Empty: today."),
    )  # fmt: skip
    type = django_filters.ModelMultipleChoiceFilter(
        label=_("Membership type"), queryset=MembershipType.objects.all(), method="of_type",
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    kind = django_filters.ChoiceFilter(
        label=_("Person or organisation"), choices=Member.Kind.choices, empty_label=_("Both"), widget=forms.RadioSelect
    )
    has_household = django_filters.BooleanFilter(
        label=_("In a household"), field_name="household", lookup_expr="isnull", exclude=True,
        widget=BooleanRadioSelect,
    )  # fmt: skip
    has_email = django_filters.BooleanFilter(
        label=_("Has e-mail"), field_name="email", lookup_expr="exact", method="with_email", widget=BooleanRadioSelect
    )
    language = django_filters.ChoiceFilter(
        label=_("Language"), choices=Member._meta.get_field("language").choices, empty_label=_("All"),
        widget=forms.RadioSelect,
    )  # fmt: skip
    joined = django_filters.DateFromToRangeFilter(
        label=_("Member since"), field_name="member_since", widget=DateRangePickerWidget
    )
    trial_ends_by = django_filters.DateFilter(
        label=_("Trial ends by"), method="with_trial_ending", widget=AdminDateInput
    )
    born = django_filters.RangeFilter(label=_("Year of birth"), method="born_between", widget=NumberRangeWidget)

    class Meta:
        model = Member
        fields: list[str] = []

    @property
    def day(self) -> date:
        """The date asked about; today when none is given."""
        return self.form.cleaned_data.get("on") or timezone.localdate()

    def in_status(self, members: MemberQuerySet, name: str, codes: list[str]) -> MemberQuerySet:
        return members.in_status(*codes, on=self.day) if codes else members

    def unchanged(self, members: MemberQuerySet, name: str, value: date) -> MemberQuerySet:
        return members

    def of_type(self, members: MemberQuerySet, name: str, types: list[MembershipType]) -> MemberQuerySet:
        if not types:
            return members
        return members.filter(pk__in=Period.objects.covering(self.day).filter(type__in=types).values("member"))

    def with_trial_ending(self, members: MemberQuerySet, name: str, by: date) -> MemberQuerySet:
        trials = Period.objects.covering(self.day).trials().filter(ends_on__lte=by)
        return members.filter(pk__in=trials.values("member"))

    def with_email(self, members: MemberQuerySet, name: str, wanted: bool) -> MemberQuerySet:
        return members.exclude(email="") if wanted else members.filter(email="")

    def born_between(self, members: MemberQuerySet, name: str, years: slice) -> MemberQuerySet:
        if years.start is not None:
            members = members.filter(born_on__gte=_new_year(years.start))
        if years.stop is not None:
            members = members.filter(born_on__lt=_new_year(years.stop + 1))
        return members


def _new_year(year: Any) -> date:
    return date(max(1, min(int(year), 9999)), 1, 1)


class RegistryColumn(Column):
    """A cell of its own template, which gets the member as `instance`."""

    def __init__(self, name: str, *, template: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.cell_template_name = f"membership/office/cells/{template}.html"


class StatusColumn(RegistryColumn):
    """The status on the list's date as a tag, with its sentence for those who point at it."""

    def __init__(self, *, on: date) -> None:
        super().__init__("status", template="status", label=_("Status"))
        self.on = on

    def get_value(self, instance: Member) -> Status:
        return status_of(member=instance, on=self.on)


class RegistryView(generic.IndexView):
    """The office's list of everybody in the registry, by name in the Norwegian order, 50 a page."""

    model = Member
    page_title = _("Registry")
    add_item_label = _("Register a member")
    results_template_name = "membership/office/registry_results.html"
    any_permission_required = ["view"]
    default_ordering = "last_name"
    filterset_class = RegistryFilters
    verbose_name_plural = _("members")
    is_searchable = True

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose

    @cached_property
    def on(self) -> date:
        """The day that status and type are shown for."""
        filters = self.filters
        return filters.day if filters and filters.is_valid() else timezone.localdate()

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column_class(RegistryColumn)(
                "name", template="name", label=_("Name"), sort_key="last_name", accessor="full_name"
            ),
            Column("member_number", label=_("Number"), sort_key="number"),
            StatusColumn(on=self.on),
            RegistryColumn("type", template="type", label=_("Type"), accessor=self._type_of),
            RegistryColumn(
                "place", template="place", label=_("Place"), sort_key="place", accessor=lambda member: member
            ),
            RegistryColumn("contact", template="contact", label=_("E-mail and mobile")),
        ]

    def _type_of(self, member: Member) -> MembershipType | None:
        status = status_of(member=member, on=self.on)
        return status.type if status.belongs else None

    def get_base_queryset(self) -> QuerySet[Member]:
        members: QuerySet[Member] = Member.objects.prefetch_related("periods__type")
        return members

    def search_queryset(self, queryset: MemberQuerySet) -> MemberQuerySet:
        """Our own search: any fragment of name, number, e-mail, phone or address, in any alphabet."""
        return queryset.found_by(self.search_query) if self.is_searching else queryset

    def order_queryset(self, queryset: MemberQuerySet) -> MemberQuerySet:
        keys = ORDERS[self.ordering.removeprefix("-")]
        return queryset.order_by(*keys) if self.ordering[0] != "-" else queryset.order_by(*keys).reverse()

    def get_edit_url(self, instance: Member) -> str | None:
        """Edit stays a second step in the row's menu: a name opens the member's page."""
        if not self.user_has_permission("change"):
            return None
        return reverse(self.edit_url_name, args=[instance.pk])

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        if not self.user_has_permission("export"):
            return []
        address = f"{reverse('members:export')}?{self.request.GET.urlencode()}"
        return [Button(_("Export this list"), url=address, icon_name="download", priority=90)]

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        context["on"] = self.on
        context["is_today"] = self.on == timezone.localdate()
        return context
