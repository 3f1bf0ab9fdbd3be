"""A payment at a provider that lives in memory: switched on, started, paid, and what it says read."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from invoicing.models import Invoice
from payments import ledger_check
from payments.models import ProviderPayment
from payments.online import online_books, pay_now
from payments.providers import memory
from payments.providers.provider import Reading, Standing
from tests.makers import NOW, TODAY, kroner, make_invoice

LATER = NOW + timedelta(minutes=2)


def switched_on(settings: Any, **options: Any) -> None:
    """`fails`, `loses` and `permanent` say which verbs go wrong, and how."""
    settings.PAYMENT_PROVIDERS = {"memory": {"BACKEND": "payments.providers.memory.MemoryProvider", "OPTIONS": options}}


@pytest.fixture(autouse=True)
def is_on(settings: Any) -> Iterator[None]:
    """Before every test; after it the books must agree."""
    switched_on(settings)
    yield
    report = ledger_check.check()
    assert report.problems == []


@pytest.fixture
def invoice() -> Invoice:
    return make_invoice(on=TODAY)


def start(invoice: Invoice, *, at: datetime = NOW) -> ProviderPayment:
    return pay_now.start(invoice=invoice, alias="memory", at=at, language="nb")


def paid(invoice: Invoice) -> ProviderPayment:
    """Started, said yes to by the payer, and looked at two minutes later."""
    online = start(invoice)
    memory.say_yes(online.reference)
    return pay_now.look(online=online, at=LATER)


def kinds(online: ProviderPayment) -> list[str]:
    """What has happened to it, in order."""
    return list(online.events.values_list("kind", flat=True))


def take(online: ProviderPayment, **reading: Any) -> ProviderPayment:
    """Read that 400 kroner were taken, or what else `reading` says."""
    read = Reading(**{"standing": Standing.CAPTURED, "captured": kroner("400"), "currency": "NOK"} | reading)
    return online_books.note(online=online, reading=read, at=LATER)
