"""What `make run` does about ports and about processes that would stay behind."""

import os
import socket
import subprocess
import sys
import time

import pytest

from tools import run

# Ignores the request to stop, and has a child that does, too: what a worker in the middle of something looks like.
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child:
    print(child, flush=True)
time.sleep(600)
"""


def test_a_taken_port_is_said_and_the_next_one_used(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        port = run.choose_port(taken)
    assert port > taken
    assert f"Port {taken} is taken by another program; using {port}." in capsys.readouterr().out


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_stopping_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PATIENCE", 0.2)
    process = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    with process.stdout:
        child = int(process.stdout.readline())
    run.stop([process])
    for _ in range(50):  # an orphan is reaped by the system, a moment later
        if not is_alive(child):
            break
        time.sleep(0.1)
    assert process.returncode is not None
    assert not is_alive(child)
