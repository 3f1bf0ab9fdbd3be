"""Registration only: the treasury's menu, panels and numbers in the office."""

from wagtail import hooks
from wagtail.permissions import register_permission_policy

from invoicing import office_panels
from invoicing.models import Invoice
from invoicing.viewsets import TreasuryGroup

register_permission_policy(Invoice)

hooks.register("member_panel", office_panels.of_member)
hooks.register("office_number", office_panels.unpaid)
hooks.register("office_number", office_panels.without_pdf)


@hooks.register("register_admin_viewset")
def register_screens() -> TreasuryGroup:
    return TreasuryGroup()
