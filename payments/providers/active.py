"""The providers that are switched on. None are, until the settings say so; then no button stands anywhere."""

from dataclasses import dataclass

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils.functional import Promise

from core.backends import load as load_backend
from payments.providers.provider import PaymentProvider

_made: dict[str, PaymentProvider] = {}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One way to pay: its alias in the settings, and the word for the button."""

    alias: str
    label: str | Promise


def aliases() -> list[str]:
    """What is switched on, in the order of the settings."""
    return list(getattr(settings, "PAYMENT_PROVIDERS", {}))


def choices() -> list[Choice]:
    """The ways to pay, for buttons."""
    return [Choice(alias=alias, label=load(alias).label) for alias in aliases()]


def load(alias: str) -> PaymentProvider:
    """The provider, made once a process: it keeps its access token. Raises ImproperlyConfigured with a sentence."""
    if alias not in _made:
        _made[alias] = load_backend("PAYMENT_PROVIDERS", alias)
    return _made[alias]


@receiver(setting_changed, dispatch_uid="payments.forget_providers")
def forget(*, setting: str, **kwargs: object) -> None:
    """Tests change settings."""
    if setting == "PAYMENT_PROVIDERS":
        _made.clear()
