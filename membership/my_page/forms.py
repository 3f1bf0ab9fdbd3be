"""What members change about themselves. Fields of the office are not here: neither shown, nor taken from a POST."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from membership.fields import MEMBER_EDITABLE
from membership.form_fields import LineField, PhoneField
from membership.join_form.step_forms import AddressForm, Asked
from membership.models import Member

_ALWAYS = ("first_names", "last_name", "language")
_ORDER = (
    "first_names", "last_name", "gender", "mobile", "work_phone", "address_line_1", "address_line_2", "postcode",
    "place", "country", "language",
)  # fmt: skip
_PERSONS_ONLY = ("first_names", "gender")
_LANGUAGES = {"nb": "Norsk", "en": "English"}  # each in its own words


class DetailsForm(AddressForm):
    """Name, telephones, address and language, as far as the organisation asks for them.

    The e-mail address is missing on purpose: it is what one logs in with, and is changed with a confirmation.
    """

    def __init__(self, data: Any = None, *, member: Member, place_url: str, **kwargs: Any) -> None:
        super().__init__(data, asked=asked_of(member), place_url=place_url, initial=_initial(member), **kwargs)
        for name in asked_of(member).fields:
            if name not in self.fields:
                self.fields[name] = _field(name, member)
        self.order_fields(_ORDER)
        for name in asked_of(member).required:
            if name in self.fields:
                self.fields[name].required = True

    @property
    def changes(self) -> dict[str, Any]:
        """What the form says, for `members.change`."""
        return dict(self.cleaned_data)


def asked_of(member: Member) -> Asked:
    """The fields this member may edit here, and those that must not be empty."""
    snippet = settings.CLIENT.membership
    wanted = {*snippet.fields, *_ALWAYS} & set(MEMBER_EDITABLE) - {"email"}
    if not member.is_person:
        wanted -= set(_PERSONS_ONLY)
    if len(settings.CLIENT.site.languages) < 2:
        wanted.discard("language")
    required = {name for name in (*snippet.required, *_ALWAYS) if name in wanted}
    if not member.is_main_member and member.household_id:
        required -= {"mobile", "work_phone"}
    return Asked(
        fields=tuple(name for name in _ORDER if name in wanted),
        required=tuple(name for name in _ORDER if name in required),
    )


def _initial(member: Member) -> dict[str, Any]:
    return {name: getattr(member, name) for name in _ORDER}


def _field(name: str, member: Member) -> forms.Field:
    text = forms.TextInput
    match name:
        case "first_names":
            return LineField(label=_("First names"), limit=120, required=False,
                             widget=text({"autocomplete": "given-name"}),
                             error_messages={"required": _("Write the first name.")})  # fmt: skip
        case "last_name":
            label = _("Surname") if member.is_person else _("Name of the organisation")
            return LineField(label=label, limit=120, required=False,
                             widget=text({"autocomplete": "family-name" if member.is_person else "organization"}),
                             error_messages={"required": _("Write the surname.")})  # fmt: skip
        case "gender":
            return forms.ChoiceField(label=_("Gender"), choices=Member.Gender.choices, required=False,
                                     widget=forms.RadioSelect)  # fmt: skip
        case "mobile":
            return PhoneField(label=_("Mobile"), mobile=member.is_person, required=False,
                              widget=text({"type": "tel", "autocomplete": "tel"}),
                              error_messages={"required": _("Write the mobile number.")})  # fmt: skip
        case "work_phone":
            return PhoneField(label=_("Work phone"), required=False,
                              widget=text({"type": "tel", "autocomplete": "work tel"}),
                              error_messages={"required": _("Write the work phone.")})  # fmt: skip
    languages = [(code, _LANGUAGES[code]) for code in settings.CLIENT.site.languages]
    return forms.ChoiceField(label=_("Language of what we send you"), choices=languages, widget=forms.RadioSelect)


class ConsentForm(forms.Form):
    """One button: yes or no to exactly the text that stood beside it. `choices` are (purpose, channel) pairs."""

    choice = forms.CharField()
    given = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    text = forms.IntegerField(required=False)  # none: there are no words any more, and it can only be withdrawn


class LeaveForm(forms.Form):
    """The second step of leaving: nothing to fill in, but the last day the page showed must still be the last day."""

    last_on = forms.DateField(widget=forms.HiddenInput)

    def fits(self, last_on: date) -> bool:
        """Whether the last day is still the one that the page showed."""
        return bool(self.is_valid() and self.cleaned_data["last_on"] == last_on)
