"""Money is a `Decimal` with a currency. Øre never meet a float."""

import re
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.errors import Refused

ZERO = Decimal("0.00")
MINUS = "\u2212"
_LOCALES = {"nb": "nb_NO", "en": "en_GB"}


def rounded(amount: Decimal) -> Decimal:
    """Round to whole øre, halves away from zero, as invoices do."""
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def share(amount: Decimal, *, percent: Decimal) -> Decimal:
    """Return `percent` per cent of the amount, in whole øre."""
    return rounded(amount * percent / 100)


def formatted(amount: Decimal, currency: str = "NOK", *, language: str | None = None) -> str:
    """Return the amount for a reader: `kr 1 234,50` in Norwegian, with spaces that do not break, `kr −600` below zero.

    Whole kroner are written without decimals, as people say them; invoices print both, see `formatted_exactly`.
    """
    is_whole = rounded(amount) == amount.to_integral_value()
    return _format(amount, currency, language, "¤\u00a0#,##0" if is_whole else "¤\u00a0#,##0.00")


def formatted_exactly(amount: Decimal, currency: str = "NOK", *, language: str | None = None) -> str:
    """Return the amount with two decimals always: `kr 600,00`."""
    return _format(amount, currency, language, "¤\u00a0#,##0.00")


def _format(amount: Decimal, currency: str, language: str | None, pattern: str) -> str:
    """Below zero a real minus sign stands before the digits, in every language: Babel has one rule for each."""
    amount = rounded(amount)
    locale = _LOCALES[(language or get_language() or "nb")[:2]]
    # Without currency_digits=False Babel would write the øre that the pattern leaves out.
    text = format_currency(abs(amount), currency, format=pattern, locale=locale, currency_digits=False)
    text = text.replace("NOK", "kr")
    return text.replace("\u00a0", f"\u00a0{MINUS}", 1) if amount < 0 else text


_SEPARATED = re.compile(
    r"(?P<whole>[1-9][0-9]{0,2}(?P<group>[ .,'])[0-9]{3}(?:(?P=group)[0-9]{3})*|[0-9]{1,12})"
    r"(?:(?P<point>[.,])(?P<ore>[0-9]{1,2}|-))?"
)
_UNIT = re.compile(r"^(?:kr\.?|nok)\s*|\s*(?:kr\.?|nok)$", re.IGNORECASE)
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ", "–": "-", "—": "-", "’": "'"})


def parsed(text: str) -> Decimal:
    """Read an amount as people and banks write it: `600`, `1 234,50`, `1.234,50`, `1,234.5`, `kr 600,-`.

    The sign before the last one or two digits is the decimal sign, groups of exactly three digits are thousands.
    Whatever could mean two things is refused rather than guessed; so is a sign before the number.
    """
    found = _SEPARATED.fullmatch(_UNIT.sub("", text.translate(_SPACES).strip()).strip()) if len(text) <= 60 else None
    if found is None or (found["group"] and found["group"] == found["point"]):
        raise Refused(_("This is not an amount. Write it like 600 or 1234,50."), code="not_an_amount")
    whole = re.sub("[^0-9]", "", found["whole"])
    ore = (found["ore"] or "").replace("-", "").ljust(2, "0")
    return Decimal(f"{whole}.{ore}")
