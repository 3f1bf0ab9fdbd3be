"""The real worker: it answers the bell, stops when asked, and what it was doing when killed is settled afterwards."""

import os
import signal
import time

from config import queue
from messaging.models import Message, State
from tests.faults.conftest import Site
from tests.faults.sink import Sink
from tests.faults.test_sending import outbox, states, when_leases_have_ended


def until_sent(count: int, *, seconds: float = 90) -> None:
    """Return when so many messages count as sent."""
    ends = time.monotonic() + seconds
    while (sent := Message.objects.filter(state=State.SENT).count()) < count:
        assert time.monotonic() < ends, f"{sent} of {count} sent: {states()}"
        time.sleep(0.05)


def test_the_worker_answers_the_bell_and_stops_cleanly_in_a_batch(site: Site, sink: Sink) -> None:
    """Fault 4 with the whole cluster."""
    outbox(150)
    sink.delay = 0.01
    worker = site.start(queue.WORKER_COMMAND)
    site.wait(site.call("tests.faults.actions.ring"))
    sink.wait_for(20)
    asked = time.monotonic()
    assert site.kill(worker, signal.SIGTERM) == 0, site.log()
    assert time.monotonic() - asked < 30
    counts = states()
    assert counts.get("sending", 0) == 0
    assert counts["sent"] == len(sink.recipients)

    worker = site.start(queue.WORKER_COMMAND)
    if counts["sent"] < 150:
        site.wait(site.call("tests.faults.actions.ring"))
    until_sent(150)
    site.kill(worker, signal.SIGTERM)
    assert set(sink.accepted.values()) == {1}


def test_3_a_worker_killed_with_its_guard_sends_nothing_twice(site: Site, sink: Sink) -> None:
    """`kill -9` for the main process and everything it has started, as a server's power cut would."""
    outbox(150)
    sink.delay = 0.01
    worker = site.start(queue.WORKER_COMMAND)
    site.wait(site.call("tests.faults.actions.ring"))
    sink.wait_for(20)
    os.killpg(worker, signal.SIGKILL)
    site.wait(worker)
    when_leases_have_ended()
    unknown = states().get("unknown", 0)
    assert unknown <= 2, "one for each worker at most"

    worker = site.start(queue.WORKER_COMMAND)
    site.wait(site.call("tests.faults.actions.ring"))
    until_sent(150 - unknown)
    site.kill(worker, signal.SIGTERM)
    assert set(sink.accepted.values()) == {1}
