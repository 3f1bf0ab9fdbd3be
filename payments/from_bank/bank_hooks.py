"""Registration only: what banks told, in the office's menu, addresses, numbers, inbox and log."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from core.money import formatted
from invoicing.inbox import SHOWN, InboxPart, InboxRow
from invoicing.kid import grouped
from invoicing.office_menu import PermittedItem
from payments import giving_up_views
from payments.from_bank import bank_views, queue_views
from payments.models import BankFile, BankLine, Payment

urlpatterns: list[URLPattern] = [
    path("treasury/bank/", bank_views.files, name="bank_files"),
    path("treasury/bank/<int:pk>/", bank_views.file, name="bank_file"),
    path("treasury/bank/<int:pk>/columns/", bank_views.columns, name="bank_columns"),
    path("treasury/bank/<int:pk>/agree/", bank_views.agree, name="bank_agree"),
    path("treasury/bank/<int:pk>/discard/", bank_views.discard, name="bank_discard"),
    path("treasury/unmatched/", queue_views.queue, name="bank_queue"),
    path("treasury/unmatched/<int:pk>/", queue_views.decide, name="bank_decide"),
    path("treasury/unmatched/<int:pk>/undo/", queue_views.undo, name="bank_undo"),
    path("treasury/payments/<int:pk>/pay-back/", giving_up_views.pay_back, name="payments_pay_back"),
    path("treasury/payments/<int:pk>/owed-back/", giving_up_views.owe_back, name="payments_owe_back"),
    path("treasury/invoices/<int:pk>/write-off/", giving_up_views.write_off, name="payments_write_off"),
    path("treasury/write-offs/<int:pk>/undo/", giving_up_views.undo_write_off, name="payments_undo_write_off"),
]


@hooks.register("register_treasury_menu_item")
def bank_files() -> MenuItem:
    return PermittedItem(
        _("Bank files"), reverse("bank_files"), name="bank-files", icon_name="download", order=110,
        permission="payments.view_payment", is_about_everybody=True,
    )  # fmt: skip


@hooks.register("register_treasury_menu_item")
def to_be_matched() -> MenuItem:
    return PermittedItem(
        _("To be matched"), reverse("bank_queue"), name="to-be-matched", icon_name="list-ul", order=120,
        permission="payments.add_payment", is_about_everybody=True,
    )  # fmt: skip


def _in_words(line: BankLine) -> str:
    """How much, and from whom as far as the bank says: the text or the KID where it names nobody."""
    whose = line.payer_name or line.text[:60] or (f"KID {grouped(line.kid)}" if line.kid else "")
    return f"{formatted(line.amount, line.currency)} {whose}".strip()


@hooks.register("treasury_inbox")
def lines_to_match(request: HttpRequest, on: date) -> InboxPart | None:
    """Money, and what the bank took back, that nobody has said anything about."""
    if not request.user.has_perm("payments.add_payment"):
        return None
    lines = BankLine.objects.queued()

    def shown() -> list[InboxRow]:
        return [
            InboxRow(text=_in_words(line), detail=str(line.get_why_display()),
                     url=f"{reverse('bank_queue')}?line={line.pk}", action=_("Match"))
            for line in lines[:SHOWN]
        ]  # fmt: skip

    return InboxPart(
        order=110, title=_("Bank lines to be matched"), count=lines.count(), rows=shown, tone="warn",
        url=reverse("bank_queue"), url_label=_("Match them one by one"),
        why=_("Nobody is reminded while money waits that may be theirs."),
    )  # fmt: skip


@hooks.register("treasury_inbox")
def files_waiting(request: HttpRequest, on: date) -> InboxPart | None:
    """Bank files that were brought and not agreed to, and those that stand still."""
    if not request.user.has_perm("payments.add_payment"):
        return None
    rows = BankFile.objects.waiting().order_by("uploaded_at") | BankFile.objects.stuck().order_by("uploaded_at")

    def shown() -> list[InboxRow]:
        return [
            InboxRow(text=row.name, detail=str(row.get_state_display()), url=reverse("bank_file", args=[row.pk]),
                     action=_("Open"))
            for row in rows[:SHOWN]
        ]  # fmt: skip

    return InboxPart(
        order=100, title=_("Bank files that wait"), count=rows.count(), rows=shown,
        why=_("Compare the totals with the bank and book the file, or discard it."),
    )  # fmt: skip


@hooks.register("treasury_inbox")
def owed_back(request: HttpRequest, on: date) -> InboxPart | None:
    """Money that somebody has decided to pay back, and that has not left yet."""
    if not request.user.has_perm("payments.add_payment"):
        return None
    rows = Payment.objects.filter(is_owed_back=True, unused_amount__gt=0).order_by("received_on", "pk")

    def shown() -> list[InboxRow]:
        return [
            InboxRow(text=f"{formatted(row.unused_amount, row.currency)} {row.payer_name}".strip(),
                     url=reverse("payments_pay_back", args=[row.pk]), action=_("Record as paid back"))
            for row in rows[:SHOWN]
        ]  # fmt: skip

    return InboxPart(
        order=600, title=_("Money to pay back"), count=rows.count(), rows=shown,
        why=_("Pay it in the bank, and record it here when it has left."),
    )  # fmt: skip


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    """The lines that bank files, refunds and write-offs write in the log."""
    for name, label, message in _LOG:
        actions.register_action(f"payments.{name}", label, message)


_LOG = (
    ("bank_file_brought", _("Bring bank file"), _("Bank file brought")),
    ("bank_file_agreed", _("Book bank file"), _("Bank file agreed to")),
    ("bank_file_discarded", _("Discard bank file"), _("Bank file discarded")),
    ("line_set_aside", _("Set aside"), _("Bank line set aside")),
    ("line_opened_again", _("Match again"), _("Bank line waits to be matched again")),
    ("paid_back", _("Pay back"), _("Paid back")),
    ("refund_undone", _("Undo refund"), _("Refund undone")),
    ("owed_back", _("To be paid back"), _("Waits to be paid back")),
    ("credit_again", _("Not to be paid back"), _("Is credit again")),
    ("written_off", _("Write off"), _("The rest was written off")),
    ("write_off_undone", _("Undo write-off"), _("The write-off was undone")),
)
