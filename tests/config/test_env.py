"""Environment variables: what is missing or wrong is named, with what to set."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


def test_missing_and_wrong_variables_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HNM_NOTHING", raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"HNM_NOTHING is not set\. Set HNM_NOTHING"):
        env.text("HNM_NOTHING")
    monkeypatch.setenv("HNM_NOTHING", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="Set it to 1 or 0"):
        env.boolean("HNM_NOTHING", True)
    with pytest.raises(ImproperlyConfigured, match="Set it to a whole number"):
        env.whole_number("HNM_NOTHING", 3)
    monkeypatch.setenv("HNM_NOTHING", "a.no, b.no,")
    assert env.words("HNM_NOTHING") == ["a.no", "b.no"]
    monkeypatch.setenv("HNM_NOTHING", "off")
    assert env.boolean("HNM_NOTHING", True) is False


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///hnm.sqlite3", {"NAME": "here/hnm.sqlite3"}),
        ("sqlite:////srv/hnm.sqlite3", {"NAME": "/srv/hnm.sqlite3"}),
        ("sqlite:///", {"NAME": ":memory:"}),
        ("postgres://me:p%40ss@db.example:5433/hnm",
         {"NAME": "hnm", "USER": "me", "PASSWORD": "p@ss", "HOST": "db.example", "PORT": "5433"}),
        ("postgres:///hnm?host=/run/postgresql", {"NAME": "hnm", "HOST": "/run/postgresql"}),
    ],
)  # fmt: skip
def test_database_addresses(url: str, expected: dict[str, str]) -> None:
    settings = env.database(url, sqlite_folder=Path("here"))
    assert {key: settings[key] for key in expected} == expected


def test_another_database_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL starts with 'mysql'"):
        env.database("mysql://a/b", sqlite_folder=Path())
