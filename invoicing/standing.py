"""Where an invoice stands on a date, in a word: the same word on My page, in the office and in its lists."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from invoicing.models import Invoice

LABELS: dict[str, Promise] = {
    "unpaid": _("unpaid"),
    "part_paid": _("partly paid"),
    "overdue": _("overdue"),
    "paid": _("paid"),
    "credited": _("credited"),
    "credit_note": _("credit note"),
}
# The public pages' and the office's names for the same colours.
_TONES = {"unpaid": "wait", "part_paid": "warn", "overdue": "bad", "paid": "good", "credited": "none"}
_OFFICE_TONES = {"unpaid": "info", "part_paid": "info", "overdue": "warning", "paid": "good"}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`code` is one of LABELS."""

    code: str

    @property
    def label(self) -> Promise:
        return LABELS[self.code]

    @property
    def tone(self) -> str:
        """The modifier of the public pages' tag."""
        return _TONES.get(self.code, "none")

    @property
    def office_tone(self) -> str:
        """The modifier of the office's tag."""
        return _OFFICE_TONES.get(self.code, "quiet")


def standing_of(invoice: Invoice, *, on: date) -> Standing:
    """Return where the invoice stands. For lists fetch it `with_credited()`, else credit notes are looked up."""
    if invoice.kind == Invoice.Kind.CREDIT_NOTE:
        return Standing(code="credit_note")
    if invoice.is_settled:
        return Standing(code="credited" if invoice.credited_amount == invoice.total else "paid")
    if invoice.due_on < on:
        return Standing(code="overdue")
    paid = invoice.total - invoice.credited_amount - invoice.open_amount
    return Standing(code="part_paid" if paid else "unpaid")
