"""A PostgreSQL server of our own, for as long as the tests or the benchmarks run, without asking anybody for one."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

PLACES = ["/usr/lib/postgresql", "/usr/local/pgsql", "/usr/local", "/opt/homebrew/opt/postgresql"]
# Losing what is written is no loss here, and waiting for the disk would double the time.
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=4GB", "shared_buffers=256MB"]
HOW_TO_GET = (
    "install PostgreSQL (sudo apt-get install -y postgresql; sudo dnf install postgresql-server; "
    "brew install postgresql) or set TEST_POSTGRES_URL to a server's address."
)


def find_programs() -> Path | None:
    """The folder that holds both `postgres` and `initdb`, the newest version's; None if there is none."""
    folders = [Path(os.path.realpath(found)).parent] if (found := shutil.which("postgres")) else []
    for place in PLACES:
        folders += [*sorted(Path(place).glob("*/bin"), reverse=True), Path(place) / "bin"]
    for folder in folders:
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            return folder
    return None


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ordinary_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: whom to run it as, or None for the user we are."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    sys.exit("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`. Run as yourself.")


def _answers(url: str) -> bool:
    """True once it takes connections; the port opens a moment earlier."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextlib.contextmanager
def temporary_server(programs: Path) -> Iterator[str]:
    """Start a server with an empty cluster in a temporary folder, yield its DATABASE_URL, stop it and clean up.

    It listens on 127.0.0.1 on a free port, with a password made for this run. Its own session keeps Ctrl-C from
    reaching it before us.
    """
    user = _ordinary_user()
    identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    folder = Path(tempfile.mkdtemp(prefix="hnm-postgres-"))
    password, port = secrets.token_urlsafe(16), free_port()
    try:
        (folder / "password").write_text(password)
        if user:
            for path in (folder, folder / "password"):
                os.chown(path, user.pw_uid, user.pw_gid)
        cluster = folder / "cluster"
        locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        initdb = [programs / "initdb", "--pgdata", cluster, "--username", "hnm", "--pwfile", folder / "password"]
        initdb += ["--auth", "password", "--encoding", "UTF8", "--locale", locale, "--no-sync"]
        subprocess.run(initdb, check=True, cwd=folder, stdout=subprocess.DEVNULL, **identity)
        command = [programs / "postgres", "-D", cluster, "-h", "127.0.0.1", "-p", str(port), "-k", folder]
        for setting in FAST:
            command += ["-c", setting]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                command,
                cwd=folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                **identity,
            )
        try:
            url = f"postgres://hnm:{password}@127.0.0.1:{port}/postgres"
            _wait_until_it_answers(server, url, folder / "log")
            yield url
        finally:
            _stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_it_answers(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("PostgreSQL did not start. Its log says:\n" + log.read_text(errors="replace"))
        if _answers(url):
            return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not answer within 30 seconds. Its log says:\n" + log.read_text(errors="replace"))


def _stop(server: subprocess.Popen[bytes]) -> None:
    for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, no other way
        server.send_signal(request)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=15)
            return
