"""What every payment provider can do. Configured in PAYMENT_PROVIDERS like Django's CACHES, loaded with `active.load`.

A new provider is a folder beside `vipps/` with the same shape (`client.py`, `webhook.py`), a stand-in server under
tests/payments/providers/standins/, and one more line in the contract test and in site/config/payment_providers.py.
Nothing here knows the database: what is remembered of a payment, and when money is booked, is the business of
payments/online/pay_now.py.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise

from core.errors import BackendError

TOLERANCE = timedelta(minutes=5)
"""How far a webhook's own time may be from ours. Older ones may be replayed by whoever has seen them."""


class ProviderError(BackendError):
    """The provider did not do it. The sentence is for the office and the log: without secrets, without personal data.

    `permanent`: trying again cannot help. Not permanent: the provider may have done it, so ask again, with the same
    key.
    """


class Standing(StrEnum):
    """How a payment stands at the provider, in our words."""

    MISSING = "missing"  # it knows no such payment
    PENDING = "pending"  # the person has not said yes yet
    AUTHORIZED = "authorized"  # said yes; the money waits for `capture`
    CAPTURED = "captured"  # the money is the association's
    CANCELLED = "cancelled"  # the person or we said no
    EXPIRED = "expired"  # nobody said anything in time
    FAILED = "failed"  # the person's bank or the provider said no


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the person is asked to pay.

    `reference` is ours: unique, 8 to 50 letters, digits and hyphens. `key` is the same for every try of this payment:
    sent twice, it makes one. `return_url` is where the person comes back, whatever they did.
    """

    reference: str
    key: str
    amount: Decimal
    currency: str
    text: str
    language: str
    return_url: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Started:
    """The payment waits for the person at `redirect_url`. `provider_id` is what the provider calls it."""

    provider_id: str
    redirect_url: str


@dataclass(frozen=True, kw_only=True)
class Handle:
    """A payment started before: our reference, the provider's id, and the key of what is asked for now."""

    reference: str
    provider_id: str
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a payment stands. `captured` and `refunded` are sums so far, in `currency`."""

    standing: Standing
    captured: Decimal = Decimal("0.00")
    refunded: Decimal = Decimal("0.00")
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A request from outside, as it came: nothing in it is believed yet. Names of headers are in small letters."""

    host: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A webhook that is genuine: something happened to a payment. What, we ask the provider.

    `event_id` is the same when the same event is told again. `reference` is ours; empty if it is not about a payment
    we started.
    """

    event_id: str
    kind: str
    reference: str


class PaymentProvider(ABC):
    """Takes payments. Settings come as keyword arguments from OPTIONS. Every call may raise ProviderError.

    `label` completes the button "Pay with …". `lives_for` is how long the person has to say yes. Browsers follow the
    redirect after a form only to `redirects_to` (the content security policy's form-action).
    """

    label: ClassVar[str | Promise]
    name: ClassVar[str]
    lives_for: ClassVar[timedelta]
    redirects_to: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def start(self, *, order: Order) -> Started:
        """Create the payment. With the same key again: the same payment."""

    @abstractmethod
    def read(self, *, handle: Handle) -> Reading:
        """Say how the payment stands now."""

    @abstractmethod
    def capture(self, *, handle: Handle, amount: Decimal, currency: str) -> Reading:
        """Take the money the person said yes to. Where it is taken by itself, or was before: just say how it stands."""

    @abstractmethod
    def refund(self, *, handle: Handle, amount: Decimal, currency: str) -> Reading:
        """Give so much back. With the same key again: once."""

    @abstractmethod
    def cancel(self, *, handle: Handle) -> Reading:
        """Let go of a payment whose money is not taken. If it was taken meanwhile, the reading says so."""

    @abstractmethod
    def read_webhook(self, *, webhook: Webhook, at: datetime) -> Notice:
        """Check the signature and the age of a webhook. Raises ProviderError: permanent if it is not genuine or older
        than TOLERANCE, not permanent if that could not be found out now."""


def in_ore(amount: Decimal) -> int:
    """The amount in the currency's smallest unit. Raises ValueError for a part of one."""
    ore = amount * 100
    if ore != ore.to_integral_value():
        raise ValueError(f"{amount} is not a whole number of øre.")
    return int(ore)


def from_ore(ore: int) -> Decimal:
    """The amount of so many of the currency's smallest unit."""
    return Decimal(ore).scaleb(-2)


def required(provider: str, **options: str) -> None:
    """Refuse to be made without settings. Raises ImproperlyConfigured with the setting's name."""
    for option, value in options.items():
        if not value:
            raise ImproperlyConfigured(
                f"PAYMENT_PROVIDERS: {provider} has no {option}. Set {provider.upper()}_{option.upper()}."
            )


def refuse_if_old(sent_at: datetime, *, at: datetime) -> None:
    """Refuse a webhook whose signed time is more than TOLERANCE from ours."""
    if abs(at - sent_at) > TOLERANCE:
        raise ProviderError("The webhook is older than five minutes.", permanent=True)
