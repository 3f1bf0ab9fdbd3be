"""The forms of joining that ask who and what; what is agreed to is in agreeing_forms.py.

What is asked follows the client snippet and the page's own switches.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from membership import campaigns, countries, joining, postcodes
from membership.form_fields import BirthDateField, EmailLine, LineField, OrganisationNumberField, PhoneField
from membership.joining import PersonData
from membership.models import JoinPage, Member, MembershipType

PERSON_FIELDS = ("first_names", "last_name", "born_on", "gender", "email", "mobile", "work_phone")
ADDRESS_FIELDS = ("address_line_1", "address_line_2", "postcode", "place", "country")
ALWAYS = ("first_names", "last_name", "email")
# A child or a partner may share the main member's telephone and address, or have none.
OF_THE_FIRST_ONLY = ("email", "mobile", "work_phone")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which fields the form asks for, and which of them must be filled in."""

    fields: tuple[str, ...]
    required: tuple[str, ...]

    @property
    def person(self) -> tuple[str, ...]:
        return tuple(name for name in PERSON_FIELDS if name in self.fields)

    @property
    def address(self) -> tuple[str, ...]:
        return tuple(name for name in ADDRESS_FIELDS if name in self.fields)


def asked_on(page: JoinPage) -> Asked:
    """What the client's snippet and the page's switches ask for together. What is required cannot be switched off.

    The e-mail address is always required of the first person: without it nobody could confirm.
    """
    membership = settings.CLIENT.membership
    required = {*membership.required, *ALWAYS}
    wanted = {*membership.fields, *ALWAYS}
    for name, is_asked in (("gender", page.asks_gender), ("mobile", page.asks_mobile)):
        if is_asked and name == "gender":
            wanted.add(name)
        elif not is_asked and name not in required:
            wanted.discard(name)
    in_order = [*PERSON_FIELDS, *ADDRESS_FIELDS]
    return Asked(
        fields=tuple(name for name in in_order if name in wanted),
        required=tuple(name for name in in_order if name in required),
    )


