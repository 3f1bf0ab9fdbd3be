"""One payment for several invoices, with so much for each as a person has said. Nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from core.errors import Refused
from core.money import ZERO, formatted
from invoicing.models import Invoice


@dataclass(frozen=True, kw_only=True)
class Share:
    """So much of a payment, in whole øre and above zero, is for this invoice."""

    invoice: Invoice
    amount: Decimal


def in_order(*, amount: Decimal, invoices: Sequence[Invoice]) -> list[Share]:
    """Divide an amount over invoices in their order, as far as it goes: what happens when nobody says otherwise.

    An invoice that gets nothing has a share of 0.00, so that there is one for each.
    """
    shares = []
    for invoice in invoices:
        part = min(amount, invoice.open_amount)
        shares.append(Share(invoice=invoice, amount=part))
        amount -= part
    return shares


def refuse_wrong_sum(*, amount: Decimal, shares: Sequence[Share], rest_is_credit: bool) -> None:
    """Refuse shares that are more than the payment (code `too_much_shared`), or less unless the rest is to be credit
    (code `rest_left`)."""
    shared = sum((share.amount for share in shares), ZERO)
    words = {"shared": formatted(shared), "amount": formatted(amount)}
    if shared > amount:
        raise Refused(
            _("You have divided %(shared)s, but %(amount)s came. Take %(over)s off one of the invoices."),
            params={**words, "over": formatted(shared - amount)}, code="too_much_shared",
        )  # fmt: skip
    if shared < amount and not rest_is_credit:
        raise Refused(
            _("You have divided %(shared)s of %(amount)s. Say what the last %(left)s is for, or keep it as credit."),
            params={**words, "left": formatted(amount - shared)}, code="rest_left",
        )  # fmt: skip
