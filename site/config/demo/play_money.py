"""Somebody pays at once, with play money, and gets it back: only where PAYMENT_PROVIDERS names `memory`."""

from datetime import date

from config.demo.moments import noon
from core.models import User
from invoicing import credit_notes
from invoicing.models import Invoice
from payments.online import pay_back, pay_now
from payments.providers import active
from payments.providers.memory import client as play_money

ALIAS = "memory"


def is_in_use() -> bool:
    """Whether one can pay with play money here."""
    return ALIAS in active.aliases()


def pay_and_get_back(invoice: Invoice, *, on: date, by: User, reason: str) -> None:
    """The payer says yes on the provider's page; then what it was for is called off, and the invoice is credited."""
    at = noon(on)
    online = pay_now.start(invoice=invoice, alias=ALIAS, at=at, language=invoice.language)
    play_money.say_yes(online.reference)
    online = pay_now.look(online=online, at=at)
    pay_back.refund(online=online, at=at, by=by, reason=reason)
    credit_notes.credit(invoice=invoice, on=on, at=at, by=by, reason=reason)
