"""Pay an invoice at once with Vipps, card or PayPal: a row first, then the provider is asked, then what it says counts.

What the person's browser brings back, and what a webhook says, is only a hint to ask. The provider's own answer is
the truth: `look` asks for it and does what follows, however often and in whatever order it is called. No transaction
is held while a provider is asked.
"""

import secrets
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import web_addresses
from core.errors import Refused
from invoicing.models import Invoice
from payments.models import ProviderEvent, ProviderPayment
from payments.online import online_books
from payments.providers import active
from payments.providers.provider import Handle, Order, PaymentProvider, ProviderError, Reading, Standing

State = ProviderPayment.State
SOON = timedelta(minutes=1)


def start(*, invoice: Invoice, alias: str, at: datetime, language: str) -> ProviderPayment:
    """Create a payment of what the invoice owes, and return it with the address to send the person to.

    Clicked twice it is one payment, as long as it can still be paid. Refuses when nothing is owed (code
    `nothing_owed`), when that way to pay is off (`off`), and when the provider says no (`provider_refused`) or nothing
    (`provider_silent`).
    """
    if alias not in active.aliases():
        raise Refused(_("This way to pay is not in use. Choose another one."), code="off")
    provider = active.load(alias)
    online = _row(invoice=invoice, alias=alias, provider=provider, at=at, language=language)
    if online.redirect_url:
        return online
    return _ask_to_start(online, provider, at=at)


def look(*, online: ProviderPayment, at: datetime) -> ProviderPayment:
    """Ask the provider how the payment stands, do what follows, and return the row as it is now. Doing it again changes
    nothing more. A provider that is switched off is not asked.

    Raises ProviderError when it could not be found out; when to ask again is written down.
    """
    if online.provider not in active.aliases():
        return online_books.later(online=online, at=at, problem="")
    provider = active.load(online.provider)
    if online.state == State.STARTING and not online.provider_id:
        return _start_again(online, provider, at)
    try:
        reading = _follow(online, provider, provider.read(handle=handle(online)))
    except ProviderError as error:
        online_books.later(online=online, at=at, problem=str(error) if error.permanent else "")
        raise
    return online_books.note(online=online, reading=reading, at=at)


def handle(online: ProviderPayment, verb: str = "") -> Handle:
    """The payment as the provider knows it. Each verb has one key for all its tries."""
    key = f"{online.key}-{verb}" if verb else online.key
    return Handle(reference=online.reference, provider_id=online.provider_id, key=key)


def refund_handle(online: ProviderPayment) -> Handle:
    """The payment for the refund under way: each refund has a key of its own, the same for all its tries."""
    return handle(online, "refund" if online.refund_count <= 1 else f"refund-{online.refund_count}")


def _is_to_ask_again(online: ProviderPayment, reading: Reading) -> bool:
    """Whether the provider knows nothing of the refund under way."""
    return reading.refunded == online.refunded_amount


def _row(*, invoice: Invoice, alias: str, provider: PaymentProvider, at: datetime, language: str) -> ProviderPayment:
    """The row of a payment that can still be paid, or a new one."""
    with transaction.atomic():
        locked = Invoice.objects.select_for_update().get(pk=invoice.pk)
        if locked.open_amount <= 0 or locked.kind != Invoice.Kind.INVOICE:
            raise Refused(_("Nothing is left to pay on this invoice."), code="nothing_owed")
        again = ProviderPayment.objects.under_way().filter(
            invoice=locked, provider=alias, amount=locked.open_amount, expires_at__gt=at + SOON
        )
        if found := again.first():
            return found
        online = ProviderPayment.objects.create(
            invoice=locked,
            provider=alias,
            reference=f"hnm-{locked.number}-{secrets.token_hex(8)}",
            key=uuid4().hex,
            amount=locked.open_amount,
            currency=locked.currency,
            language=language,
            created_at=at,
            expires_at=at + provider.lives_for,
            look_at=at + SOON,
        )
        ProviderEvent.objects.create(payment=online, at=at, kind="asked_for")
    return online


def _order(online: ProviderPayment) -> Order:
    with override(online.language):
        text = _("Invoice %(number)s") % {"number": online.invoice.number}
    return Order(
        reference=online.reference,
        key=online.key,
        amount=online.amount,
        currency=online.currency,
        text=text,
        language=online.language,
        return_url=web_addresses.of("payment_return", online.reference),
        expires_at=online.expires_at,
    )


def _ask_to_start(online: ProviderPayment, provider: PaymentProvider, *, at: datetime) -> ProviderPayment:
    try:
        started = provider.start(order=_order(online))
    except ProviderError as error:
        online_books.did_not_start(online=online, error=error, at=at)
        raise _refusal(provider, error) from error
    return online_books.started(online=online, started=started, at=at)


def _refusal(provider: PaymentProvider, error: ProviderError) -> Refused:
    if error.permanent:
        sentence = _("%(provider)s does not take the payment just now. Pay in your bank with the KID instead.")
        return Refused(sentence, code="provider_refused", params={"provider": provider.name})
    sentence = _("%(provider)s does not answer just now. Try again in a minute, or pay in your bank with the KID.")
    return Refused(sentence, code="provider_silent", params={"provider": provider.name})


def _start_again(online: ProviderPayment, provider: PaymentProvider, at: datetime) -> ProviderPayment:
    """The answer was lost. With the same key the provider tells it again; nobody was sent there, so nobody paid."""
    if online.expires_at <= at:
        return online_books.note(online=online, reading=Reading(standing=Standing.EXPIRED), at=at)
    try:
        return _ask_to_start(online, provider, at=at)
    except Refused as refusal:
        online.refresh_from_db()
        raise ProviderError(refusal.sentence, permanent=refusal.code == "provider_refused") from refusal


def _follow(online: ProviderPayment, provider: PaymentProvider, reading: Reading) -> Reading:
    """Take the money the person agreed to; or let it go, if the invoice was paid some other way meanwhile."""
    is_owed = Invoice.objects.open().filter(pk=online.invoice_id).exists()
    if reading.standing == Standing.AUTHORIZED and is_owed:
        return provider.capture(handle=handle(online, "capture"), amount=online.amount, currency=online.currency)
    if reading.standing in (Standing.AUTHORIZED, Standing.PENDING) and not is_owed:
        return provider.cancel(handle=handle(online, "cancel"))
    if reading.standing == Standing.CAPTURED and online.state == State.REFUNDING and _is_to_ask_again(online, reading):
        return provider.refund(
            handle=refund_handle(online), amount=online.refund_asked_for, currency=online.currency
        )  # fmt: skip
    return reading
