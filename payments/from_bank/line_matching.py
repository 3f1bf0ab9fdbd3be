"""What is to become of bank lines: booked by their KID, or left to a person, with the reason. Many lines at a time.

The rules of norway.md, "Matching". Nothing is written here, and the number of queries does not grow with the lines:
what is known of invoices, earlier payments and accounts is fetched once for all of them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from invoicing import kid as kids
from invoicing.models import Invoice, InvoiceLine
from membership.models import MembershipType
from payments.matching import LONGEST_KID, spellings
from payments.models import BankLine, PayerAccount, Payment, PaymentPlan
from payments.providers.payouts import is_payout, is_provider

ALIKE_WITHIN = timedelta(days=3)
_SHORTEST_IN_TEXT = 7  # fewer digits may be anything
_DIGITS = re.compile(r"(?<![0-9])[0-9](?:[ .\u00a0]?[0-9]){5,28}(?![0-9])")

State, Why = BankLine.State, BankLine.Why


class Owed(NamedTuple):
    """What matching needs to know of an invoice."""

    pk: int
    kid: str
    number: int
    open_amount: Decimal
    total: Decimal


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What is to become of a line. With an invoice it is booked on it; else `why` says what a person has to look at,
    unless it is money out that concerns nobody. `note` says what is worth knowing."""

    line: BankLine
    state: str
    invoice: Owed | None = None
    why: str = Why.NONE
    note: str = ""


def decide(lines: Sequence[BankLine]) -> list[Decision]:
    """Say of each line what is to become of it, in the order of the lines."""
    known = _Known(lines)
    return [known.decide(line) for line in lines]


def kids_in(text: str) -> list[str]:
    """What may be KIDs in a text: numbers of some length with a right check digit, with or without spaces inside.

    Spaces may as well stand between two numbers: a KID is looked for in every run of neighbouring groups.
    """
    found: list[str] = []
    for run in _DIGITS.findall(text):
        groups = re.split(r"[ .\u00a0]", run)
        for start in range(len(groups)):
            for end in range(start + 1, len(groups) + 1):
                number = "".join(groups[start:end])
                if _SHORTEST_IN_TEXT <= len(number) <= LONGEST_KID and _is_kid(number):
                    found.append(number)
    return list(dict.fromkeys(found))


def _is_kid(number: str) -> bool:
    """By either rule: each account has its own, and a bank that changes one leaves old invoices with the other."""
    return kids.is_valid(number, 10) or kids.is_valid(number, 11)


def owed_by_kid(texts: Iterable[str]) -> dict[str, Owed]:
    """The invoices with these KIDs. One query; none for none."""
    wanted = set(texts)
    if not wanted:
        return {}
    # Said again, because SQLite uses the index of KIDs only where the question has its condition in it.
    rows = Invoice.objects.invoices().filter(~Q(kid=""), kid__in=wanted).order_by()
    return {row[1]: Owed(*row) for row in rows.values_list("pk", "kid", "number", "open_amount", "total")}


class _Known:
    """What the database knows about the lines at hand."""

    def __init__(self, lines: Sequence[BankLine]) -> None:
        self.in_text = {line.pk: kids_in(f"{line.text} {line.payer_name}") for line in lines if not line.kid}
        given = {kids.clean(line.kid) for line in lines if line.kid}
        self.invoices = owed_by_kid(given.union(*self.in_text.values()))
        self.by_zeros = self._by_zeros(given - self.invoices.keys())
        found = [*self.invoices.values(), *self.by_zeros.values()]
        self.credited = _credited(owed for owed in found if not owed.open_amount or owed.open_amount < owed.total)
        self.alike = _alike(lines, {owed.kid for owed in found} | given)
        self.prices = _prices(
            owed for line in lines if (owed := self._meant(line)) and owed.open_amount == owed.total != line.amount
        )
        self.accounts = _accounts(lines)
        self.batches = _batches(lines)

    @staticmethod
    def _by_zeros(missing: set[str]) -> dict[str, Owed]:
        """The invoices of KIDs that have lost or won zeros on the way, where only one can be meant."""
        wanted = {kid: spellings(kid) for kid in missing if 2 <= len(kid) <= LONGEST_KID}
        found = owed_by_kid(text for texts in wanted.values() for text in texts)
        meant = {kid: [found[text] for text in texts if text in found] for kid, texts in wanted.items()}
        return {kid: owed[0] for kid, owed in meant.items() if len(owed) == 1}

    def decide(self, line: BankLine) -> Decision:
        if why := self._why_at_once(line):
            return Decision(line=line, state=State.QUEUED, why=why)
        if line.amount < 0:
            return Decision(line=line, state=State.OUTGOING)
        if not line.kid:
            return self._without_kid(line)
        owed = self._meant(line)
        if owed is None:
            return Decision(line=line, state=State.QUEUED, why=Why.UNKNOWN_KID)
        is_exact = owed.kid == kids.clean(line.kid)
        return self._on(line, owed, "" if is_exact else _("The KID had lost or won zeros at its beginning."))

    def _meant(self, line: BankLine) -> Owed | None:
        """The invoice of the line's KID."""
        given = kids.clean(line.kid)
        return self.invoices.get(given) or self.by_zeros.get(given)

    def _why_at_once(self, line: BankLine) -> str:
        """What needs a person whatever its KID is."""
        if line.is_foreign:
            return Why.CURRENCY
        if line.is_reversal:
            return Why.REVERSAL
        if line.amount < 0:
            concerns_us = line.payer_account in self.accounts or kids.clean(line.kid) in self.invoices
            return Why.OUT_TO_PAYER if concerns_us else Why.NONE
        if not line.kid and self._is_payout(line):
            return Why.PAYOUT
        return Why.BATCH if line.reference in self.batches or line.batch_reference in self.batches else Why.NONE

    def _is_payout(self, line: BankLine) -> bool:
        """A provider's payout. Where only the text looks like one, an invoice's KID in it says otherwise."""
        if is_provider(line.payer_name):
            return True
        return not self._in_text(line) and is_payout(payer_name=line.payer_name, text=line.text)

    def _in_text(self, line: BankLine) -> list[Owed]:
        """The invoices whose KID stands in the text of a line without one."""
        return [self.invoices[kid] for kid in self.in_text[line.pk] if kid in self.invoices]

    def _without_kid(self, line: BankLine) -> Decision:
        """A KID in the text counts when it is the only one and the amount is what is left to pay."""
        found = self._in_text(line)
        if len(found) == 1 and found[0].open_amount == line.amount:
            return self._on(line, found[0], _("The KID stood in the text."))
        return Decision(line=line, state=State.QUEUED, why=Why.KID_IN_TEXT if found else Why.NO_KID)

    def _on(self, line: BankLine, owed: Owed, note: str) -> Decision:
        """Book it on its invoice, unless something says that it is not so simple."""
        why = Why.NONE
        if any(abs(day - line.booked_on) <= ALIKE_WITHIN for day in self.alike.get((owed.kid, line.amount), ())):
            why = Why.ALIKE
        elif owed.pk in self.credited and owed.open_amount != line.amount:
            why = Why.CREDITED
        elif owed.open_amount == owed.total != line.amount and line.amount in self.prices.get(owed.pk, ()):
            why = Why.TYPE_PRICE
        if why:
            return Decision(line=line, state=State.QUEUED, why=why)
        return Decision(line=line, state=State.BOOKED, invoice=owed, note=note)


