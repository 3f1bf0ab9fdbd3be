"""What the registry itself can do with everybody on a list. Each does what the same verb does with one member."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from core.errors import Refused
from membership import leaving, members
from membership.bulk import BulkVerb, Doing
from membership.form_fields import LineField
from membership.models import Member
from membership.office.chooser_views import member_chooser
from membership.sign_in import links


class LanguageForm(forms.Form):
    """The language of messages."""

    language = forms.ChoiceField(
        label=_("Language"), choices=Member._meta.get_field("language").choices or (), widget=forms.RadioSelect
    )


class PayerForm(forms.Form):
    """Who gets the invoices."""

    payer = forms.ModelChoiceField(
        label=_("Payer"), queryset=Member.objects.all(), required=False,
        help_text=_("Nobody chosen: everybody pays for themselves."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payer"].widget = member_chooser.widget_class()


class NoteForm(forms.Form):
    """A line for the office."""

    note = LineField(label=_("Note"), limit=250)


class LeavingForm(forms.Form):
    """From when on they no longer want to be members."""

    asked_on = forms.DateField(
        label=_("Asked to leave on"),
        widget=AdminDateInput,
        help_text=_("Like 31.12.2026. The rules decide the last day."),
    )


def change_language() -> BulkVerb:
    """Messages in another language."""

    def perform(doing: Doing) -> bool:
        return _changed(doing, language=doing.answers["language"])

    return BulkVerb(
        key="language", label=_("Change language"), icon="globe", permission="membership.change_member",
        explanation=_("Messages to them will be in this language."), form_class=LanguageForm, perform=perform,
    )  # fmt: skip


def choose_payer() -> BulkVerb:
    """An employer, a school or a municipality pays for all of them."""

    def perform(doing: Doing) -> bool:
        payer = doing.answers["payer"]
        if payer == doing.member:
            raise Refused(_("Is the payer."), code="self")
        return _changed(doing, payer=payer)

    return BulkVerb(
        key="payer", label=_("Choose who pays"), icon="user", permission="membership.change_member",
        explanation=_("Their invoices from now on go to the payer. Invoices that are sent already stay as they are."),
        form_class=PayerForm, perform=perform, is_office_only=True,
    )  # fmt: skip


def write_note() -> BulkVerb:
    """A line in the office's notes of each."""

    def perform(doing: Doing) -> bool:
        line = f"{doing.on:%Y-%m-%d}: {doing.answers['note']}"
        notes = doing.member.office_notes
        if line in notes.splitlines():
            return False
        return _changed(doing, office_notes=f"{notes}\n{line}".strip())

    return BulkVerb(
        key="note", label=_("Write a note"), icon="edit", permission="membership.change_member",
        explanation=_("The line is added, with today's date, to the office's notes of each. Members never see it."),
        form_class=NoteForm, perform=perform, is_office_only=True,
    )  # fmt: skip


def send_log_in_links() -> BulkVerb:
    """A link to log in by, for those who have had none."""

    def perform(doing: Doing) -> bool:
        if doing.member.login_link_sent_at:
            return False
        links.send(member=doing.member, at=doing.at, by=doing.by)
        return True

    return BulkVerb(
        key="log_in_links", label=_("Send log-in links"), icon="mail", permission="membership.change_member",
        explanation=_(
            "Each gets an e-mail with a link to log in by. Who has been sent one before gets none; clear “log-in link "
            "sent” on their page to send again."
        ),
        perform=perform, needs_typed_count=True,
    )  # fmt: skip


def record_resignations() -> BulkVerb:
    """Several asked to leave, for instance a branch that closes."""

    def perform(doing: Doing) -> bool:
        leaving.resign(member=doing.member, on=doing.answers["asked_on"], at=doing.at, by=doing.by)
        return True

    return BulkVerb(
        key="resign", label=_("Record resignations"), icon="logout", permission="membership.change_member",
        explanation=_(
            "Each leaves as if they had asked for it themselves: unpaid invoices are credited, and each gets a receipt."
        ),
        form_class=LeavingForm, perform=perform, is_serious=True, needs_typed_count=True,
    )  # fmt: skip


def _changed(doing: Doing, **changes: Any) -> bool:
    return bool(members.change(member=doing.member, changes=changes, at=doing.at, by=doing.by))


ALL = (change_language, choose_payer, write_note, send_log_in_links, record_resignations)
