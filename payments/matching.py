"""Which invoice is the money for? Exact by KID for machines; suggestions with reasons for a person at the keyboard."""

from dataclasses import dataclass

from invoicing import kid as kids
from invoicing.models import Invoice

LONGEST_KID = 25


@dataclass(frozen=True, kw_only=True)
class Match:
    """The one invoice a KID means. `is_exact` is false when leading zeros had been lost on the way."""

    invoice: Invoice
    is_exact: bool


def match(*, kid: str) -> Match | None:
    """Find the invoice of a KID: the very same text, else the only one that differs in leading zeros alone.

    Spaces and dots are tolerated. None when there is no such invoice, or more than one.
    """
    cleaned = kids.clean(kid)
    if not cleaned or len(cleaned) > LONGEST_KID:
        return None
    stripped = cleaned.lstrip("0")
    spellings = {stripped.zfill(length) for length in range(max(len(stripped), 1), LONGEST_KID + 1)}
    found = {invoice.kid: invoice for invoice in Invoice.objects.invoices().filter(kid__in=spellings)}
    if cleaned in found:
        return Match(invoice=found[cleaned], is_exact=True)
    if len(found) == 1 and stripped:
        return Match(invoice=next(iter(found.values())), is_exact=False)
    return None
