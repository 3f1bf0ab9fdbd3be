"""Forms of the office about voter rolls."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, Panel
from wagtail.admin.widgets import AdminDateInput

from membership import branches
from membership.form_fields import LineField
from membership.models import Member, MembershipType, VoterRoll, VoterRollAppeal
from membership.models.voter_rolls import only_paid_members
from membership.office.chooser_views import member_chooser
from membership.status import BELONGS, LABELS


class VoterRollForm(WagtailAdminModelForm):
    """The rule. A new roll begins with the types that are marked as voting, and those who have paid."""

    statuses = forms.MultipleChoiceField(
        label=_("Statuses that count"), choices=[(code, LABELS[code]) for code in BELONGS],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    class Meta:
        model = VoterRoll
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = MembershipType.objects.memberships()
        self.fields["types"].queryset = types
        self.fields["types"].label_from_instance = lambda type_: type_.name
        if not self.instance.pk:
            self.initial["types"] = list(types.voting().values_list("pk", flat=True))
            self.initial["statuses"] = only_paid_members()
        if not branches.are_used():
            del self.fields["branch"]


PANELS: list[Panel] = [
    FieldPanel("name"),
    FieldRowPanel([FieldPanel("counts_on"), FieldPanel("paid_by"), FieldPanel("min_age")]),
    FieldPanel("types", widget=forms.CheckboxSelectMultiple),
    FieldPanel("statuses"),
    FieldPanel("branch"),
]


class AppealForm(forms.Form):
    """An appeal as it came in."""

    member = forms.ModelChoiceField(
        label=_("About whom"), queryset=Member.objects.all(), widget=member_chooser.widget_class
    )
    wants = forms.ChoiceField(label=_("What is asked"), choices=VoterRollAppeal.Wants.choices, widget=forms.RadioSelect)
    raised_by = LineField(label=_("Who appeals"), limit=160)
    reason = LineField(label=_("Reason"), limit=500)
    received_on = forms.DateField(label=_("Received on"), widget=AdminDateInput)

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["received_on"].initial = on

    def clean_on(self) -> None:
        """Marks that the form wants to know today."""


class DecisionForm(forms.Form):
    """What was decided."""

    is_upheld = forms.TypedChoiceField(
        label=_("Decision"), coerce=lambda value: value == "yes", widget=forms.RadioSelect,
        choices=[("yes", _("Upheld: the roll is changed")), ("no", _("Rejected: the roll stays as it is"))],
    )  # fmt: skip
    by = LineField(label=_("Decided by"), limit=160, help_text=_("For instance: the board, the general meeting."))
    on = forms.DateField(label=_("Decided on"), widget=AdminDateInput)
    explanation = LineField(label=_("Explanation"), limit=500, required=False)

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = on

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        return day
