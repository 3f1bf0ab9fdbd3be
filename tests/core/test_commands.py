"""Our commands on a database that is not ready: one sentence with the next step, and exit code 1."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands, load_command_class

from core.commands import Command
from tests.test_migrations import ROOT, empty_database

__all__ = ["empty_database"]  # the fixture

OURS = sorted(name for name, app in get_commands().items() if app in {*settings.HNM_APPS, "config"})

# One process for all: loading everything takes longer than refusing.
RUN_EACH = """
import sys
import django
from django.core.management import ManagementUtility
django.setup()
for line in sys.argv[1:]:
    try:
        ManagementUtility(["manage.py", *line.split()]).execute()
        code = 0
    except SystemExit as end:
        code = end.code
    print("->", code, line.split()[0], file=sys.stderr, flush=True)
"""
TO_MIGRATE = (
    "CommandError: The database has not got all its tables yet. Run `manage.py migrate` first, then `manage.py setup`."
)


def stderr_of(database_url: str, *lines: str) -> list[str]:
    """What these commands say on standard error, each followed by its exit code."""
    done = subprocess.run(
        [sys.executable, "-c", RUN_EACH, *lines],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "site")]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.splitlines()


def test_each_of_our_commands_has_the_common_base() -> None:
    assert [name for name in OURS if not isinstance(load_command_class(get_commands()[name], name), Command)] == []


def test_a_database_without_tables_is_answered_with_what_helps(empty_database: str, tmp_path: Path) -> None:
    register = tmp_path / "members.csv"
    register.write_text("first_name,last_name,member_type\nKari,Nordmann,E\n")
    commands = ["nightly", f"import_members {register}", "ledger_check", "demo", "setup", "send_messages"]
    expected = [line for command in commands for line in (TO_MIGRATE, f"-> 1 {command.split()[0]}")]
    assert stderr_of(empty_database, *commands) == expected


def test_a_server_that_does_not_answer_is_named() -> None:
    said = stderr_of("postgres://nobody@127.0.0.1:1/nothing", "ledger_check")
    assert said[0].startswith("CommandError: The database does not answer:")
    assert said[-2].endswith("Check DATABASE_URL, and that the server runs.")
    assert said[-1] == "-> 1 ledger_check"


@pytest.mark.parametrize("day", ["second of January", "2027-02-29", "02.01.2027", "", "0001-01-01", "9999-12-31"])
def test_a_date_that_nobody_means_gets_a_sentence(day: str, db: None) -> None:
    with pytest.raises(CommandError, match=r"Write it as year-month-day, like 2027-01-02\."):
        call_command("nightly", "--on", day)


@pytest.mark.parametrize("name", ["", "missing.csv"])
def test_a_file_that_is_not_there_gets_a_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no file .*\. Check the name and the folder\."):
        call_command("import_members", str(tmp_path / name))
