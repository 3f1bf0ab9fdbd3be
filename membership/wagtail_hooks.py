"""Registration only: the registry's screens, panels, numbers and log actions in the office."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.permissions import register_permission_policy

from membership import office_dashboard, office_look, office_panels, office_users
from membership.imports import menu  # noqa: F401
from membership.models import Application, ConsentText, Household, Member, MembershipType
from membership.office_chooser_views import member_chooser
from membership.viewsets import MembersGroup

for model in (Application, ConsentText, Household, Member, MembershipType):
    register_permission_policy(model)

for panel in office_panels.ALL:
    hooks.register("member_panel", panel)

for number in office_dashboard.NUMBERS:
    hooks.register("office_number", number)

hooks.register("before_bulk_action", office_users.guard_bulk_action)


@hooks.register("register_admin_viewset")
def register_screens() -> list[object]:
    return [MembersGroup(), member_chooser]


@hooks.register("insert_global_admin_css")
def office_styles() -> SafeString:
    return office_look.style() + format_html('<link rel="stylesheet" href="{}">', static("office/office.css"))


@hooks.register("construct_homepage_panels")
def first_page(request: HttpRequest, panels: list[Component]) -> None:
    """Our panels stand before Wagtail's own about pages."""
    panels[:0] = office_dashboard.panels(on=timezone.localdate())


@hooks.register("construct_main_menu")
def leave_out_help(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Wagtail's help is about Wagtail's versions, in English; ours stands where the question arises."""
    menu_items[:] = [item for item in menu_items if item.name != "help"]
