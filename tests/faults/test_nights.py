"""The night by itself, in the real worker: killed again and again, and beside the command."""

import os
import random
import signal
import time
from datetime import timedelta

import pytest
from django.db.models import Count
from django.utils import timezone

from config import night_turns, nightly, queue
from core.models import Chore
from invoicing.models import Invoice
from membership.models import Period
from messaging.models import Message
from payments.ledger_check import check
from tests.faults import renewals
from tests.faults.conftest import Databases, Site

MEMBERS = 300
KILLS = int(os.environ.get("FAULT_KILLS", "8"))


@pytest.fixture(autouse=True)
def documents(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """The PDFs are where the processes put them."""
    storage = Invoice._meta.get_field("pdf").storage
    monkeypatch.setitem(storage.__dict__, "location", str(databases.folder / "private"))


def yesterdays_night_was_done() -> None:
    """The installation has been there for a day, so that tonight is due as soon as the worker looks."""
    place = {"on": (night_turns.night_of(timezone.now()) - timedelta(days=1)).isoformat(), "step": 99, "key": 0}
    Chore.objects.create(name=night_turns.NAME, place=place)


def is_over() -> bool:
    place = Chore.objects.get(name=night_turns.NAME).place
    return bool(
        place["on"] == night_turns.night_of(timezone.now()).isoformat() and place["step"] == len(nightly.steps())
    )


def until_over(site: Site, *, seconds: float = 120) -> None:
    ends = time.monotonic() + seconds
    while not is_over():
        assert time.monotonic() < ends, site.log()
        time.sleep(0.1)


def assert_everybody_is_renewed_and_told_once(count: int) -> None:
    terms = Period.objects.values("member", "starts_on").annotate(times=Count("pk")).filter(times__gt=1)
    told = Message.objects.values("recipient_ref", "kind").annotate(times=Count("pk")).filter(times__gt=1)
    numbers = list(Invoice.objects.order_by("number").values_list("number", flat=True))
    assert (list(terms), list(told), numbers) == ([], [], list(range(1, count + 1)))
    assert check().problems == []


def test_the_worker_does_the_night_although_it_is_killed_again_and_again(site: Site) -> None:
    """The main process and everything it has started, in the middle of whatever they do."""
    dice = random.Random(3)
    renewals.register_ending(MEMBERS, on=night_turns.night_of(timezone.now()))
    yesterdays_night_was_done()
    places = set()
    for _ in range(KILLS):
        worker = site.start(queue.WORKER_COMMAND)
        site.wait(site.call("tests.faults.renewals.ask_for_a_turn"))
        time.sleep(dice.uniform(1.0, 2.5))
        os.killpg(worker, signal.SIGKILL)
        site.wait(worker)
        site.settle()
        chore = Chore.objects.get(name=night_turns.NAME)
        places.add(str(chore.place))
        Chore.objects.update(held_until=None)  # as if two minutes had passed
    assert len(places) > 1, "the kills came between the portions"
    worker = site.start(queue.WORKER_COMMAND)
    site.wait(site.call("tests.faults.renewals.ask_for_a_turn"))
    until_over(site)
    site.kill(worker, signal.SIGTERM)
    assert_everybody_is_renewed_and_told_once(MEMBERS)


def test_the_command_and_the_turns_at_once(site: Site) -> None:
    """Two commands and two workers on one night: one may be refused, nobody is renewed, invoiced or told twice."""
    on = night_turns.night_of(timezone.now())
    renewals.register_ending(MEMBERS, on=on)
    yesterdays_night_was_done()
    workers = [site.start(queue.WORKER_COMMAND) for _ in range(2)]
    commands = [site.start("nightly", "--on", on.isoformat()) for _ in range(2)]
    for _ in range(3):
        site.wait(site.call("tests.faults.renewals.ask_for_a_turn"))
    for command in commands:
        site.wait(command)
    until_over(site)
    for worker in workers:
        site.kill(worker, signal.SIGTERM)
    site.run("nightly", "--on", on.isoformat())
    assert_everybody_is_renewed_and_told_once(MEMBERS)
