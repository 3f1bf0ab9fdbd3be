"""Phone numbers: typed in many ways, stored like +4791234567, shown like 912 34 567. No database, no settings."""

import re
from functools import lru_cache

import phonenumbers
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from core.errors import Refused

REGION = "NO"  # what a number without a country code is read as
_SURELY_MOBILE = re.compile(r"\+47(?:4[015-8]|9\d)\d{6}", re.ASCII)  # nearly all: phonenumbers takes 50 µs for each
_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


def to_e164(text: str, *, in_use: bool = True) -> str:
    """Return the number as it is stored, or "" for an empty text. Spaces, dots, dashes, 00 and +47 are understood.

    Refuses, with a sentence, what is no telephone number. `in_use=False` takes every number of the right length, also
    one in a series that nobody has been given: an old register may know better than the list of series.
    """
    text = text.strip()
    if not text:
        return ""
    try:
        number = phonenumbers.parse(text, REGION)
    except NumberParseException:
        number = None
    right = phonenumbers.is_valid_number if in_use else phonenumbers.is_possible_number
    if number is None or not right(number):
        raise Refused(
            _("This is not a phone number. Write eight digits, or + and the country code for a foreign number."),
            code="no_phone",
        )
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_mobile(e164: str) -> bool:
    """Whether a stored number can receive an SMS: 02800 and 815… are valid numbers and cannot."""
    if not e164:
        return False
    try:
        number = phonenumbers.parse(e164, None)
    except NumberParseException:
        return False
    return phonenumbers.number_type(number) in _MOBILE


def shown(e164: str) -> str:
    """Return a stored number for a reader: Norwegian ones in the usual groups, others with their country code."""
    if _SURELY_MOBILE.fullmatch(e164):
        return f"{e164[3:6]} {e164[6:8]} {e164[8:]}"
    return _shown(e164) if e164 else ""


@lru_cache(maxsize=10_000)
def _shown(e164: str) -> str:
    try:
        number = phonenumbers.parse(e164, None)
    except NumberParseException:
        return e164
    if number.country_code != phonenumbers.country_code_for_region(REGION):
        return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    digits = phonenumbers.national_significant_number(number)
    if is_mobile(e164) and len(digits) == 8:
        return f"{digits[:3]} {digits[3:5]} {digits[5:]}"
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
