"""`make test`: the whole suite on SQLite and on PostgreSQL, then the browser's tests, ending with pytest's own words.

SQLite always runs. PostgreSQL runs when its programs are installed (a server of our own is started and stopped) or
TEST_POSTGRES_URL names one. The browser's tests run when Chromium is there. What cannot run is said; with CI=true it
is a failure. `TEST_DATABASES=sqlite` restricts, and arguments go to pytest: `make test ARGS="tests/core -k kid"`.
"""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from typing import NamedTuple

from tools import chromium, postgres

WORKERS = "2"
NOTHING_SELECTED = 5  # pytest's exit code when the arguments chose no test


class Run(NamedTuple):
    """One call of pytest: what people call it, its database and its arguments."""

    title: str
    database_url: str
    arguments: list[str]


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def wanted_databases() -> list[str]:
    """The databases of TEST_DATABASES, both without it."""
    names = os.environ.get("TEST_DATABASES", "").replace(",", " ").lower().split() or ["postgresql", "sqlite"]
    if unknown := set(names) - {"postgresql", "sqlite"}:
        sys.exit(f"TEST_DATABASES names {', '.join(sorted(unknown))}. Set it to sqlite, postgresql or both.")
    return names


def plan(chosen: list[str], stack: ExitStack) -> tuple[list[Run], list[str]]:
    """The runs, and a sentence for each that cannot be. SQLite comes after PostgreSQL and the browser last."""
    runs, left_out, databases = [], [], wanted_databases()
    together = ["-n", WORKERS, "-m", "not browser and not bench"]
    if "postgresql" in databases:
        if url := postgres.address(stack):
            runs.append(Run("PostgreSQL", url, together))
        else:
            left_out.append("Nothing ran on PostgreSQL: " + postgres.HOW_TO_GET)
    if "sqlite" in databases:
        runs.append(Run("SQLite", "sqlite:///", together))
    if not chosen or any("browser" in argument for argument in chosen):
        if chromium.find():
            runs.append(Run("browser", "sqlite:///", ["-m", "browser"]))
        else:
            left_out.append("Nothing ran in a browser: " + chromium.HOW_TO_GET)
    return runs, left_out


def run_one(run: Run, chosen: list[str], so_far: list[str]) -> int:
    """Run pytest once. Its closing summary also tells how the runs before it went (tests/conftest.py)."""
    with tempfile.TemporaryDirectory(prefix="hnm-test-") as var:
        environment = {
            **{name: value for name, value in os.environ.items() if name not in {"HNM_CLIENT", "REDIS_URL"}},
            "DATABASE_URL": run.database_url,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "HNM_VAR": var,
            "TEST_RUN": run.title,
            "TEST_RUNS_BEFORE": "\n".join(so_far),
        }
        command = [sys.executable, "-m", "pytest", *run.arguments, *chosen]
        return subprocess.run(command, env=environment, check=False).returncode


def main() -> int:
    """Run everything there is, also after a failure; 0 only if all passed and, in CI, nothing was left out."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the database server is stopped then, too
    chosen, failed = sys.argv[1:], False
    with ExitStack() as stack:
        runs, left_out = plan(chosen, stack)
        so_far = list(left_out)
        for number, run in enumerate(runs, start=1):
            print(f"\n=== {run.title} ({number} of {len(runs)}) ===", flush=True)
            code = run_one(run, chosen, so_far)
            passed = code == 0 or (code == NOTHING_SELECTED and bool(chosen))
            so_far.append(f"{run.title}: {'passed' if passed else f'FAILED (exit code {code})'}")
            failed = failed or not passed
    return 1 if failed or (left_out and in_ci()) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
