"""The worker's keeper: a process that starts the cluster, ends it with everything it has started, and knows silence.

django-q2 guards its own processes, but not against everything: when the idle process that is next in line dies, it
takes the lock of the queue with it, and the cluster hangs without a word (measured with 1.11.1). So the sweeper beats
each minute, through the queue like all work (messaging/heartbeat.py), and who keeps the cluster listens.
"""

import contextlib
import multiprocessing
import os
import signal
from datetime import datetime
from multiprocessing.connection import Connection, wait
from types import FrameType

from django.core.management import call_command
from django.db import connections

from config import queue
from core import chores
from messaging import heartbeat
from messaging.tasks import sweep_outbox


def ask_for_what_was_left() -> None:
    """Before the cluster starts, nobody has any work in hand: what was cut off is asked for anew, and does not wait
    until it counts as forgotten. Asked for by somebody who is at it after all, it is found taken, or done."""
    chores.put_all_down()
    sweep_outbox.enqueue(after_start=True)


def is_silent(*, since: datetime, at: datetime) -> bool:
    """Whether the worker has not beaten for too long. `since` is when it was started, and could not have before."""
    return at - max(since, heartbeat.last() or since) > heartbeat.STALE_AFTER


class Cluster:
    """The worker's processes: a session of their own, forked from the keeper, which has loaded everything already."""

    def __init__(self, *, patience: float) -> None:
        """Start. `patience` is how many seconds what is in hand may take when it is asked to stop."""
        connections.close_all()  # a connection must not be shared with a fork
        self._patience = patience
        ours, theirs = multiprocessing.Pipe(duplex=False)
        fork = multiprocessing.get_context("fork")
        self._main = fork.Process(target=_work, args=(ours, theirs, patience), name="worker")
        self._main.start()
        ours.close()
        self._keepers_end = theirs  # closed by our death, whatever kills us

    def has_ended(self, *, within: float) -> bool:
        """Wait so many seconds for its main process to end, and say whether it has."""
        self._main.join(within)
        return self._main.exitcode is not None

    @property
    def has_failed(self) -> bool:
        """Whether it ended by itself with an error; being killed is none of its own."""
        return (self._main.exitcode or 0) > 0

    def stop(self) -> None:
        """Let it finish what it has in hand, then end whatever is left. Returns when nothing runs any more."""
        if self._main.is_alive():
            self._main.terminate()
            self._main.join(self._patience)
        assert self._main.pid
        self._main.kill()
        with contextlib.suppress(ProcessLookupError):  # all gone: nothing to end
            os.killpg(self._main.pid, signal.SIGKILL)
        self._main.join()
        self._keepers_end.close()


def _work(keeper: Connection, keepers_end: Connection, patience: float) -> None:
    """The cluster's main process: run it until it is asked to stop, or its keeper is gone."""
    os.setsid()  # so that it can be ended with everything it has started
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)  # not the keeper's
    keepers_end.close()
    call_command(queue.WORKER_COMMAND)  # comes back when it runs
    wait([keeper, *(child.sentinel for child in multiprocessing.active_children())])
    if not multiprocessing.active_children():
        return
    signal.signal(signal.SIGALRM, _end_all)
    signal.setitimer(signal.ITIMER_REAL, patience)
    os.kill(os.getpid(), signal.SIGTERM)


def _end_all(_number: int, _frame: FrameType | None) -> None:
    os.killpg(0, signal.SIGKILL)
