"""What a reminder may cost: the table of rates, and the rule around it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.reminders import fees

DUE = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("on", "highest"),
    [
        (date(2024, 12, 31), 0),
        (date(2025, 1, 1), 35),
        (date(2025, 12, 31), 35),
        (date(2026, 1, 1), 37),
        (date(2031, 6, 1), 37),
    ],
)
def test_highest(on: date, highest: int) -> None:
    assert fees.highest(on) == Decimal(highest)


@pytest.mark.parametrize(
    ("days", "charged", "wanted", "fee"),
    [
        (13, 0, 0, 0),
        (14, 0, 0, 37),
        (14, 1, 0, 37),
        (14, 2, 0, 0),
        (400, 2, 20, 0),
        (30, 0, 20, 20),
        (30, 0, 500, 37),
    ],
)
def test_lawful(days: int, charged: int, wanted: int, fee: int) -> None:
    on = DUE + timedelta(days=days)
    assert fees.lawful(on=on, due_on=DUE, charged=charged, wanted=Decimal(wanted)) == Decimal(fee)


@given(
    on=st.dates(date(2020, 1, 1), date(2040, 1, 1)), due_on=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    charged=st.integers(0, 5), wanted=st.integers(0, 2000).map(Decimal),
)  # fmt: skip
def test_never_more_than_a_twentieth_never_early_never_a_third_time(
    on: date, due_on: date, charged: int, wanted: Decimal
) -> None:
    fee = fees.lawful(on=on, due_on=due_on, charged=charged, wanted=wanted)
    rates = [rate.inkassosats for rate in fees.RATES if rate.since <= on]
    assert 0 <= fee * 20 <= (rates[-1] if rates else 0)
    assert fee == 0 or (on >= due_on + timedelta(days=14) and charged < 2)


def test_the_table_is_in_order() -> None:
    since = [rate.since for rate in fees.RATES]
    assert since == sorted(set(since))
