"""Registration only: the registry's screens, panels, numbers and log actions in the office."""

from functools import partial

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse_lazy
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.permissions import register_permission_policy

from membership import branches, campaigns, voter_rolls
from membership.imports import menu  # noqa: F401
from membership.models import (
    Application,
    Branch,
    Campaign,
    Committee,
    ConsentText,
    DuplicatePair,
    Household,
    Member,
    MembershipType,
    Merge,
    VoterRoll,
)
from membership.my_page import household_seats_views as my_seats
from membership.my_page import household_views as my_household
from membership.office import (
    branch_views,
    bulk_verbs,
    campaign_views,
    countable_views,
    dashboard,
    household_numbers,
    household_seats_views,
    look,
    message_recipients,
    number_views,
    own_panels,
    position_views,
    reports,
    retention_views,
    simulator_views,
    type_change_views,
    users,
    voter_roll_views,
)
from membership.office.chooser_views import member_chooser
from membership.office.duplicate_viewsets import MergeViewSet, possible_duplicates
from membership.office.record_screens import WhereUsed
from membership.office.viewsets import MembersGroup

for model in (
    Application, Committee, ConsentText, DuplicatePair, Household, Member, MembershipType, Merge,
    VoterRoll,
):  # fmt: skip
    register_permission_policy(model)
register_permission_policy(Branch, WhereUsed(Branch, branches.are_used))
register_permission_policy(Campaign, WhereUsed(Campaign, campaigns.are_used))

for panel in (*own_panels.ALL, retention_views.panel):
    hooks.register("member_panel", panel)

for panel in (household_seats_views.seats_panel, household_seats_views.pays_for_panel):
    hooks.register("member_panel", panel)

for number in (*dashboard.NUMBERS, possible_duplicates):
    hooks.register("office_number", number)
hooks.register("office_number", household_numbers.households_to_look_at)

hooks.register("member_panel", branch_views.panel)
hooks.register("member_panel", position_views.panel)
hooks.register("member_panel", campaign_views.panel)
for verb in (*bulk_verbs.ALL, branch_views.transfer_all, type_change_views.change_next_type):
    hooks.register("bulk_verb", verb)

for notice in (my_household.notice, my_seats.notice):
    hooks.register("my_page_notice", notice)

hooks.register("my_data_part", voter_rolls.data_part)
for recipient in (message_recipients.member, message_recipients.applicant):
    hooks.register("message_recipient", recipient)

hooks.register("before_bulk_action", users.guard_bulk_action)


@hooks.register("register_admin_viewset")
def register_screens() -> list[object]:
    return [MembersGroup(), MergeViewSet(), voter_roll_views.VoterRollViewSet(), member_chooser]


@hooks.register("register_admin_urls")
def register_reports() -> list[URLPattern]:
    erasures = retention_views.ErasureReport
    return [
        *reports.urlpatterns,
        *countable_views.urlpatterns,
        *simulator_views.urlpatterns,
        path("reports/offices/", position_views.PositionsView.as_view(), name="positions"),
        path(
            "reports/offices/results/",
            position_views.PositionsView.as_view(results_only=True),
            name="positions_results",
        ),
        path("reports/recruiters/", campaign_views.RecruitersView.as_view(), name="recruiters"),
        path(
            "reports/recruiters/results/",
            campaign_views.RecruitersView.as_view(results_only=True),
            name="recruiters_results",
        ),
        path("reports/recruiters/export/", campaign_views.RecruitersExportView.as_view(), name="recruiters_export"),
        path("reports/erasure/", erasures.as_view(), name="erasures"),
        path("reports/erasure/results/", erasures.as_view(results_only=True), name="erasures_results"),
    ]


class MembersReport(MenuItem):
    """A report in the menu, for those who may see members."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("membership.view_member")


def report_item(report: type[number_views.NumberReport], order: int) -> MenuItem:
    """A report of numbers in the menu."""
    return MembersReport(
        report.page_title, reverse_lazy(report.url_name), name=report.url_name.replace("_", "-"),
        icon_name=report.header_icon, order=order,
    )  # fmt: skip


IN_THE_MENU: tuple[type[number_views.NumberReport], ...] = (*reports.REPORTS, countable_views.CountableView)

for place, report in enumerate(IN_THE_MENU):
    hooks.register("register_reports_menu_item", partial(report_item, report, 100 + place))


@hooks.register("register_reports_menu_item")
def who_recruited() -> MenuItem:
    return MembersReport(_("Recruiters"), reverse_lazy("recruiters"), name="recruiters", icon_name="group", order=110)


class OfficesReport(MenuItem):
    """Who holds which office, for those who may see committees."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("membership.view_committee")


@hooks.register("register_reports_menu_item")
def offices_on_a_date() -> MenuItem:
    return OfficesReport(
        _("Offices on a date"), reverse_lazy("positions"), name="offices", icon_name="group", order=120
    )


class VoterRollsItem(MenuItem):
    """Voter rolls, for those who may see them."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("membership.view_voterroll")


@hooks.register("register_reports_menu_item")
def voter_rolls_item() -> MenuItem:
    return VoterRollsItem(
        _("Voter rolls"), reverse_lazy("voter_rolls:index"), name="voter-rolls", icon_name="list-ul", order=150
    )


class SimulatorItem(MenuItem):
    """The simulator, for those who may use it."""

    def is_shown(self, request: HttpRequest) -> bool:
        return simulator_views.may_simulate(request.user)


@hooks.register("register_reports_menu_item")
def simulator_item() -> MenuItem:
    return SimulatorItem(_("Simulator"), reverse_lazy("simulator"), name="simulator", icon_name="cogs", order=160)


class ErasureReportItem(MenuItem):
    """What will be erased, for those who may change members."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("membership.change_member")


@hooks.register("register_reports_menu_item")
def what_will_be_erased() -> MenuItem:
    return ErasureReportItem(
        _("What will be erased"), reverse_lazy("erasures"), name="erasures", icon_name="bin", order=190
    )


@hooks.register("insert_global_admin_css")
def office_styles() -> SafeString:
    return look.style() + format_html('<link rel="stylesheet" href="{}">', static("office/office.css"))


@hooks.register("insert_global_admin_js")
def office_script() -> SafeString:
    """Dates stay as they were typed until the form reads them."""
    return format_html('<script src="{}"></script>', static("office/dates.js"))


@hooks.register("construct_homepage_panels")
def first_page(request: HttpRequest, panels: list[Component]) -> None:
    """Our panels stand before Wagtail's own about pages."""
    panels[:0] = dashboard.panels(on=timezone.localdate())


@hooks.register("construct_main_menu")
def leave_out_help(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Wagtail's help is about Wagtail's versions, in English; ours stands where the question arises."""
    menu_items[:] = [item for item in menu_items if item.name != "help"]
