"""What the treasurer brings and says about the bank."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stdnum.no import kontonr

from payments.banks import bank_csv
from payments.banks.lines import MAX_BYTES, account_number
from payments.forms import AmountField, DayInput


class BankFileForm(forms.Form):
    """A file from the bank."""

    file = forms.FileField(
        label=gettext_lazy("File from the bank"),
        help_text=gettext_lazy("OCR giro, camt.053, camt.054, or a list as CSV from the bank's website."),
        error_messages={
            "required": gettext_lazy("Choose the file you have fetched from the bank."),
            "empty": gettext_lazy("The file is empty. Fetch it from the bank once more."),
        },
    )
    account = forms.CharField(
        label=gettext_lazy("Account"), max_length=40, required=False,
        help_text=gettext_lazy("Only for a list as CSV, which does not say it. The other kinds do."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = settings.CLIENT.organisation.account_number
        self.fields["account"].initial = kontonr.format(own) if own else ""

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            size = {"size": MAX_BYTES // 1024 // 1024}
            raise ValidationError(_("The file is larger than %(size)s MB."), params=size)
        return file

    def clean_account(self) -> str:
        return account_number(self.cleaned_data["account"] or settings.CLIENT.organisation.account_number)


class BankColumnsForm(forms.Form):
    """One choice for each column of a CSV."""

    def __init__(self, table: bank_csv.Table, columns: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("leave out")), *((role.value, capfirst(str(role.label))) for role in bank_csv.Role)]
        for position, heading in enumerate(table.headings):
            self.fields[f"column_{position}"] = forms.ChoiceField(
                label=heading or _("Column %(number)s") % {"number": position + 1}, choices=choices, required=False,
                initial=columns.get(str(position), ""), help_text=", ".join(t[:40] for t in table.samples(position)),
            )  # fmt: skip

    def chosen(self) -> dict[int, str]:
        """Positions, and what stands there."""
        return {int(name.removeprefix("column_")): role for name, role in self.cleaned_data.items() if role}


class PayBackForm(forms.Form):
    """Money that has left the account again. The token names it: sent twice, the form records once."""

    amount = AmountField(label=gettext_lazy("Amount paid back"))
    on = forms.DateField(label=gettext_lazy("Date"), widget=DayInput(),
                         help_text=gettext_lazy("The day the money left the account."))  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Note"), max_length=250, required=False)
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, most: Decimal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].initial = most


class WriteOffForm(forms.Form):
    """Why the rest of an invoice is given up."""

    reason = forms.CharField(label=gettext_lazy("Why will the rest not be paid?"), max_length=250)
