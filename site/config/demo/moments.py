"""Moments of the demo's days."""

import datetime
from datetime import date


def noon(on: date) -> datetime.datetime:
    """A moment on that day: noon in Norway in winter."""
    return datetime.datetime(on.year, on.month, on.day, 11, tzinfo=datetime.UTC)
