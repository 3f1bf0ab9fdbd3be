"""Which runs `make test` plans, and what it says about those that cannot be."""

from contextlib import ExitStack

import pytest

from tools import chromium, postgres, run_tests


@pytest.fixture
def stack() -> ExitStack:
    return ExitStack()


@pytest.fixture(autouse=True)
def everything_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_DATABASES", raising=False)
    monkeypatch.setenv("TEST_POSTGRES_URL", "postgres://db/tests")
    monkeypatch.setenv("CHROMIUM", "/usr/bin/chromium")


def titles(chosen: list[str], stack: ExitStack) -> list[str]:
    return [run.title for run in run_tests.plan(chosen, stack)[0]]


def test_both_databases_and_the_browser(stack: ExitStack) -> None:
    runs, left_out = run_tests.plan([], stack)
    assert [(run.title, run.database_url) for run in runs] == [
        ("PostgreSQL", "postgres://db/tests"),
        ("SQLite", "sqlite:///"),
        ("browser", "sqlite:///"),
    ]
    assert left_out == []


def test_chosen_tests_leave_the_browser_out_unless_they_name_it(stack: ExitStack) -> None:
    assert titles(["tests/core", "-k", "kid"], stack) == ["PostgreSQL", "SQLite"]
    assert titles(["tests/browser/test_joining.py"], stack) == ["PostgreSQL", "SQLite", "browser"]


def test_one_database_may_be_asked_for(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASES", "sqlite")
    assert titles(["tests/core"], stack) == ["SQLite"]


def test_an_unknown_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASES", "sqlite, oracle")
    with pytest.raises(SystemExit, match=r"names oracle\. Set it to sqlite, postgresql or both\."):
        run_tests.wanted_databases()


def test_what_cannot_run_is_said(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_POSTGRES_URL")
    monkeypatch.setattr(postgres, "find_programs", lambda: None)
    monkeypatch.setattr(chromium, "find", lambda: None)
    runs, left_out = run_tests.plan([], stack)
    assert [run.title for run in runs] == ["SQLite"]
    assert [sentence.partition(":")[0] for sentence in left_out] == [
        "Nothing ran on PostgreSQL",
        "Nothing ran in a browser",
    ]
