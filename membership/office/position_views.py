"""Committees and offices: who holds which, who held it before, electing and ending, and everybody on a date."""

from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import BaseColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.views.reports import ReportView
from wagtail.admin.widgets import AdminDateInput, BooleanRadioSelect
from wagtail.admin.widgets.button import Button

from membership import branches, positions, scope
from membership.form_fields import LineField
from membership.models import Committee, Member, Position
from membership.office.chooser_views import member_chooser
from membership.office.panels import MemberPanel
from membership.office.record_screens import OfficeViewSet, OnlyWhatIsVisible, YesColumn
from membership.office.registry_views import RegistryColumn
from membership.office.verb_views import VerbView


class CommitteeListView(generic.IndexView):
    """Every committee, with how many sit in it today."""

    model = Committee
    page_title = gettext_lazy("Committees")
    any_permission_required = ["view"]
    verbose_name_plural = gettext_lazy("committees")
    results_template_name = "membership/office/committee_results.html"
    is_searchable = True
    search_fields = ["name"]
    default_ordering = ["-is_board", "name"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        return [Button(_("Everybody on a date"), url=reverse("positions"), icon_name="date", priority=90)]

    @cached_property
    def columns(self) -> list[BaseColumn]:
        where = [Column("branch", label=_("Branch"))] if branches.are_used() else []
        return [
            RegistryColumn("name", template="committee", label=_("Name")),
            *where,
            YesColumn("is_board", label=_("Board")),
            Column("people", label=_("People")),
        ]

    def get_base_queryset(self) -> QuerySet[Committee]:
        on = timezone.localdate()
        held = Q(positions__starts_on__lte=on) & (Q(positions__ends_on__isnull=True) | Q(positions__ends_on__gte=on))
        rows = scope.visible_to(self.request.user, Committee.objects.select_related("branch"))
        return rows.annotate(people=Count("positions__member", filter=held, distinct=True))


class CommitteeView(OnlyWhatIsVisible, generic.InspectView):
    """One committee: who sits in it, and who did."""

    model = Committee
    any_permission_required = ["view"]
    template_name = "membership/office/committee.html"

    def get_page_title(self) -> str:
        return str(self.object)

    def get_page_subtitle(self) -> str:
        return ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        crumbs = [{"url": reverse("committees:index"), "label": _("Committees")}]
        return [*self.breadcrumbs_items, *crumbs, {"url": "", "label": self.get_page_title()}]

    def get_fields_context(self) -> list[dict[str, Any]]:
        """Wagtail's own list of fields is not shown."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = timezone.localdate()
        rows = scope.visible_to(self.request.user, self.object.positions.select_related("member"))
        terms = list(rows.order_by("office", "title", "-starts_on", "pk"))
        over = [term for term in terms if term.ends_on and term.ends_on < on]
        return super().get_context_data(**kwargs) | {
            "committee": self.object,
            "held": [term for term in terms if term.is_held(on)],
            "coming": [term for term in terms if term.starts_on > on],
            "over": sorted(over, key=lambda term: (term.ends_on or on, term.starts_on), reverse=True),
            "may_change": self.user_has_permission("change"),
        }


class ElectForm(forms.Form):
    """Who, to which office, from when to when."""

    member = forms.ModelChoiceField(
        label=gettext_lazy("Who"), queryset=Member.objects.alive().filter(kind=Member.Kind.PERSON),
        widget=member_chooser.widget_class,
    )  # fmt: skip
    office = forms.TypedChoiceField(
        label=gettext_lazy("Office"), choices=Position.Office.choices, coerce=int, initial=Position.Office.MEMBER
    )
    title = LineField(
        label=gettext_lazy("Title"), limit=120, required=False,
        help_text=gettext_lazy("In your own words, like webmaster. Empty: as above."),
    )  # fmt: skip
    starts_on = forms.DateField(label=gettext_lazy("From"), widget=AdminDateInput)
    ends_on = forms.DateField(
        label=gettext_lazy("To"), widget=AdminDateInput, required=False,
        help_text=gettext_lazy("The last day. Empty: until further notice."),
    )  # fmt: skip


class ElectView(VerbView):
    """Somebody gets an office in the committee."""

    model = Committee
    object: Committee
    list_title = gettext_lazy("Committees")
    page_title = gettext_lazy("Put somebody in an office")
    submit_label = gettext_lazy("Save")
    form_class = ElectForm

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": timezone.localdate()}

    def perform(self, data: dict[str, Any]) -> str:
        position = positions.elect(committee=self.object, by=self.user, **data)
        return _("%(name)s is %(office)s.") % {"name": position.member.full_name, "office": position.shown_title}


class EndForm(forms.Form):
    """The last day of a term."""

    last_on = forms.DateField(label=gettext_lazy("Last day"), widget=AdminDateInput)


class EndView(VerbView):
    """A term ends on another day than was meant."""

    model = Position
    object: Position
    list_title = gettext_lazy("Committees")
    page_title = gettext_lazy("End the office")
    submit_label = gettext_lazy("Save")
    form_class = EndForm

    def user_has_permission(self, permission: str) -> bool:
        """A term has no rights of its own: it belongs to its committee."""
        return bool(self.request.user.has_perm(f"membership.{permission}_committee"))

    def get_initial(self) -> dict[str, Any]:
        return {"last_on": self.object.ends_on or timezone.localdate()}

    def perform(self, data: dict[str, Any]) -> str:
        positions.end(position=self.object, last_on=data["last_on"], by=self.user)
        return _("The last day of %(position)s is saved.") % {"position": self.object}

    def get_success_url(self) -> str:
        return self.back_url

    @property
    def back_url(self) -> str:
        """The committee's page."""
        return reverse("committees:inspect", args=[self.object.committee_id])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": self.list_url(), "label": self.list_title},
            {"url": self.back_url, "label": str(self.object.committee)},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"back_url": self.back_url}


