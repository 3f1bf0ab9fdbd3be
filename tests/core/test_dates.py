"""Dates by tables: leap days, New Year, and the ages that follow."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import dates


@pytest.mark.parametrize(
    ("on", "years", "becomes"),
    [
        (date(2026, 3, 15), 1, date(2027, 3, 15)),
        (date(2028, 2, 29), 1, date(2029, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 29)),
        (date(2028, 2, 29), -1, date(2027, 2, 28)),
        (date(2026, 12, 31), 1, date(2027, 12, 31)),
    ],
)
def test_add_years(on: date, years: int, becomes: date) -> None:
    assert dates.add_years(on, years) == becomes


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (date(2026, 3, 15), date(2027, 3, 14)),
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date(2027, 3, 1), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2029, 2, 27)),
        (date(2027, 2, 28), date(2028, 2, 27)),
    ],
)
def test_last_of_rolling_year(starts_on: date, ends_on: date) -> None:
    assert dates.last_of_rolling_year(starts_on) == ends_on


@pytest.mark.parametrize(
    ("born_on", "on", "age"),
    [
        (date(2000, 2, 29), date(2026, 2, 28), 25),
        (date(2000, 2, 29), date(2026, 3, 1), 26),
        (date(2000, 2, 29), date(2028, 2, 29), 28),
        (date(1999, 12, 31), date(2026, 12, 31), 27),
        (date(2000, 1, 1), date(2026, 12, 31), 26),
        (date(2026, 3, 10), date(2026, 3, 10), 0),
    ],
)
def test_age_on(born_on: date, on: date, age: int) -> None:
    assert dates.age_on(born_on, on) == age


@pytest.mark.parametrize(
    ("text", "year", "becomes"),
    [("01-02", 2027, date(2027, 1, 2)), ("12-31", 2026, date(2026, 12, 31)), ("02-29", 2027, date(2027, 2, 28)),
     ("02-29", 2028, date(2028, 2, 29))],
)  # fmt: skip
def test_month_day(text: str, year: int, becomes: date) -> None:
    assert dates.month_day(text, year) == becomes


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)))
def test_rolling_years_follow_each_other_without_gap_or_overlap(on: date) -> None:
    end = dates.last_of_rolling_year(on)
    assert 364 <= (end - on).days <= 365
    assert dates.day_after(end) == dates.add_years(on, 1)
