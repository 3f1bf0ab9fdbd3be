"""Forms of the household: who is invited, and what the invited tell about themselves."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from membership.form_fields import EmailLine, LineField
from membership.join_form.step_forms import PERSON_FIELDS, AddressForm, Asked, PersonForm
from membership.members import PersonData
from membership.models import Member, MembershipType

# The invited write about themselves, so the browser may help.
_AUTOCOMPLETE = {
    "first_names": "given-name", "last_name": "family-name", "born_on": "bday", "mobile": "tel",
    "work_phone": "work tel",
}  # fmt: skip


class InviteForm(forms.Form):
    """Who is asked, by e-mail."""

    name = LineField(
        label=_("Name"), limit=120, required=False, widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Only for the greeting. The person fills in the rest."),
    )  # fmt: skip
    email = EmailLine(
        label=_("E-mail"), widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Children without an address of their own can use yours."),
        error_messages={"required": _("Write the e-mail address.")},
    )  # fmt: skip


class SeatInviteForm(InviteForm):
    """Who is offered a seat."""

    email = EmailLine(
        label=_("E-mail"), widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write the e-mail address.")},
    )  # fmt: skip


class InvitedForm(PersonForm):
    """What the invited tell: as much as joining asks, without the address that the invitation went to."""

    def __init__(self, data: Any = None, *, on: date, type: MembershipType, **kwargs: Any) -> None:
        super().__init__(
            data, asked=asked_of_invited(), on=on, others=(), is_first=False, type=type, offered=(), **kwargs
        )
        for name, token in _AUTOCOMPLETE.items():
            if name in self.fields:
                self.fields[name].widget.attrs["autocomplete"] = token

    def person(self) -> PersonData:
        """What was written, for `invitations.accept_new`."""
        return PersonData(**self.cleaned_data)


def asked_of_invited() -> Asked:
    """The fields the organisation asks of everybody, but the e-mail address."""
    snippet = settings.CLIENT.membership
    wanted = {*snippet.fields, "first_names", "last_name"} - {"email"}
    required = {*snippet.required, "first_names", "last_name"}
    names = tuple(name for name in PERSON_FIELDS if name in wanted)
    return Asked(fields=names, required=tuple(name for name in names if name in required))


class MoveForm(AddressForm):
    """The household's new address."""

    def __init__(self, data: Any = None, *, main_member: Member, place_url: str, **kwargs: Any) -> None:
        snippet = settings.CLIENT.membership
        names = ("address_line_1", "address_line_2", "postcode", "place", "country")
        asked = Asked(
            fields=tuple(name for name in names if name in snippet.fields),
            required=tuple(name for name in names if name in snippet.required),
        )
        initial = {name: getattr(main_member, name) for name in asked.fields}
        super().__init__(data, asked=asked, place_url=place_url, initial=initial, **kwargs)
