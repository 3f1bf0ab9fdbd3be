"""`make bench`: prepare a database once a kind, then run each bench on a copy of it in a process of its own.

    python -m tests.benchmarks [NAME …] [--n N]

TEST_DATABASES=sqlite restricts; without PostgreSQL's programs only SQLite is measured, which is said.
"""

import argparse
import contextlib
import importlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tools import postgres
from tools.run_tests import wanted_databases

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REGISTERED = re.compile(r'^@bench\("(\w+)"', re.MULTILINE)


def registered() -> dict[str, str]:
    """Bench name -> the module that holds it, read from the sources: importing them needs Django and a database."""
    return {name: path.stem for path in sorted(HERE.glob("*.py")) for name in REGISTERED.findall(path.read_text())}


def environment(database_url: str, var: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
        "HNM_VAR": str(var),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "site")]),
    }


def prepare(database_url: str, var: Path) -> None:
    """Migrate and set up the database that the benches get copies of, and the empty folder of collected files."""
    (var / "static").mkdir(exist_ok=True)
    for command in (["migrate", "--verbosity=0"], ["setup", "--verbosity=0"]):
        manage = [sys.executable, "manage.py", *command]
        done = subprocess.run(manage, cwd=ROOT, env=environment(database_url, var), stdout=sys.stderr, check=False)
        if done.returncode != 0:
            sys.exit(f"`manage.py {command[0]}` failed, so there is no database to measure on; its reason is above.")


def run(name: str, database_url: str, var: Path, n: int | None) -> bool:
    """Run one bench in a process of its own, so that its peak of memory is its own. True if it came through."""
    child = [sys.executable, "-m", "tests.benchmarks", "--here", name, *(["--n", str(n)] if n else [])]
    return subprocess.run(child, cwd=ROOT, env=environment(database_url, var), check=False).returncode == 0


@contextlib.contextmanager
def sqlite_copies(var: Path) -> Iterator[Iterator[str]]:
    """Addresses of SQLite databases, each a fresh copy of one prepared file."""
    prepare(f"sqlite:///{var / 'prepared.sqlite3'}", var)

    def copies() -> Iterator[str]:
        while True:
            for leftover in var.glob("copy.sqlite3*"):
                leftover.unlink()
            shutil.copyfile(var / "prepared.sqlite3", var / "copy.sqlite3")
            yield f"sqlite:///{var / 'copy.sqlite3'}"

    yield copies()


@contextlib.contextmanager
def postgresql_copies(var: Path, server: str) -> Iterator[Iterator[str]]:
    """Addresses of PostgreSQL databases on this server, each a fresh copy of one prepared template."""
    base = server.rpartition("/")[0]
    with contextlib.closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute("DROP DATABASE IF EXISTS bench_prepared")
        connection.execute("CREATE DATABASE bench_prepared")
        prepare(f"{base}/bench_prepared", var)

        def copies() -> Iterator[str]:
            while True:
                connection.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
                connection.execute("CREATE DATABASE bench TEMPLATE bench_prepared")
                yield f"{base}/bench"

        try:
            yield copies()
        finally:
            connection.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
            connection.execute("DROP DATABASE IF EXISTS bench_prepared")


@contextlib.contextmanager
def databases_of(kind: str, var: Path) -> Iterator[Iterator[str]]:
    """Fresh databases of one kind; none, with a sentence, where PostgreSQL is not to be had."""
    with contextlib.ExitStack() as stack:
        if kind == "sqlite":
            yield stack.enter_context(sqlite_copies(var))
        elif server := postgres.address(stack):
            yield stack.enter_context(postgresql_copies(var, server))
        else:
            print("Nothing was measured on PostgreSQL: " + postgres.HOW_TO_GET, file=sys.stderr)
            yield iter(())


def measure_here(name: str, module: str, n: int | None) -> None:
    """What the child does: load Django and the bench, and run it."""
    import django

    django.setup()
    importlib.import_module(f"tests.benchmarks.{module}")
    from tests.benchmarks import harness

    harness.run(name, n)


def main() -> int:
    """Run the benches that were named, or all; 0 if each came through. A slow one fails nothing."""
    known = registered()
    parser = argparse.ArgumentParser(prog="make bench", description="Benches: " + ", ".join(sorted(known)))
    parser.add_argument("names", nargs="*", help="which benches; all without")
    parser.add_argument("--n", type=int, help="the size, instead of each bench's own")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := set(options.names) - set(known):
        parser.error(f"no bench is called {', '.join(sorted(unknown))}; there are: {', '.join(sorted(known))}")
    if options.here:
        measure_here(options.names[0], known[options.names[0]], options.n)
        return 0

    from tests.benchmarks.harness import HEADING

    print(HEADING, file=sys.stderr)
    failed = []
    for kind in sorted(wanted_databases(), reverse=True):
        with tempfile.TemporaryDirectory(prefix="hnm-bench-") as var, databases_of(kind, Path(var)) as databases:
            for name, database_url in zip(options.names or sorted(known), databases, strict=False):
                if not run(name, database_url, Path(var), options.n):
                    failed.append(f"{name} on {kind}")
    if failed:
        print(f"Broke off: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
