"""Crediting an invoice in the office: all that is open, some of its lines, or an amount."""

from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import money
from invoicing import credit_notes
from invoicing.models import Invoice, InvoiceLine
from membership.office.verb_views import VerbView


class CreditForm(forms.Form):
    """What is taken back, and why: it is printed on the credit note."""

    lines = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Only these lines"), queryset=InvoiceLine.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: everything that is left to pay. A line that is taken back can be "
                               "invoiced anew."),
    )  # fmt: skip
    amount = forms.DecimalField(
        label=gettext_lazy("Or only an amount"), required=False, min_value=Decimal("0.01"), max_digits=12,
        decimal_places=2, localize=True, help_text=gettext_lazy("A reduction: the lines stand, and less is paid."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=250,
                             help_text=gettext_lazy("The payer reads it on the credit note."))  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("lines") and data.get("amount"):
            self.add_error("amount", _("Choose lines or write an amount, not both."))
        return data


class CreditView(VerbView):
    """Take back what is open on an invoice, or a part of it."""

    model = Invoice
    object: Invoice
    form_class = CreditForm
    permission_required = "credit"
    page_title = gettext_lazy("Credit")
    list_title = gettext_lazy("Invoices")
    submit_label = gettext_lazy("Issue the credit note")
    needs_second_step = True
    is_serious = True

    def get_form(self, form_class: type[forms.Form] | None = None) -> forms.Form:
        form = super().get_form(form_class)
        lines: Any = form.fields["lines"]
        lines.queryset = self.object.lines.filter(is_credited=False).exclude(amount=0)
        lines.label_from_instance = lambda line: f"{line.description}, {money.formatted(line.amount)}"
        if self.object.open_amount:
            form.fields["amount"].validators.append(partial(credit_notes.refuse_more_than_open, self.object))
        return form

    def explanation(self) -> str:
        return _(
            "The invoice stays in the books, and a credit note takes back what is left to pay. The payer gets it the "
            "way the invoice went. What has been paid already stays paid: to give it back, undo the payment first."
        )

    def consequences(self, data: dict[str, Any]) -> list[str]:
        asked = data["amount"] or sum((line.amount for line in data["lines"]), money.ZERO) or self.object.open_amount
        taken = min(asked, self.object.open_amount)
        words = {
            "number": self.object.number, "amount": money.formatted(taken),
            "left": money.formatted(self.object.open_amount - taken),
        }  # fmt: skip
        return [
            _("%(amount)s is taken off invoice %(number)s; %(left)s is left to pay.") % words,
            _("A credit note is issued and sent to the payer. It cannot be taken back."),
        ]

    def perform(self, data: dict[str, Any]) -> str:
        note = credit_notes.credit(
            invoice=self.object, on=timezone.localdate(), at=timezone.now(), by=self.user, reason=data["reason"],
            lines=list(data["lines"]) or None, amount=data["amount"],
        )  # fmt: skip
        return _("%(amount)s of invoice %(invoice)s is credited with credit note %(note)s.") % {
            "amount": money.formatted(-note.total), "invoice": self.object.number, "note": note.number,
        }  # fmt: skip
