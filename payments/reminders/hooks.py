"""Registration only: the follow-up's screens, panels, log lines and its parts of the treasurer's inbox."""

from typing import Any

from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from core.visibility import about_everybody
from invoicing.office_menu import PermittedItem
from payments.reminders import (
    inbox_parts,
    invoice_views,
    my_data,
    my_page_views,
    office_views,
    panels,
    plan_views,
    striking,
)

hooks.register("hold_back_striking", striking.hold_back)
hooks.register("invoice_panel", panels.of_invoice)
hooks.register("my_invoice_panel", my_page_views.panels)
hooks.register("my_data_part", my_data.reminders)
for part in inbox_parts.ALL:
    hooks.register("treasury_inbox", part)


@hooks.register("register_treasury_menu_item")
def reminders() -> MenuItem:
    return PermittedItem(
        _("Reminders"), reverse("reminders"), name="reminders", icon_name="mail", order=160,
        permission="payments.view_reminder", is_about_everybody=True,
    )  # fmt: skip


@hooks.register("register_admin_urls")
def office_urls() -> list[URLPattern]:
    of_invoice = "treasury/reminders/invoices/<int:pk>/"
    plan = "treasury/reminders/plans/<int:pk>/"
    return about_everybody([
        path("treasury/reminders/", office_views.RemindersView.as_view(), name="reminders"),
        path("treasury/reminders/results/", office_views.RemindersView.as_view(results_only=True),
             name="reminders_results"),
        path("treasury/reminders/send/", office_views.send, name="reminders_send"),
        path("treasury/reminders/sendings/<int:pk>/", office_views.sending, name="reminders_sending"),
        path("treasury/reminders/bank/", office_views.look_through, name="reminders_bank"),
        path(f"{of_invoice}by-hand/", invoice_views.ByHandView.as_view(), name="reminders_by_hand"),
        path(f"{of_invoice}more-time/", invoice_views.MoreTimeView.as_view(), name="reminders_more_time"),
        path(f"{of_invoice}print/", invoice_views.print_instead, name="reminders_print"),
        path("treasury/reminders/<int:pk>/letter/", invoice_views.letter, name="reminders_letter"),
        path(plan, plan_views.plan, name="payment_plan"),
        path(f"{plan}agree/", plan_views.agree, name="payment_plan_agree"),
        path(f"{plan}refuse/", plan_views.refuse, name="payment_plan_refuse"),
        path(f"{plan}seen/", plan_views.seen, name="payment_plan_seen"),
    ])  # fmt: skip


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    """The lines that the follow-up writes in the log."""
    actions.register_action("payments.reminded", _("Remind"), _("A reminder was sent"))
    actions.register_action("payments.reminders_begun", _("Send reminders"), _("Sending of reminders began"))
    actions.register_action("payments.reminders_stopped", _("Stop reminders"), _("Sending of reminders stopped"))
    actions.register_action("payments.looked_through", _("Look through the bank"), _("The bank was looked through"))
    actions.register_action("payments.snoozed", _("Give more time"), _("More time to pay was given"))
    actions.register_action("payments.plan_proposed", _("Propose to pay in parts"), _("Paying in parts was proposed"))
    actions.register_action("payments.plan_agreed", _("Agree to a payment plan"), _("A payment plan was agreed"))
    actions.register_action("payments.plan_refused", _("Refuse a payment plan"), _("A payment plan was refused"))
    actions.register_action("payments.plan_kept", _("Keep a payment plan"), _("A payment plan was kept"))
    actions.register_action("payments.plan_ended", _("End a payment plan"), _("A payment plan ended"))
    actions.register_action("payments.plan_broken", _("Break a payment plan"), _("A payment plan was broken"))
    actions.register_action("payments.plan_seen", _("See a broken plan"), _("A broken payment plan was seen"))
