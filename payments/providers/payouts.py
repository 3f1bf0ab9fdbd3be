"""Which bank lines are a provider's payout of many payments at once: never money for one invoice. Pure."""

import re

_PAYERS = re.compile(
    r"\b(vipps(\s+mobilepay)?\s+as|mobilepay\s+a/s|stripe(\s+(payments|technology)\b.*|,?\s+inc\.?)?$"
    r"|paypal(\s+\(europe\)|\s+europe|\s+pte|$))",
    re.IGNORECASE,
)
# The texts of payouts name the provider and a number of the payout or of the place of sale.
_TEXTS = re.compile(
    r"\b(utbetaling|oppgjør|payout|settlement|transfer)\b.*\b(vipps|mobilepay|stripe|paypal)\b"
    r"|\b(vipps|mobilepay|stripe|paypal)\b.*\b(utbetaling|oppgjør|payout|settlement|transfer)\b",
    re.IGNORECASE,
)


def is_provider(payer_name: str) -> bool:
    """Whether the money comes from a provider: then it is a payout, whatever the text says."""
    return bool(_PAYERS.search(" ".join(payer_name.split())))


def is_payout(*, payer_name: str, text: str) -> bool:
    """Whether a line on the account is a provider's payout. What it is made up of was booked when each person paid.

    The text decides only where the bank names nobody: people write "vipps" and "utbetaling" in their payments too.
    """
    return is_provider(payer_name) or (not payer_name.strip() and bool(_TEXTS.search(" ".join(text.split()))))
