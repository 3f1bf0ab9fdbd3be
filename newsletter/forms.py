"""Forms of the office's page for sending a newsletter."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class SendForm(forms.Form):
    """Sending asks for the number of recipients to be typed: a newsletter cannot be called back."""

    number = forms.CharField(
        label=gettext_lazy("Number of e-mails"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Type the number of e-mails that will be sent.")},
    )

    def __init__(self, *args: Any, mails: int, **kwargs: Any) -> None:
        self.mails = mails
        super().__init__(*args, **kwargs)

    def clean_number(self) -> int:
        typed = "".join(self.cleaned_data["number"].split())
        if not typed.isdecimal() or int(typed[:12]) != self.mails:
            raise ValidationError(
                _("You typed %(typed)s, but %(mails)d e-mails will be sent. Check the audience and type that number."),
                params={"typed": typed[:20], "mails": self.mails},
                code="other_number",
            )
        return self.mails
