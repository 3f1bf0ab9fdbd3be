"""An invoice for something else than a term: a course, a hut, a sponsorship. By hand, to anybody in the registry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core import counters, dates, money
from core.errors import Refused
from core.models import User
from invoicing import invoices, vat
from invoicing.accounts import Account
from invoicing.closing import refuse_closed
from invoicing.models import Invoice, InvoiceLine
from invoicing.signals import invoices_issued
from membership.models import Member

MOST = Decimal("9999999999.99")
"""The greatest amount that the books can hold, on a line and in all."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line: what, how many, the price of one with its VAT, and how much VAT, in per cent, is in it."""

    text: str
    unit_price: Decimal
    quantity: Decimal = Decimal(1)
    vat_percent: Decimal = Decimal(0)

    @property
    def amount(self) -> Decimal:
        """What the line comes to, in whole øre."""
        return money.rounded(self.unit_price * self.quantity)

    @property
    def vat(self) -> Decimal:
        """The VAT inside the amount."""
        return vat.inside(self.amount, self.vat_percent)


@transaction.atomic
def issue(
    *, payer: Member, items: Sequence[Item], on: date, at: datetime, by: User | None, due_on: date | None = None,
    account: Account | None = None, token: UUID | None = None,
) -> Invoice:  # fmt: skip
    """Issue an invoice with these lines, in the same series of numbers as all others. It goes out as they do.

    `account` is where it is to be paid, with its KID; the first of ours where none is chosen. `token` names the form it
    was written on: the same once more issues nothing, and returns what the first did.

    Refuses what comes to nothing or less, or to more than the books can hold, a due date before the invoice's own, a
    payer who is dead, a day whose books are closed, and a token that has issued something else.
    """
    refuse_closed(on)
    total = sum((item.amount for item in items), money.ZERO)
    if total <= 0:
        raise Refused(_("This comes to nothing. Write what it is for, and a price."), code="nothing")
    if max(total, *(item.amount for item in items)) > MOST:
        raise Refused(
            _("This comes to %(amount)s, which is more than an invoice can be. Check how many there are, and the price "
              "of one."),
            params={"amount": money.formatted(total)}, code="too_much",
        )  # fmt: skip
    if payer.died_on:
        raise Refused(_("%(name)s is dead. Choose another payer."), params={"name": payer.full_name}, code="dead")
    due_on = due_on or dates.days_after(on, settings.CLIENT.invoicing.due_days)
    if due_on < on:
        raise Refused({"due_on": [_("The due date cannot be before today.")]}, code="due_on")
    [kid] = invoices.new_kids([payer], account=account)  # from here others wait, so the first with this token is seen
    blank = invoices.template(on, due_on, at, account)
    if token and (first := Invoice.objects.filter(form_token=token).first()):
        return _refuse_unless_same(first, blank, payer=payer, items=items)
    of_which = sum((item.vat for item in items), money.ZERO)
    number = counters.take("invoice")[0]
    invoice = invoices.addressed(blank, payer=payer, number=number, kid=kid, total=total, vat=of_which)
    invoice.form_token = token
    invoice.save(force_insert=True)
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice, position=position, text=item.text, quantity=item.quantity, unit_price=item.unit_price,
            vat_percent=item.vat_percent, amount=item.amount,
        )
        for position, item in enumerate(items, 1)
    )  # fmt: skip
    log(instance=invoice, action="invoicing.issued", user=by)
    invoices_issued.send(sender=Invoice, invoices=[invoice], at=at)
    return invoice


def _refuse_unless_same(first: Invoice, blank: Invoice, *, payer: Member, items: Sequence[Item]) -> Invoice:
    """Who went back in the browser and wrote something else on the same form must not think that it was issued."""
    written = [(item.text, item.quantity, item.unit_price, item.vat_percent) for item in items]
    kept = list(first.lines.values_list("text", "quantity", "unit_price", "vat_percent"))
    frame = (first.member_id, first.due_on, first.account_number)
    if (kept, frame) != (written, (payer.pk, blank.due_on, blank.account_number)):
        raise Refused(
            _("This form has become invoice %(number)s already. Open an empty form to write another."),
            params={"number": first.number}, code="form_used",
        )  # fmt: skip
    return first
