"""Registration only: the registry's screens, panels, numbers and log actions in the office."""

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.permissions import register_permission_policy

from membership import office_log, office_panels
from membership.models import Application, ConsentText, Household, Member, MembershipType
from membership.office_chooser_views import member_chooser
from membership.viewsets import MembersGroup

for model in (Application, ConsentText, Household, Member, MembershipType):
    register_permission_policy(model)

for panel in office_panels.ALL:
    hooks.register("member_panel", panel)

hooks.register("register_log_actions", office_log.register_actions)


@hooks.register("register_admin_viewset")
def register_screens() -> list[object]:
    return [MembersGroup(), member_chooser]


@hooks.register("insert_global_admin_css")
def office_styles() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("office/office.css"))
