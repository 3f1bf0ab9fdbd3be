"""The migration chain, once: every other test builds its tables from the models (`--nomigrations`)."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg.sql import SQL, Identifier

ROOT = Path(__file__).resolve().parent.parent


def manage(database_url: str, *arguments: str) -> str:
    """Run manage.py in a process of its own against a database of its own; its output, or the failure with it."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def empty_database(tmp_path: Path) -> Iterator[str]:
    """The DATABASE_URL of a database without tables, of the kind that this run is on."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'migrations.sqlite3'}"
        return
    name = f"migrations_{uuid.uuid4().hex[:12]}"
    server = connection.settings_dict
    address = f"{server['USER']}:{server['PASSWORD']}@{server['HOST']}:{server['PORT']}"
    with closing(psycopg.connect(f"postgres://{address}/postgres", autocommit=True)) as outside:
        outside.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield f"postgres://{address}/{name}"
        finally:
            outside.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def test_models_have_no_change_without_a_migration() -> None:
    assert "No changes detected" in manage("sqlite:///", "makemigrations", "--check", "--dry-run")


def test_the_chain_runs_on_an_empty_database(empty_database: str) -> None:
    manage(empty_database, "migrate", "--verbosity=0")
    assert "[ ]" not in manage(empty_database, "showmigrations", "--plan")


def test_migrations_are_named_by_hand() -> None:
    by_machine = [
        str(path.relative_to(ROOT))
        for path in ROOT.glob("*/migrations/0*.py")
        if "_auto_" in path.name or path.stem.count("_and_more")
    ]
    assert by_machine == [], "Name a migration after its one idea: 0007_invoices_have_a_payer."
