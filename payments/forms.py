"""What the treasurer types."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core import money
from invoicing.models import Invoice


def as_typed(amount: Decimal) -> str:
    """The amount as somebody would type it: `600` or `1234,50`."""
    text = f"{amount:.2f}".removesuffix(".00")
    return text if (get_language() or "nb").startswith("en") else text.replace(".", ",")


class AmountField(forms.CharField):
    """An amount as people and banks write it. Gives a `Decimal`; what could mean two things is an error."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(**{"widget": forms.TextInput(attrs=attributes), **kwargs})

    def clean(self, value: Any) -> Decimal:
        return money.parsed(super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        return as_typed(value) if isinstance(value, Decimal) else value


class DayInput(forms.DateInput):
    """The browser's own date field: quick on the keyboard, and on a phone."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class RegisterForm(forms.Form):
    """One payment by hand. The token names the money: sent twice, the form registers once."""

    invoice = forms.ModelChoiceField(Invoice.objects.invoices(), widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount received"))
    received_on = forms.DateField(
        label=_("Date"), widget=DayInput(), help_text=_("The day the money came into the account.")
    )
    token = forms.UUIDField(widget=forms.HiddenInput)


class UndoForm(forms.Form):
    """Why a payment is undone."""

    reason = forms.CharField(label=_("Why is it undone?"), max_length=250)
