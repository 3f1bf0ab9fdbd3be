"""What a bank line may be for: invoices for money in, payments for money out, each with the reasons for it.

Asked when somebody looks, so that what was paid meanwhile is not suggested. A page of lines costs the same few queries
as one. Nothing here decides: a person does.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from core.money import ZERO
from invoicing import kid as kids
from invoicing.models import Invoice
from invoicing.models.invoices import InvoiceQuerySet
from membership.models import Member
from payments import matching
from payments.from_bank.line_matching import kids_in
from payments.models import BankLine, PayerAccount, Payment

SHOWN = 6
SURE = 70
_LONG_NUMBER = re.compile(r"(?<!\d)\d{10,25}(?!\d)-?")
_NUMBER = re.compile(r"(?<![\d.,])\d{1,9}(?![\d.,]\d|\d)")
_WORD = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]{2,})*")
_MOST_NAMES = 4  # pairs of words tried as a name, where the bank gives a text only
_FEW = 3  # so few invoices with the same amount are worth showing


@dataclass
class Suggestion:
    """Invoices to cover in this order, or the payment that money out belongs to. `score` says how sure it is."""

    reasons: list[str]
    score: int
    invoices: list[Invoice] = field(default_factory=list)
    payment: Payment | None = None

    @property
    def is_sure(self) -> bool:
        """Whether to mark it before the person does."""
        return self.score >= SURE

    @property
    def key(self) -> str:
        """What the form sends."""
        return f"p{self.payment.pk}" if self.payment else ",".join(str(invoice.pk) for invoice in self.invoices)


def for_lines(lines: Sequence[BankLine]) -> dict[int, list[Suggestion]]:
    """Suggestions for each line by its key, the surest first."""
    found: dict[int, list[Suggestion]] = {line.pk: [] for line in lines}
    lines = [line for line in lines if not line.is_foreign]  # so much of another currency is not so many kroner
    money_in = [line for line in lines if line.amount > 0]
    money_out = [line for line in lines if line.amount < 0]
    if money_in:
        clues = _Clues(money_in)
        found |= {line.pk: clues.suggestions(line) for line in money_in}
    if money_out:
        found |= _payments_for(money_out)
    return found


def for_line(line: BankLine) -> list[Suggestion]:
    """The same for one line that somebody is looking at; where nothing else is known, also by the amount alone."""
    found = for_lines([line])[line.pk]
    if line.amount > 0 and not found and not line.is_foreign:
        same = list(_open().filter(open_amount=line.amount).order_by("due_on", "number")[: _FEW + 1])
        if len(same) <= _FEW:
            found = [
                Suggestion(reasons=[_("The amount is what is left to pay.")], score=20, invoices=[i]) for i in same
            ]
    return found


def _open() -> InvoiceQuerySet:
    return Invoice.objects.open().select_related("member").prefetch_related("lines")


class _Clues:
    """What the lines say, and what the database knows about it."""

    def __init__(self, lines: Sequence[BankLine]) -> None:
        self.kids = {line.pk: [kids.clean(line.kid)] if line.kid else kids_in(line.text) for line in lines}
        self.numbers = {line.pk: set(_NUMBER.findall(line.text)) for line in lines}
        self.names = {line.pk: _names(line) for line in lines}
        self.accounts = self._accounts(lines)
        self.people = self._people()
        members = {member.pk for members in self.accounts.values() for member in members}
        members |= {member.pk for member in self.people}
        self.by_kid = self._by_kid()
        self.by_slip = matching.nearly({text for line in lines for text in self._unknown(line)})
        members |= {invoice.member_id for invoice in self.by_kid.values() if invoice.member_id}
        numbers = {number for found in self.numbers.values() for number in found}
        wanted = Q(member__in=members) | Q(number__in=map(int, numbers)) | Q(member_number__in=numbers)
        self.invoices = list(_open().filter(wanted).order_by("due_on", "number")[:2000])

    def _by_kid(self) -> dict[str, Invoice]:
        all_kids = {kid for found in self.kids.values() for kid in found}
        rows = Invoice.objects.invoices().filter(~Q(kid=""), kid__in=all_kids).select_related("member")
        return {invoice.kid: invoice for invoice in rows.prefetch_related("lines")} if all_kids else {}

    def _unknown(self, line: BankLine) -> list[str]:
        """What was meant to be a KID, and is none of an invoice."""
        texts = [kids.clean(line.kid)] if line.kid else _LONG_NUMBER.findall(line.text)
        return [text for text in texts if text not in self.by_kid]

    @staticmethod
    def _accounts(lines: Sequence[BankLine]) -> dict[str, list[Member]]:
        found: dict[str, list[Member]] = {}
        rows = PayerAccount.objects.filter(account__in={line.payer_account for line in lines if line.payer_account})
        for row in rows.select_related("member"):
            found.setdefault(row.account, []).append(row.member)
        return found

    def _people(self) -> list[Member]:
        """Everybody who may be called like one of the payers: both words occur in what is searched."""
        wanted = Q()
        for pair in {pair for names in self.names.values() for pair in names}:
            wanted |= Q(search_text__fragment=pair)
        return list(Member.objects.filter(wanted).order_by("pk")[:500]) if wanted else []

    def suggestions(self, line: BankLine) -> list[Suggestion]:
        found: dict[int, Suggestion] = {}

        def point(invoice: Invoice, reason: str, score: int) -> None:
            known = found.setdefault(invoice.pk, Suggestion(reasons=[], score=0, invoices=[invoice]))
            if reason not in known.reasons:
                known.reasons.append(reason)
                known.score = max(known.score, score) + (5 if known.score else 0)

        for kid in self.kids[line.pk]:
            if kid in self.by_kid:
                point(self.by_kid[kid], _("It has this KID.") if line.kid else _("Its KID stands in the text."), 90)
        for invoice in [one for text in self._unknown(line) for one in self.by_slip.get(text, [])]:
            point(invoice, _("Its KID is the same but for one slip: %(kid)s.") % {"kid": invoice.kid}, 39)
        replaced = {one.member_id for kid in self.kids[line.pk] if (one := self.by_kid.get(kid)) and one.is_settled}
        payers = {member.pk for member in self.accounts.get(line.payer_account, [])}
        called = {member.pk for member in self.people if _is_called(member, self.names[line.pk])}
        for invoice in self.invoices:
            if str(invoice.number) in self.numbers[line.pk]:
                point(invoice, _("Its invoice number stands in the text."), 45)
            if invoice.member_number and invoice.member_number in self.numbers[line.pk]:
                point(invoice, _("The payer's member number stands in the text."), 40)
            if invoice.member_id and invoice.member_id in replaced:
                point(invoice, _("The invoice of this KID is settled, and its payer owes this one."), 45)
            if invoice.member_id in payers:
                point(invoice, _("The payer's money has come from this account before."), 60)
            if invoice.member_id in called:
                point(invoice, _("The name is the payer's."), 45)
        for suggestion in found.values():
            _weigh_amount(suggestion, line.amount)
        together = self._together(line, payers | called)
        ordered = sorted([*found.values(), *together], key=_surest_first)
        return ordered[:SHOWN]

    def _together(self, line: BankLine, members: set[int]) -> list[Suggestion]:
        """All that one payer owes, where it is exactly this amount and more than one invoice."""
        owed: dict[int, list[Invoice]] = {}
        for invoice in self.invoices:
            if invoice.member_id in members:
                owed.setdefault(invoice.member_id, []).append(invoice)
        reason = _("Together they are exactly the amount.")
        return [
            Suggestion(reasons=[reason], score=75, invoices=invoices)
            for invoices in owed.values()
            if len(invoices) > 1 and sum((i.open_amount for i in invoices), ZERO) == line.amount
        ]


def _surest_first(suggestion: Suggestion) -> tuple[int, int]:
    return -suggestion.score, suggestion.invoices[0].number


def _weigh_amount(suggestion: Suggestion, amount: Decimal) -> None:
    (invoice,) = suggestion.invoices
    if invoice.open_amount == amount:
        suggestion.reasons.append(_("The amount is what is left to pay."))
        suggestion.score += 30
    elif invoice.is_settled:
        suggestion.reasons.append(_("Nothing is left to pay on it."))
        suggestion.score -= 50
    elif invoice.open_amount < amount:
        suggestion.reasons.append(_("More than is left to pay: the rest becomes credit."))
    else:
        suggestion.reasons.append(_("A part of what is left to pay."))


def _names(line: BankLine) -> list[tuple[str, str]]:
    """First and last word of the payer's name; without a name, neighbouring words of the text."""
    words = [word.casefold() for word in _WORD.findall(line.payer_name)]
    if len(words) >= 2:
        return [(words[0], words[-1])]
    pairs = re.findall(r"(?=\b([A-ZÆØÅ][^\W\d_]+)\s+([A-ZÆØÅ][^\W\d_]+))", line.text)
    return [(first.casefold(), last.casefold()) for first, last in pairs[:_MOST_NAMES]]


