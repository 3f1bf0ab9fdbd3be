"""Which payment providers are switched on: none, until the environment names them in PAYMENT_PROVIDERS.

Secrets come from the environment alone. A provider that is named and lacks one stops the start, with its name.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from config import env

# alias: the BACKEND, its OPTIONS each with the variable that holds it, and the variable of an optional address.
_KNOWN: dict[str, tuple[str, dict[str, str], str]] = {
    "vipps": (
        "payments.providers.vipps.VippsProvider",
        {
            "client_id": "VIPPS_CLIENT_ID",
            "client_secret": "VIPPS_CLIENT_SECRET",
            "subscription_key": "VIPPS_SUBSCRIPTION_KEY",
            "merchant_serial_number": "VIPPS_MERCHANT_SERIAL_NUMBER",
            "webhook_secret": "VIPPS_WEBHOOK_SECRET",
        },
        "VIPPS_URL",
    ),
    "stripe": (
        "payments.providers.stripe.StripeProvider",
        {"secret_key": "STRIPE_SECRET_KEY", "webhook_secret": "STRIPE_WEBHOOK_SECRET"},
        "",
    ),
    "paypal": (
        "payments.providers.paypal.PayPalProvider",
        {
            "client_id": "PAYPAL_CLIENT_ID",
            "client_secret": "PAYPAL_CLIENT_SECRET",
            "webhook_id": "PAYPAL_WEBHOOK_ID",
        },
        "PAYPAL_URL",
    ),
}
_MEMORY = "memory"


def read(*, has_memory: bool = False) -> dict[str, Any]:
    """The setting PAYMENT_PROVIDERS from the environment: `PAYMENT_PROVIDERS=vipps, stripe`, and a variable a secret.

    VIPPS_URL and PAYPAL_URL lead to their test environments. `has_memory`: play money may be named as well, which a
    site in use must never take.
    """
    found: dict[str, Any] = {}
    for alias in env.words("PAYMENT_PROVIDERS"):
        if alias == _MEMORY and has_memory:
            found[alias] = {"BACKEND": "payments.providers.memory.MemoryProvider", "OPTIONS": {}}
            continue
        if alias not in _KNOWN:
            raise ImproperlyConfigured(
                f"The environment variable PAYMENT_PROVIDERS names {alias!r}. Use {', '.join(_KNOWN)}, or leave it out."
            )
        backend, options, address = _KNOWN[alias]
        made = {option: env.text(variable) for option, variable in options.items()}
        if address and (url := env.text(address, "")):
            made["base_url"] = url
        found[alias] = {"BACKEND": backend, "OPTIONS": made}
    return found


def form_targets(providers: dict[str, Any]) -> list[str]:
    """Where a browser may be sent after pressing "Pay with …": what the content security policy must allow."""
    return [target for entry in providers.values() for target in import_string(entry["BACKEND"]).redirects_to]
