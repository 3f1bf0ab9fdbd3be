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

User = pwd.struct_passwd | None


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


def _ordinary_user() -> User:
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


def address(stack: contextlib.ExitStack) -> str | None:
    """The DATABASE_URL of the server to use: TEST_POSTGRES_URL's, else our own, stopped when `stack` closes.

    None where neither is to be had.
    """
    if named := os.environ.get("TEST_POSTGRES_URL"):
        return named
    programs = find_programs()
    return stack.enter_context(temporary_server(programs)).url if programs else None


class Server:
    """A server with an empty cluster in a folder of its own. It listens on 127.0.0.1 on a free port, with a password
    made for this run; its own session keeps Ctrl-C from reaching it before us."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._cluster, self._user = programs, folder / "cluster", _ordinary_user()
        password = secrets.token_urlsafe(16)
        _make_cluster(programs / "initdb", self._cluster, password, self._user)
        self._port = free_port()
        self.url = f"postgres://hnm:{password}@127.0.0.1:{self._port}/postgres"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, with what it held when it was stopped. Returns when it answers."""
        self._process = _start(self._programs / "postgres", self._cluster, self._port, self._user)
        _wait_until_it_answers(self._process, self.url, self._cluster.parent / "log")

    def stop(self) -> None:
        """Stop it, under whoever is connected. Returns when it is gone."""
        if self._process:
            _stop(self._process)
            self._process = None


@contextlib.contextmanager
def temporary_server(programs: Path) -> Iterator[Server]:
    """Start a server of our own, yield it, stop it and clean up."""
    folder = Path(tempfile.mkdtemp(prefix="hnm-postgres-"))
    try:
        server = Server(programs, folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_cluster(initdb: Path, cluster: Path, password: str, user: User) -> None:
    """Create the empty cluster, all in a folder that belongs to `user`."""
    password_file = cluster.parent / "password"
    password_file.write_text(password)
    if user:
        os.chown(cluster.parent, user.pw_uid, user.pw_gid)
        os.chown(password_file, user.pw_uid, user.pw_gid)
    locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    command: list[str | Path] = [
        initdb,
        "--pgdata",
        cluster,
        "--username=hnm",
        "--pwfile",
        password_file,
        "--auth=password",
    ]
    command += ["--auth=password", "--encoding=UTF8", f"--locale={locale}", "--no-sync"]
    subprocess.run(
        command,
        check=True,
        cwd=cluster.parent,
        stdout=subprocess.DEVNULL,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )


def _start(postgres: Path, cluster: Path, port: int, user: User) -> subprocess.Popen[bytes]:
    command: list[str | Path] = [postgres, "-D", cluster, "-h", "127.0.0.1", "-p", str(port), "-k", cluster.parent]
    for setting in FAST:
        command += ["-c", setting]
    with (cluster.parent / "log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=cluster.parent,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )


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
