"""The keeper of the worker: what hangs without a word is started again, and nothing is left behind (faults 2 and 3)."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import NamedTuple

from messaging.models import Heartbeat, Message, State
from tests.faults.conftest import Site
from tests.faults.sink import Sink
from tests.faults.test_sending import outbox

SILENCE = "8"  # seconds that take the place of three minutes


def until[T](what: Callable[[], T], site: Site, *, seconds: float = 60) -> T:
    """Wait until this is so, and return what it says then."""
    ends = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < ends, site.log()
        time.sleep(0.1)
    return found


class Family(NamedTuple):
    """The cluster's processes: main, its guard, and the guard's: two workers first, then what serves them."""

    main: int
    guard: int
    others: tuple[int, ...]

    @property
    def all(self) -> list[int]:
        return [self.main, self.guard, *self.others]


def running() -> dict[int, int]:
    """The processes that run, with the one that each was started by."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    return {int(pid): int(parent) for pid, parent, state in rows if state[0] != "Z"}


def family(keeper: int) -> Family | None:
    """The keeper's cluster when it is complete, as one look shows it: between two, a process may have gone."""
    processes = running()

    def children(of: int) -> list[int]:
        return sorted(process for process, parent in processes.items() if parent == of)

    for main in children(keeper):
        for guard in children(main):
            others = tuple(children(guard))
            if len(others) == 4:
                return Family(main, guard, others)
    return None


def complete(keeper: int, site: Site, *, instead_of: Family | None = None) -> Family:
    """Wait until the keeper has a complete cluster, another than this one."""

    def there() -> Family | None:
        now = family(keeper)
        return now if now and not (instead_of and now.main == instead_of.main) else None

    found = until(there, site)
    assert found
    return found


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
    there = running()
    return [process for process in processes if process in there]


def test_2_a_cluster_that_hangs_is_started_again_and_the_backlog_drains(site: Site, sink: Sink) -> None:
    """The idle process next in line dies with the lock of the queue: nobody says so, and nothing is sent any more."""
    keeper = site.call("tests.faults.actions.keep_the_worker", SILENCE)
    first = complete(keeper, site)
    for _ in range(5):  # longer than the silence that is allowed: who answers is left alone
        beats(site)
        time.sleep(2)
    assert family(keeper) == first

    beats(site)
    for worker in first.others[:2]:  # one of them is next in line
        os.kill(worker, signal.SIGKILL)
    outbox(20)
    site.wait(site.call("tests.faults.actions.ring"))
    until(lambda: "The worker has gone silent. Starting it again." in site.log(), site)
    assert Message.objects.filter(state=State.SENT).count() == 0
    second = complete(keeper, site, instead_of=first)
    until(lambda: is_sent_by_sweeping(site, 20), site)
    assert alive(first.all) == []
    assert set(sink.accepted.values()) == {1}
    assert site.kill(keeper, signal.SIGTERM) == 0, site.log()
    assert alive(second.all) == []


def test_3_a_killed_main_process_leaves_no_orphans_and_is_replaced(site: Site) -> None:
    keeper = site.call("tests.faults.actions.keep_the_worker", "60")
    first = complete(keeper, site)
    os.kill(first.main, signal.SIGKILL)
    complete(keeper, site, instead_of=first)
    until(lambda: alive(first.all) == [], site)
    assert "The worker has died. Starting it again." in site.log()
    site.kill(keeper, signal.SIGTERM)


def test_a_killed_keeper_leaves_no_orphans(site: Site) -> None:
    keeper = site.call("tests.faults.actions.keep_the_worker", "60")
    cluster = complete(keeper, site)
    site.kill(keeper, signal.SIGKILL)
    until(lambda: alive(cluster.all) == [], site)


def test_a_worker_that_ends_at_once_is_not_started_for_ever(site: Site) -> None:
    keeper = site.call("tests.faults.actions.keep_a_worker_that_cannot_start")
    assert site.wait(keeper) == 1
    assert "That was at once after its start, so it is not tried again" in site.log()
