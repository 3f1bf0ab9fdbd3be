"""Campaigns in the office, and who recruited how many that paid."""

from datetime import date
from functools import cached_property
from typing import Any, cast

import django_filters
from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, Panel
from wagtail.admin.ui.tables import BaseColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.views.reports import ReportView
from wagtail.admin.widgets.button import Button

from core import exports, money
from core.models import User
from membership import campaigns, scope
from membership.models import Application, Campaign, Member, MembershipType
from membership.models.member_queries import MemberQuerySet
from membership.office import export_log
from membership.office.forms import PurposeForm
from membership.office.panels import MemberPanel
from membership.office.record_screens import OfficeViewSet
from membership.office.registry_views import RegistryColumn


class CampaignForm(WagtailAdminModelForm):
    """A campaign. Codes are capitals, however they are typed."""

    class Meta:
        model = Campaign
        fields: list[str] = []
        localized_fields = ("percent", "price")

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data is not None and data.get("code"):
            data = data.copy()
            data["code"] = "".join(data["code"].split()).upper()
        super().__init__(data, *args, **kwargs)
        types = MembershipType.objects.memberships()
        self.fields["types"].queryset = types
        self.fields["types"].label_from_instance = lambda type_: type_.name


CAMPAIGN_PANELS: list[Panel] = [
    MultiFieldPanel(
        [FieldRowPanel([FieldPanel("code"), FieldPanel("name")]), FieldRowPanel([FieldPanel("percent"),
         FieldPanel("price")])],
        heading=gettext_lazy("Campaign"),
    ),
    MultiFieldPanel(
        [FieldRowPanel([FieldPanel("valid_from"), FieldPanel("valid_to")]), 
         FieldPanel("types", widget=forms.CheckboxSelectMultiple), FieldPanel("max_uses")],
        heading=gettext_lazy("Who gets it"),
    ),
]  # fmt: skip


class CampaignListView(generic.IndexView):
    """Every campaign, the newest first, with how many have used it."""

    model = Campaign
    page_title = gettext_lazy("Campaigns")
    any_permission_required = ["view"]
    verbose_name_plural = gettext_lazy("campaigns")
    results_template_name = "membership/office/campaign_results.html"
    default_ordering = ["-valid_from", "code"]
    header_more_buttons: list[Button] = []

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("code"),
            Column("name", label=_("Name")),
            Column("takes_off", label=_("Discount"), accessor=_discount),
            Column("valid_from", label=_("From"), accessor=lambda row: date_format(row.valid_from)),
            Column("valid_to", label=_("To"), accessor=lambda row: date_format(row.valid_to) if row.valid_to else ""),
            Column("used", label=_("Used"), accessor=_used),
        ]

    def get_base_queryset(self) -> QuerySet[Campaign]:
        not_counted = [Application.State.REFUSED, Application.State.EXPIRED]
        return Campaign.objects.annotate(
            used=Count("applications", filter=~Q(applications__state__in=not_counted), distinct=True)
        )


def _discount(campaign: Campaign) -> str:
    if campaign.price is not None:
        return money.formatted(campaign.price)
    return _("%(percent)s %%") % {"percent": format((campaign.percent or 0).normalize(), "f")}  # type: ignore[union-attr]


def _used(campaign: Any) -> str:
    if campaign.max_uses is None:
        return str(campaign.used)
    return _("%(used)d of %(most)d") % {"used": campaign.used, "most": campaign.max_uses}


class CampaignViewSet(OfficeViewSet):
    """Campaign codes. Only where the organisation has them; one that has been used stays."""

    model = Campaign
    name = "campaigns"
    icon = "pick"
    menu_label = gettext_lazy("Campaigns")
    screens = ("index", "index_results", "add", "edit")
    inspect_view_enabled = True  # makes Wagtail offer the right to view among the permissions
    index_view_class = CampaignListView
    edit_handler = ObjectList(CAMPAIGN_PANELS, base_form_class=CampaignForm)


# --- on the page of a member ------------------------------------------------------------------------------------------

RECRUITS_SHOWN = 10


