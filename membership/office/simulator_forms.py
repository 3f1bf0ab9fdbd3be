"""The form of the simulator: the year, and every type with what may be tried."""

import copy
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from membership.models import MembershipType
from membership.simulator import FIELDS, Proposal

_LABELS = {
    "price": _("price"), "age_from": _("age from"), "age_to": _("age to"), "ages_into_id": _("ages into"),
    "converts_to_id": _("converts to"),
}  # fmt: skip


class SimulatorForm(forms.Form):
    """Everything as it is; what is typed otherwise is tried."""

    year = forms.IntegerField(label=_("Renewal of the year"), min_value=2000, max_value=2200)

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = year
        self.types = list(MembershipType.objects.memberships())
        choices = [("", "\u2013"), *((type_.pk, type_.name) for type_ in MembershipType.objects.all())]
        for type_ in self.types:
            for name in FIELDS:
                field = self._field(name, type_, choices)
                field.initial, field.label = getattr(type_, name), capfirst(_LABELS[name])
                field.widget.attrs["aria-label"] = f"{type_.name}: {_LABELS[name]}"
                self.fields[f"{name}-{type_.pk}"] = field

    def _field(self, name: str, type_: MembershipType, choices: list[Any]) -> forms.Field:
        if name == "price":
            return forms.DecimalField(min_value=0, max_digits=10, decimal_places=2, localize=True)
        if name.startswith("age_"):
            return forms.IntegerField(min_value=0, max_value=120, required=False)
        return forms.TypedChoiceField(
            choices=[choice for choice in choices if choice[0] != type_.pk], coerce=int, empty_value=None,
            required=False,
        )  # fmt: skip

    @property
    def rows(self) -> list[tuple[MembershipType, list[forms.BoundField]]]:
        """A line a type, with its fields."""
        return [(type_, [self[f"{name}-{type_.pk}"] for name in FIELDS]) for type_ in self.types]

    def clean(self) -> dict[str, Any]:
        """What the screen of a type would refuse cannot be tried either."""
        data = super().clean() or {}
        for type_ in self.types:
            tried = copy.copy(type_)
            for name, value in self._values(type_, data).items():
                setattr(tried, name, value)
            try:
                tried.clean()
            except ValidationError as error:
                for name, messages in error.message_dict.items():
                    place = next((key for key in (name, f"{name}_id") if key in FIELDS), None)
                    self.add_error(f"{place}-{type_.pk}" if place else None, messages)
        return data

    def _values(self, type_: MembershipType, data: dict[str, Any]) -> dict[str, Any]:
        return {name: data[key] for name in FIELDS if (key := f"{name}-{type_.pk}") in data}

    @property
    def proposal(self) -> Proposal:
        """What is other than it is."""
        changes: dict[int, dict[str, Any]] = {}
        for type_ in self.types:
            for name, value in self._values(type_, self.cleaned_data).items():
                if value != getattr(type_, name) and not (name == "price" and Decimal(value) == type_.price):
                    changes.setdefault(type_.pk, {})[name] = value
        return Proposal(year=self.cleaned_data["year"], changes=changes)
