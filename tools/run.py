"""`make run`: database and demo data, then the web server and the worker until Ctrl-C.

Both run as sessions of their own, so that Ctrl-C reaches only us and we stop them in order, with whatever processes
they have started: nothing is left behind.
"""

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
PREPARED = Path(os.environ.get("HNM_VAR", ROOT / "var")) / "prepared"  # there if `make run` has come this far before
SOURCES_CHANGED = 3  # the exit code by which Django's web server asks to be started again
PATIENCE = 10  # seconds between asking a process to stop and ending it


def choose_port(wanted: int) -> int:
    """The wanted port, or the next free one, which is then said."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port != wanted:
            print(f"Port {wanted} is taken by another program; using {port}. PORT=9000 make run chooses another.")
        return port
    sys.exit(f"No free port from {wanted} to {wanted + 99}. Choose another: PORT=9000 make run")


def prepare() -> list[str]:
    """Bring the database up to date, apply the client's snippet, make the demo once; return the demo's log-ins."""
    sys.path.insert(1, str(ROOT / "site"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    django.setup()
    from config import demo
    from membership.models import Member

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print("Bringing the database up to date.", flush=True)
        call_command("migrate", verbosity=0)
    call_command("setup", verbosity=0, stdout=io.StringIO())
    if settings.CLIENT.name in demo.CLIENTS and not Member.objects.exists():
        print("Living two years with a demo association. This takes half a minute, once.", flush=True)
        call_command("demo", verbosity=0, stdout=io.StringIO())
    connection.close()
    return ["Log in as:", *demo.log_in_lines()] if demo.is_there() else []


def prepare_or_say_why_not() -> list[str]:
    """A wrong client snippet or environment, or a command that refuses, ends with its sentence and no traceback."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management.base import CommandError

    try:
        return prepare()
    except (CommandError, ImproperlyConfigured) as refusal:
        sys.exit(str(refusal))


def start(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """Start `manage.py …` in a session of its own."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, **environment},
    )


def start_web(port: int) -> subprocess.Popen[bytes]:
    """Start Django's web server as the process that watches the sources and ends with SOURCES_CHANGED.

    Without RUN_MAIN it would first load everything in a process that only waits for that one: we do the waiting.
    """
    return start(
        "runserver", "--skip-checks", f"127.0.0.1:{port}", RUN_MAIN="true", DJANGO_RUNSERVER_HIDE_WARNING="true"
    )


def signal_all(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a process and everything it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask all to stop, wait, and end what still runs.

    Only the main processes are asked: the worker's lets its children finish the mail they are sending.
    """
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
    for process in processes:
        signal_all(process, signal.SIGKILL)
        process.wait()


def wait_for_the_site(address: str, web: subprocess.Popen[bytes]) -> None:
    """Return when the site answers, or when the web server has stopped."""
    while web.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=30).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
            continue
        return


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run until Ctrl-C, a hang-up or the end of one of the two, then stop both."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    port = choose_port(int(os.environ.get("PORT") or 8000))
    address = f"http://127.0.0.1:{port}/"
    os.environ.setdefault("HNM_ADDRESS", address.rstrip("/"))
    processes: list[subprocess.Popen[bytes]] = []
    try:
        if PREPARED.exists():
            processes.append(start_web(port))  # it loads while we look whether anything is left to prepare
        log_ins = prepare_or_say_why_not()
        PREPARED.parent.mkdir(parents=True, exist_ok=True)
        PREPARED.touch()
        processes = [*(processes or [start_web(port)]), start("worker", f"--patience={PATIENCE - 2}")]
        wait_for_the_site(address, processes[0])
        print("\n".join(["", f"The site is at {address}", *log_ins, "Ctrl-C stops it.", ""]), flush=True)
        while (web := processes[0].poll()) in {None, SOURCES_CHANGED} and processes[1].poll() is None:
            if web == SOURCES_CHANGED:
                processes[0] = start_web(port)
            time.sleep(0.3)
        print("The web server or the worker has stopped by itself; its last words are above.", flush=True)
        return 1
    except KeyboardInterrupt:
        print(f"\nStopping. The worker finishes what it has in hand, in {PATIENCE} seconds at most.", flush=True)
        return 0
    finally:
        stop(processes)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
