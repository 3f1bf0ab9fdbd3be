"""Registration only: what banks told, in the office's menu, addresses, numbers and log."""

from typing import Any

from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

urlpatterns: list[URLPattern] = []


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
