"""Forms of duplicates: which two to compare, and which value of each to keep."""

from typing import Any

from django import forms
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import User
from membership import countries, merging, phones
from membership.models import Member
from membership.office.chooser_views import member_chooser

KEEP, ADDRESS = "keep", "address"


class TwoEntriesForm(forms.Form):
    """Two entries that somebody wants to compare."""

    one = forms.ModelChoiceField(
        label=gettext_lazy("One entry"), queryset=Member.objects.all(), widget=member_chooser.widget_class
    )
    other = forms.ModelChoiceField(
        label=gettext_lazy("The other entry"), queryset=Member.objects.all(), widget=member_chooser.widget_class
    )


class MergeForm(forms.Form):
    """Which entry to keep, and for each field in which they differ, whose value; an address is one value. Entries are
    told by their numbers.

    Office-only fields are there only for those who may see them.
    """

    def __init__(self, *args: Any, suggested: Member, other: Member, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = {str(suggested.pk): suggested, str(other.pk): other}
        self.fields[KEEP] = forms.ChoiceField(
            label=_("Entry to keep"), widget=forms.RadioSelect, initial=str(suggested.pk),
            choices=[(pk, f"{entry.full_name} ({entry.member_number})") for pk, entry in self.entries.items()],
            help_text=_("Its number stays. The other number finds it, too."),
        )  # fmt: skip
        self.address: list[str] = []
        for difference in merging.differences(kept=suggested, absorbed=other, by=by):
            name, label = difference.name, capfirst(difference.label)
            words = {suggested.pk: in_words(name, difference.kept), other.pk: in_words(name, difference.absorbed)}
            if name in merging.ADDRESS:
                self.address.append(name)
                name, label = ADDRESS, _("Address")
                words = {entry.pk: address_in_words(entry) for entry in (suggested, other)}
            initial = suggested if difference.suggested == "kept" else other
            self.fields[name] = forms.ChoiceField(
                label=label, widget=forms.RadioSelect, initial=str(initial.pk),
                choices=[(str(pk), value) for pk, value in words.items()],
            )  # fmt: skip

    @property
    def kept(self) -> Member:
        """The entry that was chosen to stay."""
        return self.entries[self.cleaned_data[KEEP]]

    @property
    def absorbed(self) -> Member:
        """The other entry."""
        return next(entry for entry in self.entries.values() if entry is not self.kept)

    def choices(self) -> dict[str, str]:
        """Field -> "kept" or "absorbed"."""
        keep = self.cleaned_data[KEEP]
        chosen = {name: value for name, value in self.cleaned_data.items() if name not in {KEEP, ADDRESS}}
        chosen |= {name: self.cleaned_data[ADDRESS] for name in self.address}
        return {name: "kept" if value == keep else "absorbed" for name, value in chosen.items()}


def address_in_words(entry: Member) -> str:
    """The whole address on one line; the country only when it is abroad."""
    place = f"{entry.postcode} {entry.place}".strip()
    abroad = "" if entry.country in {"", "NO"} else countries.name_of(entry.country)
    parts = [entry.address_line_1, entry.address_line_2, place, abroad]
    return ", ".join(part for part in parts if part) or _("(empty)")


def in_words(name: str, value: Any) -> str:
    """A field's value as readers write it; what is empty says so."""
    if value is None or value == "":
        return _("(empty)")
    field = Member._meta.get_field(name)
    if name in {"mobile", "work_phone"}:
        return phones.shown(value)
    if name == "country":
        return countries.name_of(value)
    if choices := dict(field.flatchoices):  # type: ignore[union-attr]
        return str(choices.get(value, value))
    kind = field.get_internal_type()
    if kind == "DateField":
        return date_format(value)
    if kind == "DateTimeField":
        return date_format(value, "SHORT_DATETIME_FORMAT")
    return number_format(value) if kind == "DecimalField" else str(value)
