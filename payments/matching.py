"""Which invoice is the money for? Exact by KID for machines; suggestions with their reasons for a person to choose."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import money
from core.errors import Refused
from invoicing import accounts
from invoicing import kid as kids
from invoicing.models import Invoice, InvoiceLine
from membership.models import Member

LONGEST_KID = 25
SHORTEST_PHONE = 8  # fewer digits than this occur in every other phone number and address
_LIKELY_KID = 10  # so many digits are hardly a number, an amount or a phone number
_LONGEST_NUMBER = 18  # what the database can hold


class Reason(models.TextChoices):
    """Why an invoice is suggested, the surest first."""

    KID = "kid", gettext_lazy("same KID")
    KID_WITHOUT_ZEROS = "kid_without_zeros", gettext_lazy("same KID but for leading zeros")
    KID_NEARLY = "kid_nearly", gettext_lazy("KID with one slip")
    NUMBER = "number", gettext_lazy("invoice number")
    MEMBER_NUMBER = "member_number", gettext_lazy("member number")
    AMOUNT = "amount", gettext_lazy("same amount")
    NAME = "name", gettext_lazy("name, phone or address")


@dataclass(frozen=True, kw_only=True)
class Match:
    """The one invoice a KID means. `is_exact` is false when leading zeros had been lost on the way."""

    invoice: Invoice
    is_exact: bool


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a text may be: any of these that is not empty."""

    kid: str = ""
    number: int | None = None
    amount: Decimal | None = None
    words: str = ""

    @property
    def has_wrong_check_digit(self) -> bool:
        """Whether it is long enough to be a KID and nothing else, and cannot be one."""
        return len(self.kid) >= _LIKELY_KID and not (kids.is_valid(self.kid, 10) or kids.is_valid(self.kid, 11))


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An invoice the money may be for, and why."""

    invoice: Invoice
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a text led to: candidates, the surest first, and a sentence where there are none, or none is certain."""

    candidates: list[Candidate]
    has_more: bool = False
    note: str = ""

    @property
    def only(self) -> Candidate | None:
        """The candidate to go on with unasked: the one with the KID, or the only one, unless its KID is another."""
        first = next(iter(self.candidates), None)
        if first is None or first.reason == Reason.KID_NEARLY:
            return None
        return first if first.reason == Reason.KID or len(self.candidates) == 1 else None


def spellings(kid: str) -> set[str]:
    """The KID with fewer and with more zeros before it; none of nothing but zeros."""
    stripped = kid.lstrip("0")
    return {stripped.zfill(length) for length in range(max(len(stripped), 1), LONGEST_KID + 1)} if stripped else set()


def match(*, kid: str) -> Match | None:
    """Find the invoice of a KID: the very same text, else the only one that differs in leading zeros alone.

    Spaces and dots are tolerated. None when there is no such invoice, or more than one.
    """
    cleaned = kids.clean(kid)
    if not cleaned or len(cleaned) > LONGEST_KID:
        return None
    # The condition of the index of KIDs is said again: SQLite uses it only then.
    rows = Invoice.objects.invoices().filter(~Q(kid=""), kid__in={cleaned, *spellings(cleaned)})
    found = {invoice.kid: invoice for invoice in rows}
    if cleaned in found:
        return Match(invoice=found[cleaned], is_exact=True)
    if len(found) == 1:
        return Match(invoice=next(iter(found.values())), is_exact=False)
    return None


def nearly(texts: Iterable[str], *, among: models.QuerySet[Invoice] | None = None) -> dict[str, list[Invoice]]:
    """The open invoices, or those `among` them, whose KID is one slip away from each of these texts, the oldest first.

    They are for a person to compare: such a KID is never booked by itself. The zeros before it may be gone, too:
    spreadsheets take them away, and people leave them out. One query; none for none.
    """
    lengths = {account.kid_length for account in accounts.every()}
    meant = {
        text: set().union(*(kids.nearly(one) for one in {text, *(text.zfill(length) for length in lengths)}))
        for text in texts if len(text) >= _LIKELY_KID
    }  # fmt: skip
    wanted = {kid for found in meant.values() for kid in found}
    if not wanted:
        return {}
    # The condition of the index of KIDs is said again: SQLite uses it only then.
    rows = Invoice.objects.open().filter(~Q(kid=""), kid__in=wanted).select_related("member").prefetch_related("lines")
    rows = rows if among is None else rows.filter(pk__in=among.values("pk"))
    owing = list(rows.order_by("due_on", "number"))
    return {text: [invoice for invoice in owing if invoice.kid in found] for text, found in meant.items()}