def _is_called(member: Member, names: Sequence[tuple[str, str]]) -> bool:
    words = set(re.split(r"[\s-]+", member.full_name.casefold())) | set(member.full_name.casefold().split())
    return any(first in words and last in words for first, last in names)


def _payments_for(lines: Sequence[BankLine]) -> dict[int, list[Suggestion]]:
    """Payments that the bank took back, or of which something was paid back."""
    amounts = {-line.amount for line in lines}
    accounts = {line.payer_account for line in lines if line.payer_account}
    texts = {kids.clean(line.kid) for line in lines if line.kid}
    standing = Payment.objects.filter(amount__gt=0, reverses=None, reversed_by=None).select_related("payer")
    same = Q(amount__in=amounts) & (Q(kid__in=texts) | Q(payer_account__in=accounts))
    unused = Q(unused_amount__gt=0) & (Q(payer_account__in=accounts) | Q(is_owed_back=True))
    rows = list(standing.filter(same | unused).order_by("-received_on", "-pk")[:500])
    return {line.pk: sorted(_of_money_out(line, rows), key=lambda s: -s.score)[:SHOWN] for line in lines}


def _of_money_out(line: BankLine, payments: Iterable[Payment]) -> Iterable[Suggestion]:
    for payment in payments:
        reasons: list[str] = []
        score = 0
        if line.kid and kids.clean(line.kid) == payment.kid:
            reasons, score = [*reasons, _("It has this KID.")], score + 60
        if line.payer_account and line.payer_account == payment.payer_account:
            reasons, score = [*reasons, _("It came from this account.")], score + 40
        if payment.is_owed_back and payment.unused_amount:
            reasons, score = [*reasons, _("It waits to be paid back.")], score + 20
        is_same = -line.amount in {payment.amount, payment.unused_amount}
        if is_same and reasons:
            reasons, score = [*reasons, _("The amount is the same.")], score + 20
            yield Suggestion(reasons=reasons, score=score, payment=payment)
