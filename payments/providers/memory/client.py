"""Payments kept in the cache, so that the web and the worker of a demo see the same ones."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from payments.providers.memory import webhook as signatures
from payments.providers.provider import (
    Handle,
    Notice,
    Order,
    PaymentProvider,
    ProviderError,
    Reading,
    Standing,
    Started,
    Webhook,
)

_KEPT_FOR = 86_400
_OPEN = {Standing.PENDING, Standing.AUTHORIZED}


@dataclass(frozen=True)
class Kept:
    """One payment as the twin remembers it. `done` are the keys of what was asked for already."""

    order: Order
    reading: Reading
    done: tuple[str, ...] = field(default=())


class MemoryProvider(PaymentProvider):
    """Asks the person on a page of our own. For tests: a call named in `fails` fails before it has had effect, one in
    `loses` after; `permanent` says how."""

    name = "Memory"
    label = _("play money")
    lives_for: ClassVar[timedelta] = timedelta(minutes=10)

    def __init__(
        self,
        *,
        webhook_secret: str = "not-secret",
        fails: tuple[str, ...] = (),
        loses: tuple[str, ...] = (),
        permanent: bool = False,
    ) -> None:
        self._webhook_secret = webhook_secret
        self._fails, self._loses, self._permanent = fails, loses, permanent

    def start(self, *, order: Order) -> Started:
        self._perhaps_fail("start", self._fails)
        kept = _get(order.reference)
        if kept is None:
            _keep(Kept(order=order, reading=Reading(standing=Standing.PENDING, currency=order.currency)))
        elif kept.order.key != order.key:
            raise ProviderError("Memory has another payment with this reference.", permanent=True)
        self._perhaps_fail("start", self._loses)
        redirect_url = reverse("try_out_payment", args=[order.reference])
        return Started(provider_id=f"memory:{order.reference}", redirect_url=redirect_url)

    def read(self, *, handle: Handle) -> Reading:
        self._perhaps_fail("read", self._fails)
        kept = _get(handle.reference)
        return kept.reading if kept else Reading(standing=Standing.MISSING)

    def capture(self, *, handle: Handle, amount: Decimal, currency: str) -> Reading:
        kept = self._asked("capture", handle)
        if kept.reading.standing == Standing.AUTHORIZED:
            kept = replace(kept, reading=replace(kept.reading, standing=Standing.CAPTURED, captured=amount))
        return self._answer("capture", kept, handle)

    def refund(self, *, handle: Handle, amount: Decimal, currency: str) -> Reading:
        kept = self._asked("refund", handle)
        if handle.key not in kept.done:
            if kept.reading.captured - kept.reading.refunded < amount:
                raise ProviderError("Memory has less captured money than that.", permanent=True)
            kept = replace(kept, reading=replace(kept.reading, refunded=kept.reading.refunded + amount))
        return self._answer("refund", kept, handle)

    def cancel(self, *, handle: Handle) -> Reading:
        kept = self._asked("cancel", handle)
        if kept.reading.standing in _OPEN:
            kept = replace(kept, reading=replace(kept.reading, standing=Standing.CANCELLED))
        return self._answer("cancel", kept, handle)

    def read_webhook(self, *, webhook: Webhook, at: datetime) -> Notice:
        return signatures.read(webhook, secret=self._webhook_secret, at=at)

    def _asked(self, verb: str, handle: Handle) -> Kept:
        self._perhaps_fail(verb, self._fails)
        kept = _get(handle.reference)
        if kept is None:
            raise ProviderError("Memory knows no such payment.", permanent=True)
        return kept

    def _answer(self, verb: str, kept: Kept, handle: Handle) -> Reading:
        _keep(replace(kept, done=(*kept.done, handle.key)))
        self._perhaps_fail(verb, self._loses)
        return kept.reading

    def _perhaps_fail(self, verb: str, verbs: tuple[str, ...]) -> None:
        if verb in verbs:
            raise ProviderError(f"Memory was told to fail at {verb}.", permanent=self._permanent)


def waiting(reference: str) -> Order | None:
    """The order of a payment that waits for the person's yes or no."""
    kept = _get(reference)
    return kept.order if kept and kept.reading.standing == Standing.PENDING else None


def say_yes(reference: str) -> None:
    """The person agrees."""
    _change(reference, Standing.AUTHORIZED)


def say_no(reference: str) -> None:
    """The person does not want to."""
    _change(reference, Standing.CANCELLED)


def expire(reference: str) -> None:
    """The person says nothing in time."""
    _change(reference, Standing.EXPIRED)


def _change(reference: str, standing: Standing) -> None:
    kept = _get(reference)
    if kept and kept.reading.standing == Standing.PENDING:
        _keep(replace(kept, reading=replace(kept.reading, standing=standing)))


def _get(reference: str) -> Kept | None:
    kept: Kept | None = cache.get(f"memory-provider:{reference}")
    return kept


def _keep(kept: Kept) -> None:
    cache.set(f"memory-provider:{kept.order.reference}", kept, _KEPT_FOR)
