"""Reads environment variables. Every failure names the variable and says what to set."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None) -> str:
    """Return the variable, or the default. Without either the start is refused."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"The environment variable {name} is not set. Set {name} and start again.")
    return value


def boolean(name: str, default: bool) -> bool:
    """Return the variable as true or false (1/0, true/false, yes/no, on/off)."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in _TRUE:
        return True
    if value.strip().lower() in _FALSE:
        return False
    raise ImproperlyConfigured(f"The environment variable {name} is {value!r}. Set it to 1 or 0.")


def whole_number(name: str, default: int) -> int:
    """Return the variable as a whole number."""
    value = os.environ.get(name, "")
    if not value.strip():
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"The environment variable {name} is {value!r}. Set it to a whole number.") from None


def words(name: str, default: str = "") -> list[str]:
    """Return the variable as a list: `a.no, b.no` gives two entries."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def database(url: str, *, sqlite_folder: Path) -> dict[str, object]:
    """Return Django's database settings for a `DATABASE_URL`.

    `sqlite:///relative/or//absolute/path` or `postgres://user:password@host:port/name`. SQLite runs in WAL mode with
    IMMEDIATE transactions: with Django's defaults, parallel writers meet "database is locked" (see reliability notes).
    An empty host means PostgreSQL's local socket; `?host=/run/postgresql` names its folder.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = parts.path.removeprefix("/")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(sqlite_folder / path) if path and not path.startswith("/") else path or ":memory:",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        options = dict(parse_qsl(parts.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.removeprefix("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }
    raise ImproperlyConfigured(
        f"The environment variable DATABASE_URL starts with {parts.scheme or 'nothing'!r}. "
        "Set it to sqlite:///var/name.sqlite3 or postgres://user:password@host/name."
    )
