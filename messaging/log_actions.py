"""What the history says when somebody in the office decides about messages."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

_ACTIONS = {
    "messaging.send_again": (_("Send again"), _("The message was queued again")),
    "messaging.regard_as_sent": (_("Regard as sent"), _("The message was regarded as sent")),
    "messaging.cancel": (_("Cancel"), _("The message was cancelled")),
    "messaging.resume": (_("Resume"), _("Sending was resumed")),
    "messaging.unblock": (_("Unblock"), _("The address was unblocked")),
}


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    for name, (label, message) in _ACTIONS.items():
        actions.register_action(name, label, message)
