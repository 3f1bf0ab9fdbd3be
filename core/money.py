"""Money is a `Decimal` with a currency. Øre never meet a float."""

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency
from django.utils.translation import get_language

ZERO = Decimal("0.00")
_LOCALES = {"nb": "nb_NO", "en": "en_GB"}


def rounded(amount: Decimal) -> Decimal:
    """Round to whole øre, halves away from zero, as invoices do."""
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def share(amount: Decimal, *, percent: Decimal) -> Decimal:
    """Return `percent` per cent of the amount, in whole øre."""
    return rounded(amount * percent / 100)


def formatted(amount: Decimal, currency: str = "NOK", *, language: str | None = None) -> str:
    """Return the amount for a reader: `kr 1 234,50` in Norwegian, with spaces that do not break.

    Whole kroner are written without decimals, as people say them; invoices print both, see `formatted_exactly`.
    """
    if amount == amount.to_integral_value():
        return _format(amount, currency, language, "¤ #,##0")
    return _format(amount, currency, language, "¤ #,##0.00")


def formatted_exactly(amount: Decimal, currency: str = "NOK", *, language: str | None = None) -> str:
    """Return the amount with two decimals always."""
    return _format(amount, currency, language, "¤ #,##0.00")


def _format(amount: Decimal, currency: str, language: str | None, pattern: str) -> str:
    locale = _LOCALES[(language or get_language() or "nb")[:2]]
    text = format_currency(amount, currency, format=pattern.replace(" ", "\u00a0"), locale=locale)
    return text.replace("NOK", "kr")
