"""The contact form."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import tokens
from core.errors import Refused
from membership.form_fields import EmailLine, LineField

LONGEST_MESSAGE = 5000


class ContactForm(forms.Form):
    """Name, e-mail and message. `opened` is a signed text that tells when the page was opened, and which opening.

    `website` is a trap: people do not see it, programs that fill in forms do.
    """

    name = LineField(
        label=gettext_lazy("Name"), limit=120, widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Write your name, so that we know who is asking.")},
    )  # fmt: skip
    email = EmailLine(
        label=gettext_lazy("E-mail"), help_text=gettext_lazy("We answer to this address."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": gettext_lazy("Write your e-mail address, so that we can answer.")},
    )  # fmt: skip
    message = forms.CharField(
        label=gettext_lazy("Message"), widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": gettext_lazy("Write what you would like to tell or ask us.")},
    )  # fmt: skip
    website = forms.CharField(
        label=gettext_lazy("Leave this field empty"), required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )  # fmt: skip
    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_message(self) -> str:
        text: str = self.cleaned_data["message"].replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > LONGEST_MESSAGE:
            raise ValidationError(
                _("The message is %(count)d characters long. Shorten it to %(limit)d, or send us an e-mail instead."),
                params={"count": len(text), "limit": LONGEST_MESSAGE},
                code="too_long",
            )
        return text

    def clean_opened(self) -> dict[str, Any]:
        """The opening of the page: its `id` and `at` in seconds. Refused when it is not of our making."""
        try:
            opening: dict[str, Any] = tokens.read("contact-form", self.cleaned_data["opened"])
        except Refused:
            raise ValidationError(_("We could not receive the form. Send it once more."), code="opened") from None
        return opening

    @property
    def is_trapped(self) -> bool:
        """Whether a program filled in what people do not see."""
        return bool(self.data.get(self.add_prefix("website")))
