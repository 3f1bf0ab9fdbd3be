"""Fault tests: real processes on a throw-away database, a real mail server, and signals that end them.

Nothing here uses pytest-django's database: children must see what the test writes, so each test gets a fresh copy of
an empty database on disk (SQLite) or on the server (PostgreSQL), and the test process itself is connected to it.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection, connections
from django.db.utils import load_backend
from pytest_django import DjangoDbBlocker

from config import env
from tests.faults.sink import Sink

ROOT = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.faults)


class Databases:
    """Makes copies of one empty database and drops them."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder, self.server = folder, server
        self.is_sqlite = self.server.startswith("sqlite")
        self.name = f"faults_{os.getpid()}"
        self.count = 0

    def url(self, name: str) -> str:
        if self.is_sqlite:
            return f"sqlite:///{self.folder / name}.sqlite3"
        return urlsplit(self.server)._replace(path=f"/{name}").geturl()

    def prepare(self) -> None:
        """The empty database that the copies are made from: its tables come straight from the models."""
        if not self.is_sqlite:
            self._say(f"CREATE DATABASE {self.name}")
        environment = process_environment(self.url(self.name), self.folder)
        command = [sys.executable, "manage.py", "migrate", "--run-syncdb", "--verbosity=0", "--skip-checks"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)

    def copy(self) -> str:
        """The address of a new copy."""
        self.count += 1
        name = f"{self.name}_{self.count}"
        if self.is_sqlite:
            shutil.copyfile(self.folder / f"{self.name}.sqlite3", self.folder / f"{name}.sqlite3")
        else:
            self._say(f"CREATE DATABASE {name} TEMPLATE {self.name}")
        return self.url(name)

    def drop(self) -> None:
        if not self.is_sqlite:
            for number in range(self.count + 1):
                name = f"{self.name}_{number}" if number else self.name
                self._say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _say(self, sentence: str) -> None:
        with contextlib.closing(psycopg.connect(self.server, autocommit=True)) as connection:
            connection.execute(sentence)  # type: ignore[arg-type]


def on_own_connection[T](deed: Callable[[], T]) -> Callable[[], T]:
    """The same deed for another thread: with a connection of its own to the test's database, closed afterwards."""
    settings = connections["default"].settings_dict

    def done_there() -> T:
        connections["default"] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
        try:
            return deed()
        finally:
            connections["default"].close()

    return done_there


def process_environment(database_url: str, folder: Path) -> dict[str, str]:
    """What a process needs to find its settings and its database."""
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "HNM_VAR": str(folder),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "site")]),
    }


class Nursery:
    """The process that children are forked from (nursery.py)."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.faults.nursery"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, request: dict[str, Any]) -> int:
        """Say one thing and return the answer: a process id or an exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate(timeout=30)


class Site:
    """One installation under test: its database, its mail server, and the processes a test starts."""

    def __init__(self, nursery: Nursery, database: dict[str, Any], folder: Path, sink: Sink) -> None:
        self.sink = sink
        self.folder = folder
        self.running: set[int] = set()
        self._started: list[int] = []
        self._nursery = nursery
        self._database = database
        self._log_in = {"username": "hnm", "password": sink.password} if sink.password else {}

    def start(self, *command: str) -> int:
        """Start `manage.py …` and return its process id."""
        return self._child({"run": command})

    def call(self, function: str, *arguments: str) -> int:
        """Start a process that calls a function and return its id."""
        return self._child({"call": function, "with": arguments})

    def wait(self, process: int) -> int:
        """Wait for a process and return its exit code; negative is the signal that ended it."""
        self.running.discard(process)
        return self._nursery.ask({"wait": process})

    def run(self, *command: str) -> None:
        """Run `manage.py …` to its end, which must be a good one."""
        assert self.wait(self.start(*command)) == 0, self.log()

    def kill(self, process: int, number: int) -> int:
        """Send a signal, wait, and return the exit code."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)
        return self.wait(process)

    def settle(self, *, seconds: float = 60) -> None:
        """Wait until PostgreSQL has finished what killed processes last asked for: it may still be committing it."""
        ends = time.monotonic() + seconds
        while connection.vendor == "postgresql" and self._others():
            assert time.monotonic() < ends, "somebody is still connected"
            time.sleep(0.02)

    def _others(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return int(cursor.fetchone()[0])

    def log(self) -> str:
        """What the children have printed."""
        log = self.folder / "log"
        return log.read_text() if log.exists() else ""

    def close(self) -> None:
        """End what a test has left running, with whatever that has started."""
        for process in self._started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)
        for process in list(self.running):
            self.wait(process)

    def _child(self, request: dict[str, Any]) -> int:
        smtp = {"port": self.sink.port, **self._log_in}
        log = str(self.folder / "log")
        process = self._nursery.ask({**request, "database": self._database, "smtp": smtp, "log": log})
        self.running.add(process)
        self._started.append(process)
        return process


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(tmp_path_factory.mktemp("faults"), os.environ.get("DATABASE_URL", "sqlite:///"))
    made.prepare()
    yield made
    made.drop()


@pytest.fixture(scope="session")
def nursery(databases: Databases) -> Iterator[Nursery]:
    made = Nursery(process_environment(databases.url(databases.name), databases.folder))
    yield made
    made.close()


@pytest.fixture
def database(databases: Databases, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """A fresh database, which the test process itself is connected to instead of pytest-django's."""
    with django_db_blocker.unblock(), connected_to(databases.copy()) as details:
        yield details


@contextlib.contextmanager
def connected_to(url: str) -> Iterator[dict[str, Any]]:
    """Connect this process to another database for a while; yields what a child is told of it."""
    details = env.database(url, sqlite_folder=ROOT)
    before = connections["default"]
    ours = load_backend(str(details["ENGINE"])).DatabaseWrapper({**before.settings_dict, **details}, "default")
    connections["default"] = ours
    try:
        yield details
    finally:
        ours.close()
        connections["default"] = before


@pytest.fixture
def sink(request: pytest.FixtureRequest) -> Iterator[Sink]:
    """The mail server; `@pytest.mark.parametrize("sink", ["password"], indirect=True)` lets it ask for one."""
    server = Sink(password=getattr(request, "param", ""))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def site(
    nursery: Nursery, database: dict[str, Any], sink: Sink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    """An installation whose worker only runs when the test starts it."""
    monkeypatch.setattr("messaging.doorbell.ring", lambda *, at: None)
    made = Site(nursery, database, tmp_path, sink)
    yield made
    made.close()
