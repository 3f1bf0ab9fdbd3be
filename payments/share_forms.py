"""How much of one payment each invoice gets: a field an invoice, and one that finds another invoice."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Refused
from invoicing.models import Invoice
from payments import matching
from payments.forms import AmountField
from payments.shares import Share, in_order

MOST = 60  # invoices in one form
FOUND = 6
_BEFORE = "share_"


class SharesForm(forms.Form):
    """An amount for each invoice; an empty one is nothing. `note` says why a search found no more."""

    another = forms.CharField(
        label=gettext_lazy("Another invoice: KID, number, name or amount"), required=False, max_length=200
    )

    def __init__(
        self, data: QueryDict | None = None, *, invoices: Sequence[Invoice], initial: Mapping[str, Any] | None = None,
        focus: int = 0, note: str = "",
    ) -> None:  # fmt: skip
        super().__init__(data, initial=dict(initial or {}))
        self.invoices, self.focus, self.note = list(invoices), focus, note
        for invoice in self.invoices:
            words = {"number": invoice.number, "name": invoice.buyer_name}
            label = _("For invoice %(number)s, %(name)s") % words
            self.fields[_name(invoice)] = AmountField(label=label, required=False, empty_value="0")

    @property
    def rows(self) -> list[tuple[Invoice, forms.BoundField, bool]]:
        """Each invoice, its field, and whether the keyboard begins there."""
        return [(one, self[_name(one)], position == self.focus) for position, one in enumerate(self.invoices)]

    def shares(self) -> list[Share]:
        """What was said of a valid form. Refuses when nothing was said of any invoice."""
        shares = [Share(invoice=one, amount=self.cleaned_data[_name(one)]) for one in self.invoices]
        if standing := [share for share in shares if share.amount]:
            return standing
        raise Refused(_("Write how much of it each invoice gets."), code="no_share")


def begin(*, amount: Decimal, invoices: Sequence[Invoice]) -> SharesForm:
    """The form with what would happen if nobody said anything: the amount over the invoices in their order."""
    shares = in_order(amount=amount, invoices=invoices[:MOST])
    initial = {_name(share.invoice): share.amount if share.amount else "" for share in shares}
    return SharesForm(invoices=invoices[:MOST], initial=initial)


def sent(data: QueryDict, *, among: QuerySet[Invoice]) -> SharesForm:
    """The form as it came back, with its invoices in the order they stood. Only those `among` what one may see."""
    return SharesForm(data, invoices=_asked(data, among))


def with_another(data: QueryDict, *, among: QuerySet[Invoice], every: bool) -> SharesForm | None:
    """The form with what was typed and the invoices that were searched for; None when nothing was searched for.

    `every` says that `among` is all there is, which need not be asked of the database once more.
    """
    text = data.get("another", "").strip()
    if not text:
        return None
    invoices = _asked(data, among)
    known = {invoice.pk for invoice in invoices}
    found = matching.find(text=text, limit=FOUND, among=None if every else among)
    new = [one.invoice for one in found.candidates if one.invoice.open_amount and one.invoice.pk not in known]
    typed = {name: data[name] for name in map(_name, invoices) if name in data}
    note = "" if new else found.note or _("What was found stands here already, or has nothing left to pay.")
    return SharesForm(invoices=[*invoices, *new][:MOST], initial=typed, focus=len(invoices) if new else 0, note=note)


def _asked(data: QueryDict, among: QuerySet[Invoice]) -> list[Invoice]:
    keys = [name.removeprefix(_BEFORE) for name in data if name.startswith(_BEFORE)][:MOST]
    wanted = [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 19]
    found = among.filter(pk__in=wanted).select_related("member").prefetch_related("lines").in_bulk()
    return [found[key] for key in wanted if key in found]


def _name(invoice: Invoice) -> str:
    return f"{_BEFORE}{invoice.pk}"
