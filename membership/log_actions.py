"""What the registry's history says: one entry for each action, in the office's words."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

_ACTIONS = {
    "membership.member.viewed": (_("Look"), _("Looked at")),
    "membership.member.exported": (_("Export"), _("Exported")),
    "membership.member.changed": (_("Change"), _("Changed")),
    "membership.member.login_link_sent": (_("Log-in link"), _("Log-in link sent")),
    "membership.member.resigned": (_("Resignation"), _("Resigned")),
    "membership.member.died": (_("Death"), _("Recorded as deceased")),
    "membership.member.excluded": (_("Exclusion"), _("Excluded")),
    "membership.period.opened": (_("New period"), _("A period was opened")),
    "membership.period.confirmed": (_("Confirmation"), _("The period was confirmed")),
    "membership.period.unconfirmed": (_("Payment undone"), _("The period is unpaid again")),
    "membership.period.ended": (_("End of period"), _("The period was ended")),
    "membership.household.formed": (_("New household"), _("The household was formed")),
    "membership.household.joined": (_("Move in"), _("Moved into a household")),
    "membership.household.left": (_("Move out"), _("Moved out of a household")),
    "membership.household.handed_over": (_("New main member"), _("Became main member")),
    "membership.application.refused": (_("Refusal"), _("The application was refused")),
    "membership.import.done": (_("Import"), _("Imported from a file")),
}


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    for name, (label, message) in _ACTIONS.items():
        actions.register_action(name, label, message)
