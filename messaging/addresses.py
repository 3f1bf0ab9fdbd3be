"""Is this an address that something can be sent to? Pure; no network."""

import re

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from messaging.models import Channel

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def tidy(address: str, *, channel: str) -> str:
    """The address as it is sent to: without spaces around it, and without the dot some people end it with."""
    address = address.strip()
    return address.rstrip(".") if channel == Channel.EMAIL else address


def is_usable(address: str, *, channel: str) -> bool:
    """True if the channel could deliver to it. SMS goes to mobile numbers only: 02800 is valid, and no mobile."""
    if _CONTROL.search(address):
        return False
    if channel == Channel.EMAIL:
        try:
            validate_email(address)
        except ValidationError:
            return False
        # A letter like ø before the @ needs SMTPUTF8, which too few servers speak.
        return address.rpartition("@")[0].isascii()
    if channel == Channel.SMS:
        return _is_mobile(address)
    return True


def _is_mobile(number: str) -> bool:
    try:
        parsed = phonenumbers.parse(number, "NO")
    except phonenumbers.NumberParseException:
        return False
    mobile = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
    return phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) in mobile
