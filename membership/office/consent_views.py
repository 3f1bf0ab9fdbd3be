"""Recording in the office what a member says on the telephone or by letter: a consent given or withdrawn."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Refused
from membership import consents
from membership.models import Consent
from membership.office.leaving_views import MemberVerbView


class ConsentForm(forms.Form):
    """What the member said: yes or no to one thing."""

    choice = forms.ChoiceField(label=gettext_lazy("What it is about"), widget=forms.RadioSelect)
    given = forms.ChoiceField(
        label=gettext_lazy("What the member said"), widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("Yes: read the words to the member first")),
                 ("no", gettext_lazy("No: withdraw it"))],
    )  # fmt: skip

    def __init__(self, *args: Any, choices: list[consents.Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["choice"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(choice.name, _words(choice)) for choice in choices]


def _words(choice: consents.Choice) -> str:
    """The purpose, how it stands, and the exact words."""
    state = _("given") if choice.is_given else _("not given")
    text = f": “{choice.text.text}”" if choice.text else ""
    return f"{choice.title} ({state}){text}"


class RecordConsentView(MemberVerbView):
    """A consent given or withdrawn by telephone or letter. The words in force go with it, in the member's language."""

    page_title = gettext_lazy("Record a consent")
    submit_label = gettext_lazy("Record")
    form_class = ConsentForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "choices": self.choices()}

    def choices(self) -> list[consents.Choice]:
        """What this member can say yes or no to."""
        return consents.choices(member=self.object, language=self.object.language, on=timezone.localdate())

    def explanation(self) -> str:
        return _("The consent is the member's own: record what %(name)s has said, and nothing else.") % {
            "name": self.object.full_name
        }

    def perform(self, data: dict[str, Any]) -> str:
        choice = next(choice for choice in self.choices() if choice.name == data["choice"])
        is_given = data["given"] == "yes"
        if is_given and choice.text is None:
            raise Refused(_("There are no words to agree to any more. Add a consent text first."), code="no_words")
        event = consents.record(
            member=self.object, purpose=choice.purpose, channel=choice.channel, is_given=is_given, at=timezone.now(),
            source=Consent.Source.OFFICE, by=self.user, text=choice.text,
        )  # fmt: skip
        return _("The answer is recorded.") if event else _("It stood like that already.")
