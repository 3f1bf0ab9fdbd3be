"""Forms of the office about households, payers and seats."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import F
from django.utils.translation import gettext_lazy

from membership.form_fields import EmailLine, LineField
from membership.models import Member
from membership.office.chooser_views import member_chooser


class OfficeInviteForm(forms.Form):
    """Who is invited by e-mail."""

    name = LineField(
        label=gettext_lazy("Name"), limit=120, required=False, help_text=gettext_lazy("Only for the greeting.")
    )
    email = EmailLine(label=gettext_lazy("E-mail"))


class SplitForm(forms.Form):
    """Who moves out together, and who of them becomes main member."""

    people = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Who moves out together"), queryset=Member.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    main_member = forms.ModelChoiceField(
        label=gettext_lazy("Main member of the new household"), queryset=Member.objects.none(),
        widget=forms.RadioSelect, empty_label=None,
    )  # fmt: skip

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("people", "main_member"):
            self.fields[name].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        main = data.get("main_member")
        if main and main not in data.get("people", ()):
            self.add_error("main_member", gettext_lazy("Choose one of those who move out."))
        return data


class TogetherForm(forms.Form):
    """Somebody of the other household; everybody there comes along."""

    member = forms.ModelChoiceField(
        label=gettext_lazy("Somebody of the other household"), queryset=Member.objects.alive(),
        widget=member_chooser.widget_class, help_text=gettext_lazy("Everybody there moves in here."),
    )  # fmt: skip


class SuccessionForm(forms.Form):
    """What is settled when a main member or a payer is gone: each question is there only when it is one."""

    main_member = forms.ModelChoiceField(
        label=gettext_lazy("New main member"), queryset=Member.objects.none(), widget=forms.RadioSelect,
        empty_label=None,
    )  # fmt: skip
    payer = forms.ModelChoiceField(
        label=gettext_lazy("Who pays instead"), queryset=Member.objects.alive(), required=False,
        widget=member_chooser.widget_class,
        help_text=gettext_lazy("Leave it empty, and each gets the invoice themselves."),
    )  # fmt: skip

    def __init__(self, *args: Any, successors: Sequence[Member], pays_for_others: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if successors:
            field = self.fields["main_member"]
            people = Member.objects.filter(pk__in=[row.pk for row in successors])
            field.queryset = people.order_by(F("born_on").asc(nulls_last=True), "pk")  # type: ignore[attr-defined]
            field.initial = successors[0]
        else:
            del self.fields["main_member"]
        if not pays_for_others:
            del self.fields["payer"]


class PayerForm(forms.Form):
    """Who pays for a member: a person, an employer, a municipality."""

    payer = forms.ModelChoiceField(
        label=gettext_lazy("Payer"), queryset=Member.objects.alive(), required=False,
        widget=member_chooser.widget_class,
        help_text=gettext_lazy(
            "Somebody in the registry: register an employer or a municipality there first. Empty: the member pays."
        ),
    )  # fmt: skip


class SeatsForm(forms.Form):
    """How many seats an organisation has."""

    number = forms.IntegerField(
        label=gettext_lazy("Seats"), required=False, min_value=0, max_value=10_000,
        help_text=gettext_lazy("Empty: as many as the membership type gives."),
    )  # fmt: skip


class SitForm(forms.Form):
    """Who gets a seat."""

    member = forms.ModelChoiceField(
        label=gettext_lazy("Who"), queryset=Member.objects.alive().filter(kind=Member.Kind.PERSON),
        widget=member_chooser.widget_class,
    )  # fmt: skip


class ContactForm(SitForm):
    """Who is contact person, and what for."""

    what_for = LineField(
        label=gettext_lazy("What for"), limit=120, required=False,
        help_text=gettext_lazy("For instance: invoices, courses, everything."),
    )  # fmt: skip
