"""Registration only: the treasury's menu, panels and numbers in the office."""

from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.permissions import register_permission_policy

from core.visibility import about_everybody
from invoicing import (
    by_hand_views,
    ehf_views,
    erasure,
    inbox,
    inbox_parts,
    inbox_views,
    look_views,
    my_data,
    office_panels,
    purging,
    type_changes,
    views,
)
from invoicing.letters import views as letter_views
from invoicing.letters import welcome_views
from invoicing.models import Invoice
from invoicing.office_menu import PermittedItem
from invoicing.run import views as run_views
from invoicing.viewsets import TreasuryGroup
from membership.my_page.sections import MyPageSection

register_permission_policy(Invoice)

hooks.register("member_panel", office_panels.of_member)
hooks.register("member_panel", welcome_views.panel)
hooks.register("bulk_verb", welcome_views.bulk_verb)
hooks.register("register_members_menu_item", welcome_views.menu_item)
hooks.register("office_number", office_panels.unpaid)
hooks.register("office_number", office_panels.without_pdf)
hooks.register("office_number", inbox.number)
hooks.register("treasury_inbox", inbox_parts.not_arrived)
hooks.register("treasury_inbox", inbox_parts.credit_notes_not_arrived)
hooks.register("treasury_inbox", inbox_parts.unknown)
hooks.register("treasury_inbox", inbox_parts.without_pdf)
hooks.register("hold_back_erasure", erasure.hold_back)
hooks.register("clearing", purging.clearing)
hooks.register("hold_back_type_change", type_changes.hold_back)
hooks.register("keep_payments_waiting", type_changes.keep_payments_waiting)
hooks.register("my_data_part", my_data.invoices)
hooks.register("my_page_notice", views.to_pay)
hooks.register("welcome_notice", views.to_pay_now)


@hooks.register("my_page_section")
def my_invoices() -> MyPageSection:
    return MyPageSection(order=300, name="invoices", label=_("Invoices"), url_name="my_invoices")


@hooks.register("register_treasury_menu_item")
def inbox_item() -> MenuItem:
    return PermittedItem(
        _("Inbox"), reverse("treasury_inbox"), name="treasury-inbox", icon_name="mail", order=50,
        permission="invoicing.view_invoice", is_about_everybody=True,
    )  # fmt: skip


@hooks.register("register_treasury_menu_item")
def invoice_the_year() -> MenuItem:
    return PermittedItem(
        _("Invoice the year"), reverse("invoice_runs"), name="invoice-runs", icon_name="calendar-alt", order=210,
        permission="invoicing.view_invoice", is_about_everybody=True,
    )  # fmt: skip


@hooks.register("register_admin_urls")
def office_addresses() -> list[URLPattern]:
    inbox = path("treasury/inbox/", inbox_views.treasury_inbox, name="treasury_inbox")
    return [
        path("treasury/ehf/<int:pk>/", ehf_views.invoice_ehf, name="invoice_ehf"),
        path("treasury/copy/<int:pk>/", by_hand_views.copy, name="invoice_copy"),
        *welcome_views.urlpatterns,
        *about_everybody([
            inbox, *run_views.urlpatterns, *letter_views.urlpatterns, *look_views.urlpatterns,
            *by_hand_views.urlpatterns,
        ]),
    ]  # fmt: skip


@hooks.register("register_treasury_menu_item")
def letters() -> MenuItem:
    return PermittedItem(
        _("Letters"), reverse("print_files"), name="print-files", icon_name="mail", order=220,
        permission="invoicing.view_invoice", is_about_everybody=True,
    )  # fmt: skip


@hooks.register("register_treasury_menu_item")
def look_of_documents() -> MenuItem:
    return PermittedItem(
        _("Look of documents"), reverse("print_look"), name="print-look", icon_name="view", order=900,
        permission="invoicing.change_printlook", is_about_everybody=True,
    )  # fmt: skip


@hooks.register("register_admin_viewset")
def register_screens() -> TreasuryGroup:
    return TreasuryGroup()
