"""What the books' history says: one entry for each action, in the office's words."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

_ACTIONS = {
    "invoicing.issued": (_("Issue"), _("Issued")),
    "invoicing.credited": (_("Credit"), _("Credited")),
    "invoicing.printed_instead": (_("Print instead"), _("Put among the letters to print")),
    "invoicing.look_changed": (_("Change the look of documents"), _("The look of documents was changed")),
    "invoicing.print_file": (_("Put letters into a file"), _("Letters were put into a print file")),
    "invoicing.run_begun": (_("Begin the run"), _("The run began")),
    "invoicing.run_paused": (_("Pause the run"), _("The run was paused")),
    "invoicing.run_resumed": (_("Resume the run"), _("The run was resumed")),
    "invoicing.run_stopped": (_("Stop the run"), _("The run was stopped")),
    "invoicing.way_chosen": (_("Choose how to get invoices"), _("The way of getting invoices was chosen")),
    "invoicing.welcome_letter": (
        _("Print the welcome letter"),
        _("A welcome letter was put among the letters to print"),
    ),
    "invoicing.year_closed": (_("Close the year"), _("Year closed")),
    "invoicing.year_opened": (_("Open the year again"), _("Year opened again")),
}


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    for name, (label, message) in _ACTIONS.items():
        actions.register_action(name, label, message)
