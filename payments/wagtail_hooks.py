"""Registration only: the treasurer's screens, panels, numbers and log lines."""

from typing import Any

from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from core.ledgers import register
from core.visibility import about_everybody
from invoicing.office_menu import PermittedItem
from membership.my_page.sections import MyPageSection
from payments import erasure, my_data, office_panels, office_views, purging, register_views, reports, traceable
from payments.books import in_the_way
from payments.books.urls import urlpatterns as book_urls
from payments.from_bank.bank_hooks import urlpatterns as bank_urls
from payments.ledgers import OnlinePaymentLedger, PaymentLedger
from payments.online import online_views, pay_links
from payments.providers import active
from payments.reminders import hooks as reminder_hooks  # noqa: F401 (the follow-up registers its own)

_ledger = register(PaymentLedger)()
_online_ledger = register(OnlinePaymentLedger)()

hooks.register("member_panel", office_panels.of_member)
hooks.register("invoice_panel", office_panels.of_invoice)
hooks.register("hold_back_erasure", erasure.hold_back)
hooks.register("clearing", purging.clearing)
hooks.register("my_data_part", my_data.payments)
hooks.register("my_data_part", my_data.online_payments)
hooks.register("traceable_terms", traceable.terms)
hooks.register("office_number", office_panels.overdue)
hooks.register("office_number", office_panels.overpaid)
hooks.register("year_closing_hindrance", in_the_way.of_closing)
hooks.register("treasury_inbox", online_views.to_be_looked_at)
hooks.register("ways_to_pay", pay_links.buttons)
hooks.register("link_to_pay", pay_links.link)


@hooks.register("my_page_section")
def my_payments() -> MyPageSection:
    return MyPageSection(order=350, name="payments", label=_("Payments"), url_name="my_payments")


@hooks.register("register_treasury_menu_item")
def register_payments() -> MenuItem:
    return PermittedItem(
        _("Register payments"), reverse("payments_register"), name="register-payments", icon_name="plus-inverse",
        order=100, permission="payments.add_payment",
    )  # fmt: skip


@hooks.register("register_treasury_menu_item")
def payments_due() -> MenuItem:
    return PermittedItem(
        _("Payments due"), reverse("payments_due"), name="payments-due", icon_name="time", order=150,
        permission="invoicing.view_invoice",
    )  # fmt: skip


@hooks.register("register_treasury_menu_item")
def payment_ledger() -> MenuItem:
    return _ledger.get_menu_item()


@hooks.register("register_treasury_menu_item")
def the_books() -> MenuItem:
    return PermittedItem(
        _("The books"), reverse("books"), name="books", icon_name="table", order=400,
        permission="invoicing.view_closedyear", is_about_everybody=True,
    )  # fmt: skip


class OnlineItem(PermittedItem):
    """Online payments, where a provider is switched on."""

    def is_shown(self, request: Any) -> bool:
        return bool(active.aliases()) and super().is_shown(request)


@hooks.register("register_treasury_menu_item")
def online_ledger() -> MenuItem:
    return OnlineItem(
        _("Online payments"), reverse("online-payments_modeladmin_index"), name="online-payments",
        icon_name="mobile-alt", order=310, permission="payments.view_providerpayment",
    )  # fmt: skip


@hooks.register("register_admin_urls")
def office_urls() -> list[URLPattern]:
    return [
        *about_everybody([*book_urls, *bank_urls]),
        path("treasury/register/", register_views.RegisterView.as_view(), name="payments_register"),
        path("treasury/payments/<int:pk>/", office_views.payment, name="payments_payment"),
        path("treasury/payments/<int:pk>/receipt/<int:number>/", office_views.receipt, name="payments_receipt"),
        path("treasury/payments/<int:pk>/undo/", register_views.undo, name="payments_undo"),
        path("treasury/online/<int:pk>/", online_views.online_payment, name="payments_online"),
        path("treasury/online/<int:pk>/<slug:verb>/", online_views.act, name="payments_online_act"),
        path("treasury/due/", reports.DueView.as_view(), name="payments_due"),
        path("treasury/due/results/", reports.DueView.as_view(results_only=True), name="payments_due_results"),
        path("treasury/due/export/", reports.export_due, name="payments_due_export"),
    ]


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    """The lines that payments write in the log."""
    actions.register_action("payments.record", _("Register payment"), _("Payment registered"))
    actions.register_action("payments.reverse", _("Undo payment"), _("Payment undone"))
    actions.register_action("payments.credit_used", _("Use credit"), _("Credit was used"))
    actions.register_action("payments.journal_exported", _("Export"), _("Exported the journal"))
    actions.register_action("payments.open_items_exported", _("Export"), _("Exported what was open on a day"))
    actions.register_action("payments.due_exported", _("Export"), _("Exported the list of payments due"))
    actions.register_action("payments.online_booked", _("Book online payment"), _("Online payment was booked"))
    actions.register_action("payments.online_refund", _("Pay back online payment"), _("Online payment is paid back"))
    actions.register_action("payments.online_set_aside", _("Set aside"), _("Online payment was set aside"))
