"""KID: the number on a payment that says which invoice it is for. Text of 2 to 25 characters; leading zeros count.

Pure: no settings, no database. The rules are those of the OCR giro system manual (Nets); the bank account decides
length and modulus. MOD10 does not see 09 written for 90.
"""

_LONGEST = 25
_WRITTEN = "0123456789-"  # a hyphen may be the check digit of modulus 11
_SEPARATORS = str.maketrans("", "", " .\u00a0\u202f\u2009\t")


def with_check_digit(base: str, modulus: int) -> str:
    """Return the base with its check digit. With modulus 11 that may be `-`, which some banks do not take.

    `base` is 1 to 24 digits; `modulus` is 10 or 11. Anything else is a ValueError.
    """
    if not (base.isascii() and base.isdigit() and len(base) <= 24):
        raise ValueError(f"A KID is made of 1 to 24 digits, not {base!r}.")
    return base + _CHECK_DIGIT[modulus](base)


def is_valid(kid: str, modulus: int) -> bool:
    """Whether this is a whole KID whose check digit is right. Clean what people typed first."""
    base, check = kid[:-1], kid[-1:]
    if not (base.isascii() and base.isdigit() and len(base) <= 24):
        return False
    return _CHECK_DIGIT[modulus](base) == check


def clean(text: str) -> str:
    """Return what was typed or read without spaces, non-breaking spaces and dots. Zeros and a final `-` stay."""
    return text.translate(_SEPARATORS)


def nearly(kid: str) -> set[str]:
    """Return the KIDs that one slip makes this text of: a digit wrong, left out or too many, or two neighbours swapped.

    Some tens: only those whose check digit is right by one of the two rules, and never the text itself. `kid` is clean.
    """
    if not (kid.isascii() and kid.rstrip("-").isdigit() and len(kid) <= _LONGEST + 1):
        return set()
    places = range(len(kid))
    slips = {kid[:place] + digit + kid[place + 1 :] for place in places for digit in _WRITTEN}
    slips |= {kid[:place] + digit + kid[place:] for place in range(len(kid) + 1) for digit in _WRITTEN}
    slips |= {kid[:place] + kid[place + 1 :] for place in places}
    slips |= {kid[:place] + kid[place + 1] + kid[place] + kid[place + 2 :] for place in places[:-1]}
    return {slip for slip in slips - {kid} if len(slip) <= _LONGEST and (is_valid(slip, 10) or is_valid(slip, 11))}


def grouped(kid: str) -> str:
    """Return the KID as people read it aloud: groups of five from the right, with spaces that do not break."""
    first = len(kid) % 5
    groups = [kid[:first]] if first else []
    return "\u00a0".join([*groups, *(kid[i : i + 5] for i in range(first, len(kid), 5))])


def _mod10(base: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(base)):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    return str(-total % 10)


def _mod11(base: str) -> str:
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(base)))
    rest = -total % 11
    return "-" if rest == 10 else str(rest)


_CHECK_DIGIT = {10: _mod10, 11: _mod11}