def panel(request: HttpRequest, member: Member, on: date) -> MemberPanel | None:
    """Who recruited somebody, by which campaign, and whom they have recruited; not there where there is nothing."""
    recruits = Member.objects.filter(recruited_by=member)
    number = recruits.count()
    if not (number or member.recruited_by_id or member.campaign_id):
        return None
    shown = scope.visible_to(request.user, recruits).order_by("-registered_on", "-pk")[:RECRUITS_SHOWN]
    return MemberPanel(
        order=190,
        anchor="recruiting",
        heading=gettext_lazy("Recruiting"),
        template="membership/office/panels/recruiting.html",
        context={
            "recruiter": next(iter(scope.may_know(request.user, [member.recruited_by])), None)
            if member.recruited_by
            else None,
            "recruits": (rows := list(shown) if number else []),
            "others": number - len(rows),
        },
    )


# --- who recruited whom -----------------------------------------------------------------------------------------------


class Between(WagtailFilterSet):
    """The days the report is about."""

    days = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Joined, or paid, between"), method="unchanged", widget=DateRangePickerWidget
    )

    class Meta:
        model = Member
        fields: list[str] = []

    def unchanged(self, rows: MemberQuerySet, name: str, value: slice) -> MemberQuerySet:
        return rows


class RecruitersView(ReportView):
    """Who has recruited members, and how many of these have paid: the list of those who are to be thanked."""

    model = Member
    page_title = gettext_lazy("Recruiters")
    header_icon = "group"
    template_name = "membership/office/recruiters.html"
    results_template_name = "membership/office/recruiters_results.html"
    any_permission_required = ["view"]
    filterset_class = Between
    index_url_name = "recruiters"
    index_results_url_name = "recruiters_results"
    is_searchable = False
    paginate_by = 50

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            RegistryColumn("name", template="name", label=_("Name")),
            Column("member_number", label=_("Member number")),
            Column("recruited", label=_("Recruited")),
            Column("paid", label=_("Of these have paid")),
        ]

    @cached_property
    def days(self) -> tuple[date | None, date | None]:
        """From and to, where they are given."""
        filters = self.filters
        asked = filters.form.cleaned_data.get("days") if filters and filters.is_valid() else None
        ends = (asked.start, asked.stop) if asked else (None, None)
        first, last = (timezone.localtime(end).date() if end else None for end in ends)
        return first, last

    def get_queryset(self) -> MemberQuerySet:
        first, last = self.days
        return scope.visible_to(self.request.user, campaigns.recruiters(first=first, last=last))

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        if not self.request.user.has_perm("membership.export_member"):
            return []
        address = f"{reverse('recruiters_export')}?{self.request.GET.urlencode()}"
        return [Button(_("Export this list"), url=address, icon_name="download", priority=90)]


class RecruitersExportView(RecruitersView):
    """The same list as a file, for a purpose. Each on it can see that, and who took it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm("membership.export_member"):
            return render(request, "403.html", status=403)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(PurposeForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = PurposeForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        rows, file_type = self.get_queryset(), form.cleaned_data["file_type"]
        export_log.record(
            members=Member.objects.filter(pk__in=rows.order_by().values("pk")), purpose=form.cleaned_data["purpose"],
            file_type=file_type, at=timezone.now(), by=cast("User", request.user),
        )  # fmt: skip
        response = exports.response(
            name=_("recruiters") + f"-{timezone.localdate():%Y-%m-%d}", format=file_type,
            headings=[str(column.label) for column in self.columns],
            rows=(
                [row.full_name, row.member_number, row.recruited, row.paid] for row in cast("QuerySet[Any]", rows)
            ),
        )  # fmt: skip
        response["Cache-Control"] = "no-store"
        return response

    def _page(self, form: PurposeForm) -> HttpResponse:
        back = f"{reverse('recruiters')}?{self.request.GET.urlencode()}"
        crumbs = [{"url": back, "label": self.page_title}, {"url": "", "label": _("Export")}]
        context = {
            "form": form, "media": form.media, "header_title": _("Export"), "header_icon": "download",
            "submit_label": _("Export"), "back_url": back, "breadcrumbs_items": [*self.breadcrumbs_items, *crumbs],
        }  # fmt: skip
        return render(self.request, "membership/office/verb.html", context)
