"""The keeper of the worker: what hangs without a word is started again, and nothing is left behind (faults 2 and 3)."""

import os
import signal
import subprocess
import time
from collections.abc import Callable

from messaging.models import Heartbeat, Message, State
from tests.faults.conftest import Site
from tests.faults.sink import Sink
from tests.faults.test_sending import outbox

SILENCE = "8"  # seconds that take the place of three minutes


def children(process: int) -> list[int]:
    """The processes that this one has started and that still run, oldest first."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    return sorted(int(pid) for pid, parent, state in rows if int(parent) == process and state[0] != "Z")


def until(what: Callable[[], bool], site: Site, *, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends, site.log()
        time.sleep(0.1)


def family(keeper: int) -> tuple[int, int, list[int]]:
    """The cluster's main process, its guard, and the guard's: two workers first, then what serves them."""
    (main,) = children(keeper)
    (guard,) = children(main)
    return main, guard, children(guard)


def is_complete(keeper: int) -> bool:
    mains = children(keeper)
    guards = children(mains[0]) if mains else []
    return bool(guards) and len(children(guards[0])) == 4


def last_beat() -> object:
    return Heartbeat.objects.filter(name="worker").values_list("beat_at", flat=True).first()


def beats(site: Site) -> None:
    """Wait until the worker has beaten once more, asked as the schedule asks it each minute."""
    before = last_beat()
    site.wait(site.call("tests.faults.actions.sweep"))
    until(lambda: last_beat() != before, site)


def is_sent_by_sweeping(site: Site, count: int) -> bool:
    """Sweep as the schedule does each minute, which rings again for what the hanging cluster had taken in hand."""
    site.wait(site.call("tests.faults.actions.sweep"))
    time.sleep(1)
    return Message.objects.filter(state=State.SENT).count() == count


def alive(processes: list[int]) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    there = {int(line.split()[0]) for line in listed.splitlines() if line.split()[1][0] != "Z"}
    return [process for process in processes if process in there]


def test_2_a_cluster_that_hangs_is_started_again_and_the_backlog_drains(site: Site, sink: Sink) -> None:
    """The idle process next in line dies with the lock of the queue: nobody says so, and nothing is sent any more."""
    keeper = site.call("tests.faults.actions.keep_the_worker", SILENCE)
    until(lambda: is_complete(keeper), site)
    first = family(keeper)
    for _ in range(5):  # longer than the silence that is allowed: who answers is left alone
        beats(site)
        time.sleep(2)
    assert family(keeper) == first

    beats(site)
    for worker in first[2][:2]:  # one of them is next in line
        os.kill(worker, signal.SIGKILL)
    outbox(20)
    site.wait(site.call("tests.faults.actions.ring"))
    until(lambda: "The worker has gone silent. Starting it again." in site.log(), site)
    assert Message.objects.filter(state=State.SENT).count() == 0
    until(lambda: is_complete(keeper) and family(keeper)[0] != first[0], site)
    until(lambda: is_sent_by_sweeping(site, 20), site)
    assert alive([first[0], first[1], *first[2]]) == []
    assert set(sink.accepted.values()) == {1}
    second = family(keeper)
    assert site.kill(keeper, signal.SIGTERM) == 0, site.log()
    assert alive([second[0], second[1], *second[2]]) == []


def test_3_a_killed_main_process_leaves_no_orphans_and_is_replaced(site: Site) -> None:
    keeper = site.call("tests.faults.actions.keep_the_worker", "60")
    until(lambda: is_complete(keeper), site)
    first = family(keeper)
    os.kill(first[0], signal.SIGKILL)
    until(lambda: is_complete(keeper) and family(keeper)[0] != first[0], site)
    assert alive([first[1], *first[2]]) == []
    assert "The worker has died. Starting it again." in site.log()
    site.kill(keeper, signal.SIGTERM)


def test_a_killed_keeper_leaves_no_orphans(site: Site) -> None:
    keeper = site.call("tests.faults.actions.keep_the_worker", "60")
    until(lambda: is_complete(keeper), site)
    main, guard, others = family(keeper)
    site.kill(keeper, signal.SIGKILL)
    until(lambda: alive([main, guard, *others]) == [], site)


def test_a_worker_that_ends_at_once_is_not_started_for_ever(site: Site) -> None:
    keeper = site.call("tests.faults.actions.keep_a_worker_that_cannot_start")
    assert site.wait(keeper) == 1
    assert "That was at once after its start, so it is not tried again" in site.log()
