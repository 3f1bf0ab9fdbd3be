"""VAT: the part of a price that is the state's, and what a document comes to at each rate. Pure; prices include VAT.

Bokføringsforskriften § 5-1-1: what is sold at different rates, and what is free of VAT, is added up rate by rate.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO, rounded
from invoicing.models import InvoiceLine

ORE = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class AtRate:
    """What the lines of one rate come to: with VAT, and the VAT in it, rounded line by line."""

    percent: Decimal
    gross: Decimal
    vat: Decimal

    @property
    def net(self) -> Decimal:
        return self.gross - self.vat


def inside(amount: Decimal, percent: Decimal) -> Decimal:
    """The VAT inside an amount, in whole øre."""
    return rounded(amount * percent / (100 + percent))


def by_rate(lines: Iterable[InvoiceLine]) -> list[AtRate]:
    """The lines that cost something added up for each rate, the highest first."""
    found: dict[Decimal, list[Decimal]] = {}
    for line in lines:
        if line.amount:
            found.setdefault(line.vat_percent, []).append(line.amount)
    return [
        AtRate(
            percent=percent, gross=sum(amounts, ZERO), vat=sum((inside(amount, percent) for amount in amounts), ZERO)
        )
        for percent, amounts in sorted(found.items(), reverse=True)
    ]


def split(amount: Decimal, weights: Mapping[Decimal, Decimal]) -> dict[Decimal, Decimal]:
    """Divide an amount by the rates' weights, in whole øre that add up to it; no rate gets more than its weight.

    The øre left by rounding go to the rates that lost most of one, the highest rate first. `amount` is above zero and
    at most the sum of the weights, which are none below zero.
    """
    total = sum(weights.values(), ZERO)
    exact = {percent: amount * weight / total for percent, weight in weights.items() if weight}
    shares = {percent: part // ORE * ORE for percent, part in exact.items()}
    left = int((amount - sum(shares.values(), ZERO)) / ORE)
    by_loss = sorted(exact, key=lambda percent: (shares[percent] - exact[percent], -percent))
    for percent in by_loss[:left]:
        shares[percent] += ORE
    return {percent: share for percent, share in shares.items() if share}
