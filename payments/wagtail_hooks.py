"""What payments add to the office: kinds of log lines, screens and numbers."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    """The lines that payments write in the log."""
    actions.register_action("payments.record", _("Register payment"), _("Payment registered"))
    actions.register_action("payments.reverse", _("Undo payment"), _("Payment undone"))
