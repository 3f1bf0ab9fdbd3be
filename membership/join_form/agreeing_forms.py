"""The last forms of joining: a parent's name for a child, the consents, and the button that sends it all."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import dates
from membership.form_fields import EmailLine, LineField, PhoneField
from membership.joining import PersonData
from membership.models import ConsentText


class GuardianForm(forms.Form):
    """A parent or guardian, for those under 15 who join without an adult."""

    name = LineField(label=gettext_lazy("Name of parent or guardian"), limit=120)
    email = EmailLine(label=gettext_lazy("E-mail of parent or guardian"), required=False)
    mobile = PhoneField(label=gettext_lazy("Phone of parent or guardian"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("email") and not data.get("mobile"):
            raise ValidationError(
                _("Write an e-mail address or a phone number, so that we can ask them."), code="no_way"
            )
        return data


class ConsentForm(forms.Form):
    """The consents, each in its exact words. Never ticked beforehand."""

    def __init__(self, *args: Any, texts: Sequence[ConsentText], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = {f"{text.purpose}_{text.channel or 'any'}": text for text in texts}
        for name, text in self.texts.items():
            self.fields[name] = forms.BooleanField(
                label=text.text, required=text.is_required,
                error_messages={"required": _("Tick this box to become a member.")},
            )  # fmt: skip

    @property
    def needed(self) -> list[forms.BoundField]:
        """Those that must be ticked."""
        return [self[name] for name, text in self.texts.items() if text.is_required]

    @property
    def free(self) -> list[forms.BoundField]:
        """Those that may be ticked."""
        return [self[name] for name, text in self.texts.items() if not text.is_required]


class SendForm(forms.Form):
    """The last button. The trap is a field that people do not see and machines fill in."""

    website = forms.CharField(
        label=gettext_lazy("Leave this field empty"), required=False,
        widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("website"):
            self.data = {**self.data, "website": ""}
            raise ValidationError(
                _("Something was written in a field that people do not see. It is empty again: press the button once "
                  "more."), code="trap",
            )  # fmt: skip
        return data


def under_15(people: Iterable[PersonData], on: date) -> list[PersonData]:
    """Those who may not join without a parent being asked."""
    return [person for person in people if person.born_on and dates.age_on(person.born_on, on) < 15]


def has_adult(people: Iterable[PersonData], on: date) -> bool:
    """Whether somebody on the list is of age."""
    return any(person.born_on and dates.age_on(person.born_on, on) >= 18 for person in people)