class TypeForm(forms.Form):
    """What kind of membership: each type with its price and text; first the secret word, where there is one.

    `may_guess` is asked before a word is looked at, right or wrong: false when too many have been tried.
    """

    type = forms.ChoiceField(label=gettext_lazy("Which membership?"), widget=forms.RadioSelect)

    def __init__(
        self, *args: Any, types: Sequence[MembershipType], prices: Sequence[str], people: int,
        on: date, may_guess: Callable[[], bool] | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.types = {type_.code: type_ for type_ in types}
        self.people = people
        self.on = on
        self.may_guess = may_guess
        if may_guess:
            self.fields["word"] = LineField(
                label=_("Secret word"), limit=80,
                widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
                help_text=_("You have it from us: it stands in the letter or the invitation."),
            )  # fmt: skip
            self.fields["word"].error_messages["required"] = _("Write the secret word. If you have none, ask us.")
        if campaigns.are_used():
            self.fields["campaign"] = LineField(
                label=_("Campaign code"), limit=20, required=False,
                widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
            )  # fmt: skip
        if settings.CLIENT.membership.recruiters:
            self.fields["recruiter"] = LineField(
                label=_("Who recruited you?"), limit=20, required=False,
                help_text=_("Their member number. Leave it empty if you do not know it."),
                widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"}),
            )  # fmt: skip
        field = self.fields["type"]
        field.error_messages |= {
            "required": _("Choose a membership."),
            "invalid_choice": _("This membership is not on offer any more. Choose one of these."),
        }
        field.choices = [  # type: ignore[attr-defined]
            (type_.code, format_html(
                "<span><strong>{}</strong>{}{}</span>", type_.name,
                format_html("<br>{}", price) if price else "",
                format_html('<br><span class="soft">{}</span>', type_.text) if type_.text else "",
            ))
            for type_, price in zip(types, prices, strict=True)
        ]  # fmt: skip

    def clean_type(self) -> MembershipType:
        chosen = self.types[self.cleaned_data["type"]]
        if self.people > 1 and chosen.kind != MembershipType.Kind.HOUSEHOLD_MAIN:
            raise ValidationError(
                _("“%(type)s” is for one, and you have added %(count)d people. Choose a membership for the household, "
                  "or take away the others first."),
                params={"type": chosen.name, "count": self.people}, code="one_person",
            )  # fmt: skip
        return chosen

    def clean_campaign(self) -> str:
        """A code that counts today, for the type that was chosen; the fields are cleaned in their order."""
        code: str = self.cleaned_data["campaign"]
        if code:
            campaigns.find(code=code, on=self.on, type=self.cleaned_data.get("type"))
        return code

    def clean_word(self) -> str:
        if self.may_guess and not self.may_guess():
            raise ValidationError(_("Too many wrong words. Wait an hour, or ask us for the word."), code="too_often")
        typed, right = (
            unicodedata.normalize("NFC", word).casefold().strip().encode()
            for word in (self.cleaned_data["word"], settings.CLIENT.membership.secret_word)
        )
        if constant_time_compare(typed, right):
            return ""
        raise ValidationError(_("This is not the word. Look at the letter or the invitation again."), code="wrong_word")


def _person_field(name: str, on: date) -> forms.Field:
    """The field of one piece of information about a person, not yet told whether it is required."""
    text = forms.TextInput
    match name:
        case "first_names":
            return LineField(label=gettext_lazy("First names"), limit=120, widget=text({"autocomplete": "given-name"}))
        case "last_name":
            return LineField(label=gettext_lazy("Surname"), limit=120, widget=text({"autocomplete": "family-name"}))
        case "born_on":
            return BirthDateField(
                label=gettext_lazy("Date of birth"), on=on, widget=text({"autocomplete": "bday"}),
                help_text=gettext_lazy("Day, month and year, like 31.12.1990"),
            )  # fmt: skip
        case "gender":
            return forms.ChoiceField(
                label=gettext_lazy("Gender"), choices=Member.Gender.choices, widget=forms.RadioSelect
            )
        case "email":
            return EmailLine(
                label=gettext_lazy("E-mail"), widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"})
            )
        case "mobile":
            return PhoneField(
                label=gettext_lazy("Mobile"), mobile=True, widget=text({"type": "tel", "autocomplete": "tel"})
            )
    return PhoneField(label=gettext_lazy("Work phone"), widget=text({"type": "tel", "autocomplete": "work tel"}))


class PersonForm(forms.Form):
    """One person. `others` are those on the list already; the first is the one who confirms and is invoiced."""

    # The order of the fields is Asked's; Django's mixture of declared and added fields is not needed here.

    def __init__(
        self, *args: Any, asked: Asked, on: date, others: Sequence[PersonData], is_first: bool,
        type: MembershipType, offered: Iterable[MembershipType], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.on, self.others, self.type, self.offered = on, others, type, offered
        self.instead: MembershipType | None = None
        for name in asked.person:
            field = _person_field(name, on)
            field.required = name in asked.required and (is_first or name not in OF_THE_FIRST_ONLY)
            field.error_messages["required"] = _NEEDED[name]
            if not is_first:
                field.widget.attrs["autocomplete"] = "off"  # the browser knows its own user, not the rest
            self.fields[name] = field
        if is_first:
            self.fields["email"].help_text = _("We send a link to this address. Your membership starts with it.")
        elif "email" in self.fields:
            self.fields["email"].help_text = _("For a log-in and messages of their own.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        person = PersonData(**data)
        if any(_same_person(person, other) for other in self.others):
            raise ValidationError(
                _("%(name)s is on the list already. Change the name or date of birth, or go back to the list."),
                params={"name": person.full_name}, code="twice",
            )  # fmt: skip
        try:
            joining.refuse_wrong_age(person=person, type=self.type, on=self.on)
        except ValidationError as refused:
            self.instead = fitting_type(person, self.type, self.offered, self.on)
            self.add_error("born_on", refused)
        return data


def _same_person(one: PersonData, other: PersonData) -> bool:
    """The same names, and no birth dates that tell them apart."""
    if one.full_name.casefold() != other.full_name.casefold():
        return False
    return one.born_on is None or other.born_on is None or one.born_on == other.born_on


def fitting_type(
    person: PersonData, unfit: MembershipType, offered: Iterable[MembershipType], on: date
) -> MembershipType | None:
    """The first type on offer of the same kind that is for this person's age."""
    for type_ in offered:
        if type_.kind != unfit.kind or type_.is_for_organisations or type_ == unfit:
            continue
        try:
            joining.refuse_wrong_age(person=person, type=type_, on=on)
        except ValidationError:
            continue
        return type_
    return None


class OrganisationForm(forms.Form):
    """An organisation and the person we talk to there."""

    last_name = LineField(
        label=gettext_lazy("Name of the organisation"), limit=120,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )  # fmt: skip
    organisation_number = OrganisationNumberField(
        label=gettext_lazy("Organisation number"), required=False, help_text=gettext_lazy("Nine digits"),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    contact_person = LineField(
        label=gettext_lazy("Contact person"), limit=160, widget=forms.TextInput({"autocomplete": "name"})
    )
    email = EmailLine(
        label=gettext_lazy("E-mail"),
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )  # fmt: skip
    mobile = PhoneField(
        label=gettext_lazy("Phone"), required=False, widget=forms.TextInput({"type": "tel", "autocomplete": "tel"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = (
            _("We send a link to this address, and later the invoice.")
            if settings.CLIENT.membership.dues
            else _("We send a link to this address. Your membership starts with it.")
        )


class AddressForm(forms.Form):
    """Where they live, asked once for everybody. A Norwegian postcode fills in the place when that is empty."""

    def __init__(self, data: Any = None, *, asked: Asked, place_url: str, **kwargs: Any) -> None:
        super().__init__(_with_place(data), **kwargs)
        for name in asked.address:
            self.fields[name] = self._field(name, asked, place_url)
            self.fields[name].required = name in asked.required or name == "country"
            self.fields[name].error_messages["required"] = _NEEDED[name]

    def _field(self, name: str, asked: Asked, place_url: str) -> forms.Field:
        text = forms.TextInput
        match name:
            case "address_line_1":
                widget = text({"autocomplete": "address-line1"})
                return LineField(label=gettext_lazy("Address"), limit=120, widget=widget)
            case "address_line_2":
                widget = text({"autocomplete": "address-line2"})
                return LineField(
                    label=gettext_lazy("Address, second line"), limit=120, widget=widget,
                    help_text=gettext_lazy("c/o, flat or the like"),
                )  # fmt: skip
            case "postcode":
                attrs = {"autocomplete": "postal-code", "data-place-url": place_url, "data-place-for": "id_place"}
                if "country" not in asked.fields:
                    attrs["inputmode"] = "numeric"
                return LineField(label=gettext_lazy("Postcode"), limit=12, widget=text(attrs))
            case "place":
                widget = text({"autocomplete": "address-level2"})
                return LineField(label=gettext_lazy("Place"), limit=80, widget=widget)
        return forms.ChoiceField(
            label=gettext_lazy("Country"), choices=countries.choices, initial="NO",
            widget=forms.Select({"autocomplete": "country"}),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("postcode") and data.get("country", "NO") == "NO":
            data["postcode"] = _tidy_postcode(data["postcode"])
            if not postcodes.is_norwegian(data["postcode"]):
                self.add_error("postcode", _("A Norwegian postcode has four digits, like 0150."))
        return data


def _tidy_postcode(text: str) -> str:
    """A Norwegian postcode without spaces and without the country's letters before it."""
    return text.upper().removeprefix("NO").removeprefix("N").strip("- ").replace(" ", "")


def _with_place(data: Any) -> Any:
    """What was sent, with the place filled in when it is empty and the postcode tells it."""
    if not data or data.get("place", "").strip() or data.get("country", "NO") != "NO":
        return data
    place = postcodes.place_of(_tidy_postcode(data.get("postcode", "")))
    return {**data.dict(), "place": place} if place else data


_NEEDED: dict[str, Any] = {
    "first_names": gettext_lazy("Write the first name."),
    "last_name": gettext_lazy("Write the surname."),
    "born_on": gettext_lazy("Write the date of birth, like 31.12.1990."),
    "gender": gettext_lazy("Choose one. You may prefer not to say."),
    "email": gettext_lazy("Write the e-mail address. Without it you cannot confirm."),
    "mobile": gettext_lazy("Write the mobile number."),
    "work_phone": gettext_lazy("Write the work phone."),
    "address_line_1": gettext_lazy("Write the address."),
    "address_line_2": gettext_lazy("Write the second line of the address."),
    "postcode": gettext_lazy("Write the postcode."),
    "place": gettext_lazy("Write the place."),
    "country": gettext_lazy("Choose the country."),
}