def read(text: str) -> Reading:
    """Say what a text may be. Pure: a KID with spaces or dots, an invoice number, an amount, words of a name."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
    cleaned = kids.clean(text)
    is_kid = re.fullmatch(r"[0-9]{1,24}[0-9-]", cleaned) is not None
    is_number = re.fullmatch(r"[0-9]+", cleaned) is not None and len(cleaned) <= _LONGEST_NUMBER
    try:
        amount = money.parsed(text)
    except Refused:
        amount = None
    is_phone = cleaned.lstrip("+").isdigit() and len(cleaned) >= SHORTEST_PHONE
    is_name = amount is None and any(c.isalpha() for c in text)
    return Reading(
        kid=cleaned if is_kid else "",
        number=int(cleaned) if is_number else None,
        amount=amount if amount and amount > 0 else None,
        words=text if is_name else cleaned if is_phone else "",
    )


def find(*, text: str, limit: int = 20, among: models.QuerySet[Invoice] | None = None) -> Found:
    """Suggest invoices for what a treasurer typed: KID, invoice number, member number, amount or name.

    Open invoices come before settled ones, older before newer. By name and amount only open ones are suggested, but
    a person without any is shown with what is settled. `among` is what may be suggested at all; without it, every
    invoice. Always the same few queries.
    """
    reading = read(text)
    found = match(kid=reading.kid) if reading.kid else None
    reasons: dict[int, Reason] = {}
    if found and among is not None and not among.filter(pk=found.invoice.pk).exists():
        found = None
    if found:
        reasons[found.invoice.pk] = Reason.KID if found.is_exact else Reason.KID_WITHOUT_ZEROS
    if not found or not found.is_exact:
        for invoice in [] if found else nearly([reading.kid], among=among).get(reading.kid, []):
            reasons[invoice.pk] = Reason.KID_NEARLY
        for invoice in _suggestions(reading, limit + 1, Invoice.objects.invoices() if among is None else among):
            reasons.setdefault(invoice.pk, _reason(invoice, reading))
    rows = Invoice.objects.select_related("member").prefetch_related("lines").in_bulk(reasons)
    order = list(Reason)
    candidates = [Candidate(invoice=rows[pk], reason=reason) for pk, reason in reasons.items()]
    candidates.sort(key=lambda c: (order.index(c.reason), c.invoice.is_settled, c.invoice.due_on, c.invoice.number))
    return Found(
        candidates=candidates[:limit],
        has_more=len(candidates) > limit,
        note=_note(candidates, reading),
    )


def meant(reading: Reading, *, by_contact_data: bool = True) -> Q:
    """The invoices a reading may mean, by number, KID, member number, amount left to pay, or the people on them.

    People are found by name, phone, e-mail and address. Without `by_contact_data`, for those who may not see it, the
    words must stand in the payer's printed name.
    """
    numbers = [] if reading.number is None else [reading.number]
    wanted = Q(number__in=numbers) | Q(member_number__in=_member_numbers(reading))
    if reading.kid:
        wanted |= Q(kid=reading.kid)
    if reading.amount is not None:
        wanted |= Q(open_amount=reading.amount)
    if reading.words and by_contact_data:
        people = Member.objects.found_by(reading.words)
        theirs = InvoiceLine.objects.filter(invoice=OuterRef("pk"), period__member__in=people)
        wanted |= Q(member__in=people) | Q(Exists(theirs))
    elif reading.words:
        wanted |= Q(*(("buyer_name__icontains", word) for word in reading.words.split()[:8]))
    return wanted


def _member_numbers(reading: Reading) -> set[str]:
    """The number as typed, and without its leading zeros."""
    return set() if reading.number is None else {str(reading.number), reading.kid or str(reading.number)}


def _suggestions(reading: Reading, limit: int, among: models.QuerySet[Invoice]) -> list[Invoice]:
    """Invoices that may be meant, in one query: those named by a number first, then what is open, oldest first."""
    by_number = When(number=reading.number, then=0) if reading.number is not None else When(pk=None, then=0)
    by_member = When(member_number__in=_member_numbers(reading), then=1)
    found: list[Invoice] = [
        *among.filter(meant(reading))
        .annotate(surest=Case(by_number, by_member, default=2), is_done=Q(open_amount=0))
        .order_by("surest", "is_done", "due_on", "number")[:limit]
    ]
    if any(not invoice.is_settled for invoice in found):
        found = [invoice for invoice in found if not invoice.is_settled or invoice.number == reading.number]
    return found


def _reason(invoice: Invoice, reading: Reading) -> Reason:
    if invoice.number == reading.number:
        return Reason.NUMBER
    if reading.number is not None and invoice.member_number in {str(reading.number), reading.kid}:
        return Reason.MEMBER_NUMBER
    if invoice.open_amount == reading.amount:
        return Reason.AMOUNT
    return Reason.NAME


def _note(candidates: Sequence[Candidate], reading: Reading) -> str:
    """What to do next, when nothing was found, or only what has nearly this KID."""
    if not candidates:
        return _why_nothing(reading)
    if candidates[0].reason == Reason.KID_NEARLY:
        return _("No invoice has this KID. The first below differs from it by one slip: compare it with the bank's.")
    return ""


def _why_nothing(reading: Reading) -> str:
    if reading.has_wrong_check_digit:
        return _("The check digit of this KID is wrong: a digit is probably mistyped. Compare it with the bank's.")
    if len(reading.kid) >= _LIKELY_KID:
        return _("No invoice has this KID. Try the invoice number or the payer's name.")
    if reading.amount is not None:
        return _("No invoice has this number, and none has %(amount)s left to pay. Try the payer's name.") % {
            "amount": money.formatted(reading.amount)
        }
    return _("No invoice was found. Try fewer letters of the name, the invoice number or the KID.")
