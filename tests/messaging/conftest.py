"""What the tests of messages share: a template of their own, and no SMS of another test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from messaging.sms import memory


@pytest.fixture
def greeting(settings: Any) -> str:
    """The name of a template that only these tests have."""
    templates = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**templates, "DIRS": [Path(__file__).parent / "templates", *templates["DIRS"]]}]
    return "greeting"


@pytest.fixture(autouse=True)
def no_sms_left() -> Iterator[None]:
    memory.sent.clear()
    yield
    memory.sent.clear()
