"""What every test gets: empty caches, and a summary that says which databases ran."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.core.files.storage import storages
from django.db import connection
from django.utils import translation
from pytest_django import Settings


def pytest_report_header() -> str:
    """Say at the top which database this run is on."""
    return f"database: {connection.vendor}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Before the closing line, tell how the runs before this one went: `make test` calls pytest once a database."""
    runs_before = os.environ.get("TEST_RUNS_BEFORE", "")
    if runs_before:
        terminalreporter.section("the runs before this one")
        terminalreporter.write_line(runs_before)
        terminalreporter.write_line(f"{os.environ['TEST_RUN']}: the line below")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """The source strings, whatever the client's language: a test of Norwegian words activates them, and a request
    speaks the language that it asks for."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The database, with all content types looked up: whichever test comes first, it asks no question for them."""
    with django_db_blocker.unblock():
        ContentType.objects.get_for_models(*apps.get_models())


@pytest.fixture
def private_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Path:
    """The folder of this test's private files, and of no other's, and its own list of the erased. The storage stays
    the same object, with another place: fields keep the one that they were loaded with, so a storage set anew would
    not be theirs."""
    folder = tmp_path / "private"
    monkeypatch.setitem(storages["private"].__dict__, "location", str(folder))
    settings.ERASED_LIST = tmp_path / "erased.list"
    return folder


@pytest.fixture(autouse=True)
def empty_caches() -> Iterator[None]:
    """Rate limits and cached pages of one test are none of the next one's business."""
    yield
    for cache in caches.all(initialized_only=True):
        cache.clear()
