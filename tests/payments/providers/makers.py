"""Each provider beside its stand-in, by the name it has in the settings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from payments.providers.memory import MemoryProvider
from payments.providers.paypal import PayPalProvider
from payments.providers.provider import PaymentProvider
from payments.providers.stripe import StripeProvider
from payments.providers.vipps import VippsProvider
from tests.payments.providers.standins import memory, paypal, stripe, vipps


@dataclass(frozen=True)
class Pair:
    """A provider and the stand-in it talks to. `settings` is its entry in PAYMENT_PROVIDERS."""

    alias: str
    provider: PaymentProvider
    standin: Any
    settings: dict[str, Any]


_KINDS: dict[str, tuple[type[PaymentProvider], Callable[[], Any], dict[str, str]]] = {
    "memory": (MemoryProvider, memory.MemoryStandin, memory.CREDENTIALS),
    "vipps": (VippsProvider, vipps.VippsStandin, vipps.CREDENTIALS),
    "paypal": (PayPalProvider, paypal.PayPalStandin, paypal.CREDENTIALS),
    "stripe": (StripeProvider, stripe.StripeStandin, stripe.CREDENTIALS),
}
ALIASES = list(_KINDS)
# Those that take the money only when it is captured; the others have taken it when the person has said yes.
CAPTURED_LATER = {"memory", "vipps", "paypal"}
# Those that tell at once when the person says no; at the others the payment waits until it runs out.
TELL_OF_NO = {"memory", "vipps"}


@contextmanager
def pair(alias: str) -> Iterator[Pair]:
    """The provider with its stand-in running. What the stand-in found wrong with the requests fails the test."""
    kind, make_standin, credentials = _KINDS[alias]
    with make_standin() as standin:
        options = dict(credentials) | ({} if alias == "memory" else {"base_url": standin.url})
        settings = {alias: {"BACKEND": f"{kind.__module__.rpartition('.')[0]}.{kind.__name__}", "OPTIONS": options}}
        yield Pair(alias=alias, provider=kind(**options), standin=standin, settings=settings)
        assert standin.complaints == []
