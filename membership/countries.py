"""Countries by their two letters, with names in the reader's language."""

from functools import lru_cache

from babel import Locale
from django.utils.translation import get_language

from core.collation import sort_key

# In CLDR's list of two-letter codes, and no country.
_NO_COUNTRY = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


def choices() -> list[tuple[str, str]]:
    """Every country as (code, name), Norway first and the rest by name."""
    return _choices(_language())


def name_of(code: str) -> str:
    """The country's name in the reader's language, or the code itself when it is unknown."""
    return _names(_language()).get(code, code)


def _language() -> str:
    return "en" if (get_language() or "nb").startswith("en") else "nb"


@lru_cache(maxsize=4)
def _names(language: str) -> dict[str, str]:
    return dict(_choices(language))


@lru_cache(maxsize=4)
def _choices(language: str) -> list[tuple[str, str]]:
    names = Locale.parse(language).territories
    found = [(code, name) for code, name in names.items() if len(code) == 2 and code.isalpha()]
    found = [(code, name) for code, name in found if code not in _NO_COUNTRY]
    return sorted(found, key=lambda pair: (pair[0] != "NO", sort_key(pair[1])))
