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
    "membership.member.data_downloaded": (_("Download"), _("Downloaded their own data")),
    "membership.member.erasure_asked": (_("Request for erasure"), _("Asked to be erased")),
    "membership.member.erasure_taken_back": (_("Request taken back"), _("Took the request for erasure back")),
    "membership.member.held_back": (_("Keep back"), _("Kept from being erased")),
    "membership.member.let_go": (_("Let go"), _("No longer kept from being erased")),
    "membership.member.transferred": (_("Transfer"), _("Transferred to another branch")),
    "membership.position.begun": (_("Office"), _("Got an office")),
    "membership.position.ended": (_("End of office"), _("The last day of an office was set")),
    "membership.member.merged": (_("Merge"), _("Merged with another entry")),
    "membership.member.unmerged": (_("Merge undone"), _("A merge was undone")),
    "membership.member.not_the_same": (_("Not the same"), _("Said not to be the same as another entry")),
    "membership.member.perhaps_the_same": (_("Perhaps the same"), _("To be compared with another entry again")),
    "membership.period.opened": (_("New period"), _("A period was opened")),
    "membership.period.confirmed": (_("Confirmation"), _("The period was confirmed")),
    "membership.period.unconfirmed": (_("Payment undone"), _("The period is unpaid again")),
    "membership.period.changed_type": (_("Change of type"), _("The type was changed")),
    "membership.period.next_type": (_("Type of the next term"), _("The type of the next term was chosen")),
    "membership.period.ended": (_("End of period"), _("The period was ended")),
    "membership.household.formed": (_("New household"), _("The household was formed")),
    "membership.household.joined": (_("Move in"), _("Moved into a household")),
    "membership.household.left": (_("Move out"), _("Moved out of a household")),
    "membership.household.handed_over": (_("New main member"), _("Became main member")),
    "membership.household.asked_to_take_over": (_("Question"), _("Asked to be main member")),
    "membership.invitation.sent": (_("Invitation"), _("An invitation was sent")),
    "membership.invitation.withdrawn": (_("Invitation withdrawn"), _("An invitation was withdrawn")),
    "membership.seat.taken": (_("Seat taken"), _("A seat was taken")),
    "membership.seat.left": (_("Seat left"), _("A seat was left")),
    "membership.contact.named": (_("Contact person"), _("A contact person was named")),
    "membership.contact.dropped": (_("Contact person removed"), _("A contact person was removed")),
    "membership.voter_roll.frozen": (_("Voter roll frozen"), _("The voter roll was frozen")),
    "membership.voter_roll.appealed": (_("Appeal"), _("An appeal against the voter roll was recorded")),
    "membership.voter_roll.decided": (_("Decision"), _("An appeal against the voter roll was decided")),
    "membership.voter_roll.exported": (_("Export"), _("The voter roll was exported")),
    "membership.application.refused": (_("Refusal"), _("The application was refused")),
    "membership.list.stopped": (_("Stop"), _("Stopped")),
    "membership.import.done": (_("Import"), _("Imported from a file")),
    "membership.import.undone": (_("Import undone"), _("The import was undone")),
}


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    for name, (label, message) in _ACTIONS.items():
        actions.register_action(name, label, message)