def _credited(owed: Iterable[Owed]) -> set[int]:
    """Those of the invoices that credit notes have taken something back of: as given up, or those who were struck."""
    keys = [row.pk for row in owed]
    found = Invoice.objects.filter(credits__in=keys).values_list("credits", flat=True) if keys else ()
    return {pk for pk in found if pk is not None}


def _alike(lines: Sequence[BankLine], wanted: set[str]) -> dict[tuple[str, Decimal], list[date]]:
    """The days on which the same amount came with the same KID, told by another file or by hand."""
    found: dict[tuple[str, Decimal], list[date]] = {}
    if not wanted:
        return found
    own_files = {line.file_id for line in lines}
    rows = Payment.objects.filter(kid__in=wanted, amount__gt=0, reverses=None, reversed_by=None).order_by()
    for kid, amount, day, file in rows.values_list("kid", "amount", "received_on", "bank_lines__file"):
        if file not in own_files:
            found.setdefault((kid, amount), []).append(day)
    return found


def _prices(odd: Iterable[Owed]) -> dict[int, set[Decimal]]:
    """For invoices of memberships that somebody has paid another amount of: what the others one may choose cost.

    Not where paying in parts was agreed to: there another amount is what was to be expected.
    """
    codes: dict[int, set[str]] = {owed.pk: set() for owed in odd}
    if not codes:
        return {}
    for pk in PaymentPlan.objects.agreed().filter(invoice__in=codes).values_list("invoice", flat=True):
        del codes[pk]
    prices = dict(MembershipType.objects.selectable().filter(price__gt=0).values_list("code", "price"))
    rows = InvoiceLine.objects.filter(invoice__in=codes, amount__gt=0).exclude(type_code="").order_by()
    for invoice, code in rows.values_list("invoice", "type_code"):
        codes[invoice].add(code)
    return {key: {price for code, price in prices.items() if code not in own} for key, own in codes.items() if own}


def _accounts(lines: Sequence[BankLine]) -> set[str]:
    """Those of the accounts that money went out to that somebody's money has come from: a payer we have learnt, or one
    whose money is not used up, and may be going back."""
    out = {line.payer_account for line in lines if line.amount < 0 and line.payer_account}
    if not out:
        return set()
    unused = Payment.objects.filter(payer_account__in=out, unused_amount__gt=0).order_by()
    learnt = PayerAccount.objects.filter(account__in=out).order_by()
    return {*learnt.values_list("account", flat=True), *unused.values_list("payer_account", flat=True)}


def _batches(lines: Sequence[BankLine]) -> set[str]:
    """The names of batches that one file shows as a sum and another in parts, where the other has been booked."""
    sums = {line.reference for line in lines if not line.batch_reference}
    parts = {line.batch_reference for line in lines if line.batch_reference}
    in_parts = BankLine.objects.filter(batch_reference__in=sums).exclude(file__in={line.file_id for line in lines})
    found = set(in_parts.values_list("batch_reference", flat=True)) if sums else set()
    if parts:
        in_sum = BankLine.objects.filter(reference__in=parts, state=State.BOOKED)
        found |= set(in_sum.values_list("reference", flat=True))
    return found
