"""Pure dates: no clock, no database. Every rule is a table in tests/core/test_dates.py."""

import datetime
from datetime import date

from django.utils import timezone


def day_of(at: datetime.datetime) -> date:
    """The date of a moment where the organisation is: 31 December 23:30 UTC is New Year's Day in Oslo."""
    return timezone.localtime(at).date()


def last_of_year(on: date) -> date:
    """31 December of that year."""
    return date(on.year, 12, 31)


def first_of_year(on: date) -> date:
    """1 January of that year."""
    return date(on.year, 1, 1)


def day_before(on: date) -> date:
    return on - datetime.timedelta(days=1)


def day_after(on: date) -> date:
    return on + datetime.timedelta(days=1)


def days_after(on: date, days: int) -> date:
    return on + datetime.timedelta(days=days)


def add_years(on: date, years: int) -> date:
    """The same day so many years on. 29 February becomes 28 February in a common year."""
    try:
        return on.replace(year=on.year + years)
    except ValueError:
        return on.replace(year=on.year + years, day=28)


def last_of_rolling_year(starts_on: date) -> date:
    """The last day of twelve months that start on that day: 15 March 2026 runs to 14 March 2027.

    A term that starts on 29 February ends on 27 February a year on, so that the next starts on the 28th; renewal
    counts from the term's own start, so no day is lost over the years.
    """
    return day_before(add_years(starts_on, 1))


def age_on(born_on: date, on: date) -> int:
    """Whole years. Who is born on 29 February turns a year older on 1 March in common years."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def month_day(text: str, year: int) -> date:
    """`01-02` in a year, as settings write days of every year. 02-29 becomes 28 February in a common year."""
    month, day = (int(part) for part in text.split("-"))
    if (month, day) == (2, 29):
        return add_years(date(2024, 2, 29), year - 2024)
    return date(year, month, day)
