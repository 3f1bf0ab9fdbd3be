"""What a membership costs, and why. The form, the invoice preview and every "Why?" show the same reasons."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from core import dates, money
from membership import campaigns
from membership.models import Campaign, Member, MembershipType


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One line of a price: what it is (`code`), what it adds or takes off, and the facts for its sentence."""

    code: str
    amount: Decimal
    params: dict[str, str] = field(default_factory=dict)

    def sentence(self, language: str | None = None) -> str:
        """Say the reason in a language, or in the reader's."""
        if language:
            with override(language):
                return self.sentence()
        return _SENTENCES[self.code](self.params)

    def as_json(self) -> dict[str, Any]:
        """The reason as a period keeps it."""
        return {"code": self.code, "amount": str(self.amount), "params": self.params}


# Each sentence is made when it is asked for, in the language of that moment.
_SENTENCES = {
    "base": lambda p: _("Price of %(type)s") % {"type": p[f"type_{_language()}"]},
    "own_price": lambda p: _("Agreed own price instead of %(price)s") % p,
    "late_factor": lambda p: _("Joined after %(from)s: %(percent)s %% of the price") % p,
    "late_price": lambda p: _("Joined after %(from)s: lower price for the rest of the year") % p,
    "campaign": lambda p: (
        _("Campaign “%(name)s”: %(percent)s %% off the first period") % p
        if p["percent"]
        else _("Campaign “%(name)s”: lower price for the first period") % p
    ),
    "household": lambda p: _("Included in the household's membership"),
    "free": lambda p: _("This membership is free"),
    "aged_out": lambda p: _("Older than %(age)s at the end of the year, so no longer %(type)s") % _type_and(p),
    "own_price_ended": lambda p: _("The own price ended on %(date)s") % {"date": _day(p["date"])},
    "on_its_own": lambda p: _("No longer part of a household's membership"),
    "new_main": lambda p: _("Main member of the household now"),
    "no_longer_main": lambda p: _("No longer main member of the household"),
    "type_changed": lambda p: _("Changed to another type by the office"),
    "paid_before": lambda p: _("Paid already for %(type)s") % {"type": p[f"type_{_language()}"]},
}

# Reasons for another type or price than before, which add nothing by themselves.
CHANGES = ("aged_out", "own_price_ended", "on_its_own", "new_main", "no_longer_main", "type_changed")


def _type_and(params: dict[str, str]) -> dict[str, str]:
    return {**params, "type": params[f"type_{_language()}"]}


def _day(iso: str) -> str:
    return date_format(date.fromisoformat(iso))


def _language() -> str:
    return "en" if (get_language() or "nb").startswith("en") else "nb"


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A price with its reasons. The reasons' amounts add up to the price."""

    amount: Decimal
    reasons: tuple[Reason, ...]

    @property
    def as_json(self) -> list[dict[str, Any]]:
        """The reasons as a period keeps them."""
        return [reason.as_json() for reason in self.reasons]


def quote(
    *, member: Member | None, type: MembershipType, on: date, joining: bool = False, because: Sequence[Reason] = (),
    promised: Campaign | None = None,
) -> Quote:  # fmt: skip
    """Return what a term of that type costs somebody, with reasons, line by line.

    `member` may be unsaved, or none for a price list. `on` is the first day of the term. `joining` says that somebody
    comes in during the year, so that the type's rule for late joiners counts; a renewal never gets it. `because` says
    why it is this type now, and adds nothing. `promised` is a campaign whose price somebody who joins has been shown,
    whatever they were before.
    """
    reasons = [*because, _base(type)]
    if own := _own_price(member, type, on):
        reasons.append(own)
    elif joining:
        reasons += [reason for reason in (_late_price(type, on),) if reason]
        reasons += _campaign(member, type, on, reasons, promised)
    return Quote(amount=money.rounded(sum((r.amount for r in reasons), money.ZERO)), reasons=tuple(reasons))


def _base(type: MembershipType) -> Reason:
    if type.kind == MembershipType.Kind.HOUSEHOLD_SECONDARY and not type.price:
        return Reason(code="household", amount=money.ZERO)
    if not type.price and type.kind != MembershipType.Kind.SPECIAL:
        return Reason(code="free", amount=money.ZERO)
    names = {"type_nb": type.name_in("nb"), "type_en": type.name_in("en")}
    return Reason(code="base", amount=type.price, params=names)


def has_own_price(member: Member | None, on: date) -> bool:
    """Whether the member's own price counts on the date: it ends with its last day."""
    if member is None or member.special_price is None:
        return False
    return member.special_price_until is None or on <= member.special_price_until


def uses_own_price(member: Member | None, type: MembershipType, on: date) -> bool:
    """Whether a term of that type costs the member's own price: not where the household's main member pays."""
    return type.kind != MembershipType.Kind.HOUSEHOLD_SECONDARY and has_own_price(member, on)


def _own_price(member: Member | None, type: MembershipType, on: date) -> Reason | None:
    if member is None or member.special_price is None or not uses_own_price(member, type, on):
        return None
    return Reason(
        code="own_price", amount=member.special_price - type.price, params={"price": money.formatted(type.price)}
    )


def _campaign(
    member: Member | None, type: MembershipType, on: date, reasons: Sequence[Reason], promised: Campaign | None
) -> list[Reason]:
    """What the code they joined with takes off what it would cost without: nothing where that is free already."""
    usual = sum((reason.amount for reason in reasons), money.ZERO)
    discount = campaigns.discount_for(member, type, on, promised=promised) if usual else None
    if discount is None:
        return []
    return [Reason(code="campaign", amount=discount.price_of(usual) - usual, params=discount.params)]


def _late_price(type: MembershipType, on: date) -> Reason | None:
    if not is_late(type, on) or not type.price:
        return None
    first_day = dates.month_day(type.late_from, on.year).strftime("%d.%m.")
    if type.late_price is not None:
        return Reason(code="late_price", amount=type.late_price - type.price, params={"from": first_day})
    if type.late_factor is not None:
        reduced = money.rounded(type.price * type.late_factor)
        percent = format((type.late_factor * 100).normalize(), "f")
        return Reason(code="late_factor", amount=reduced - type.price, params={"from": first_day, "percent": percent})
    return None


def is_late(type: MembershipType, on: date) -> bool:
    """Whether the type's rule for late joiners counts for somebody who joins on the date."""
    return bool(type.late_from) and on >= dates.month_day(type.late_from, on.year)


def reasons_from_json(rows: Sequence[dict[str, Any]]) -> tuple[Reason, ...]:
    """Read back the reasons a period keeps."""
    return tuple(
        Reason(code=row["code"], amount=Decimal(row["amount"]), params=dict(row.get("params", {}))) for row in rows
    )