class CommitteeViewSet(OfficeViewSet):
    """Boards, committees and working groups."""

    model = Committee
    name = "committees"
    icon = "group"
    menu_label = gettext_lazy("Committees")
    index_view_class = CommitteeListView
    inspect_view_class = CommitteeView
    edit_handler = ObjectList([FieldPanel("name"), FieldPanel("is_board"), FieldPanel("branch")])

    def extra_urls(self) -> list[URLPattern]:
        end = self.construct_view(EndView, model=Position)
        return [self.record_path("elect", ElectView), path("offices/<int:pk>/end/", end, name="end_position")]


class PositionFilters(WagtailFilterSet):
    """The day, and the boards only."""

    on = django_filters.DateFilter(
        label=gettext_lazy("As on this date"), method="unchanged", widget=AdminDateInput,
        help_text=gettext_lazy("Empty: today."),
    )  # fmt: skip
    boards = django_filters.BooleanFilter(
        label=gettext_lazy("Boards only"), field_name="committee__is_board", widget=BooleanRadioSelect
    )

    class Meta:
        model = Position
        fields: list[str] = []

    def unchanged(self, rows: QuerySet[Position], name: str, value: date) -> QuerySet[Position]:
        return rows


class PositionsView(ReportView):
    """Who held which office on a date."""

    model = Position
    page_title = gettext_lazy("Offices on a date")
    header_icon = "group"
    template_name = "membership/office/positions.html"
    results_template_name = "membership/office/positions_results.html"
    permission_required = None
    filterset_class = PositionFilters
    index_url_name = "positions"
    index_results_url_name = "positions_results"
    is_searchable = False
    paginate_by = 50

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose

    def user_has_any_permission(self, permissions: Any) -> bool:
        """Offices have no rights of their own: they belong to committees."""
        return bool(self.request.user.has_perm("membership.view_committee"))

    any_permission_required = ["view"]

    @cached_property
    def on(self) -> date:
        """The day asked about."""
        filters = self.filters
        day = filters.form.cleaned_data.get("on") if filters and filters.is_valid() else None
        return day or timezone.localdate()

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            RegistryColumn("committee", template="position_committee", label=_("Committee")),
            Column("office", label=_("Office"), accessor="shown_title"),
            RegistryColumn("member", template="position_member", label=_("Name")),
            Column("starts_on", label=_("From"), accessor=lambda row: date_format(row.starts_on)),
            Column("ends_on", label=_("To"), accessor=lambda row: date_format(row.ends_on) if row.ends_on else ""),
        ]

    def get_queryset(self) -> QuerySet[Position]:
        return scope.visible_to(self.request.user, positions.on_a_date(self.on))

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(*args, **kwargs) | {"on": self.on}


def panel(request: HttpRequest, member: Member, on: date) -> MemberPanel | None:
    """The offices somebody holds and has held; nothing for who never held any."""
    rows = list(member.positions.select_related("committee__branch"))
    if not rows:
        return None
    return MemberPanel(
        order=190,
        anchor="positions",
        heading=gettext_lazy("Offices"),
        template="membership/office/panels/positions.html",
        context={
            "rows": [(row, row.is_held(on)) for row in rows],
            "may_look": request.user.has_perm("membership.view_committee"),
        },
    )
