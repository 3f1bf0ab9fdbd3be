"""Registration only: the treasury's menu, panels and numbers in the office."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.permissions import register_permission_policy

from invoicing import erasure, my_data, office_panels, type_changes, views
from invoicing.models import Invoice
from invoicing.viewsets import TreasuryGroup
from membership.my_page.sections import MyPageSection

register_permission_policy(Invoice)

hooks.register("member_panel", office_panels.of_member)
hooks.register("office_number", office_panels.unpaid)
hooks.register("office_number", office_panels.without_pdf)
hooks.register("hold_back_erasure", erasure.hold_back)
hooks.register("hold_back_type_change", type_changes.hold_back)
hooks.register("my_data_part", my_data.invoices)
hooks.register("my_page_notice", views.to_pay)
hooks.register("welcome_notice", views.to_pay_now)


@hooks.register("my_page_section")
def my_invoices() -> MyPageSection:
    return MyPageSection(order=300, name="invoices", label=_("Invoices"), url_name="my_invoices")


@hooks.register("register_admin_viewset")
def register_screens() -> TreasuryGroup:
    return TreasuryGroup()
