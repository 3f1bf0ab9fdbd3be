"""My page on a day that stands still."""

from collections.abc import Iterator

import pytest

from tests.makers import NOW, TODAY


@pytest.fixture(autouse=True)
def the_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The views read the clock; here it stands still."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    yield
