"""Sites of our own, started as `make run` starts them, each with a database and a worker of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READY = "Ctrl-C stops it."
PASSWORD = "demo-2026"  # of the demo's people


@contextmanager
def running_site(var: Path, **chosen: str) -> Iterator[str]:
    """The address of a freshly set-up site that keeps everything under `var`; stopped in the end."""
    log = (var / "run.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.run"], cwd=ROOT, env=_environment(var, chosen), stdout=log,
        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while READY not in (said := (var / "run.log").read_text()):
            if process.poll() is not None:
                pytest.fail(f"The site did not start:\n{said}")
            time.sleep(0.2)
        yield said.partition("The site is at ")[2].split()[0].rstrip("/")
    finally:
        process.terminate()
        process.wait(timeout=60)
        log.close()


def make_administrator(var: Path, name: str, **chosen: str) -> None:
    """Make a log-in that may do everything, with the demo's password, as one does on a new site."""
    secret = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    command = [sys.executable, "manage.py", "createsuperuser", "--noinput", "--username", name]
    command += ["--email", f"{name}@example.no"]
    subprocess.run(command, cwd=ROOT, env=_environment(var, chosen) | secret, check=True, capture_output=True)


def call(var: Path, code: str) -> str:
    """Run a line of Python in the site's own surroundings, as `manage.py shell` does; return what it printed."""
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=_environment(var, {}), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def newest_mail(var: Path, *, to: str) -> EmailMessage:
    """The newest mail to somebody that left a site without an outbox page; the worker may take a while to get there."""
    for _look in range(120):
        mails = [
            message_from_bytes(part.strip() + b"\n", policy=policy.default)
            for file in sorted((var / "mail").glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)
            for part in file.read_bytes().split(b"-" * 79)
            if part.strip()
        ]
        for mail in mails:
            if isinstance(mail, EmailMessage) and to in str(mail["To"]):
                return mail
        time.sleep(0.5)
    pytest.fail(f"No mail to {to} has left the site.")


def _environment(var: Path, chosen: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without its settings, and the site's own."""
    theirs = {name: value for name, value in os.environ.items() if name not in {"DJANGO_SETTINGS_MODULE", "REDIS_URL"}}
    return {
        **theirs, "HNM_VAR": str(var), "DATABASE_URL": f"sqlite:///{var / 'site.sqlite3'}", "PORT": str(_free_port()),
        "PYTHONUNBUFFERED": "1", **chosen,
    }  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
