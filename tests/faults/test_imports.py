"""What becomes of an import whose process is killed again and again, or that a row near its end stops (fault 24)."""

import os
import random
import signal
import time
from collections.abc import Callable

import pytest
from django.db.models import Count
from django.utils import timezone

from config import queue
from core.models import User
from membership.imports import runs
from membership.models import Consent, Household, ImportRow, ImportRun, Member, Period
from tests.faults import registers
from tests.faults.conftest import Databases, Site

KILLS = int(os.environ.get("FAULT_KILLS", "8"))
ROWS = 5000
REFUSED = (17, 2500, 4999)


@pytest.fixture(autouse=True)
def files(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that was brought is where the processes look for it."""
    storage = ImportRun._meta.get_field("file").storage
    monkeypatch.setitem(storage.__dict__, "location", str(databases.folder / "private"))


def killed_again_and_again(
    site: Site, run: ImportRun, start: Callable[[], int], *, times: int = KILLS
) -> set[tuple[str, int]]:
    """Kill the process that carries the import on, a moment after it has begun to move, until it is over or has been
    killed so often; return the steps and places it had come to. The last one is let alone by the caller."""
    dice, places = random.Random(24), set()
    for _ in range(times):
        process = start()
        _until_it_moves(site, run)
        time.sleep(dice.uniform(0, 0.15))
        os.killpg(process, signal.SIGKILL)
        site.wait(process)
        site.settle()
        run.refresh_from_db()
        assert_what_is_done_is_done_whole(run)
        if not run.is_under_way:
            break
        places.add((run.state, run.so_far))
    return places


def _until_it_moves(site: Site, run: ImportRun) -> None:
    before, ends = (run.state, run.so_far), time.monotonic() + 60
    while (run.state, run.so_far) == before:
        assert time.monotonic() < ends, site.log()
        time.sleep(0.01)
        run.refresh_from_db()


def assert_what_is_done_is_done_whole(run: ImportRun) -> None:
    """Whatever moment it was killed at: a row that says it is done has its member, and no member is without a row."""
    done = run.rows.filter(outcome=ImportRow.Outcome.DONE)
    assert set(done.values_list("member", flat=True)) == set(Member.objects.values_list("pk", flat=True))
    if run.state == ImportRun.State.QUEUED:
        assert run.so_far == done.count() == Member.objects.count()


def assert_everybody_is_in_once(count: int) -> None:
    twice = Member.objects.values("member_number").annotate(times=Count("pk")).filter(times__gt=1)
    periods = Period.objects.values("member").annotate(times=Count("pk")).filter(times=1)
    homes = {home.members.count() for home in Household.objects.prefetch_related("members")}
    assert (list(twice), Member.objects.count(), periods.count(), Period.objects.count()) == ([], count, count, count)
    assert Consent.objects.count() == count
    assert User.objects.filter(members__isnull=False).distinct().count() == count
    assert homes == {1, 2}


def until_over(site: Site, run: ImportRun, *, seconds: float = 180) -> None:
    ends = time.monotonic() + seconds
    while run.is_under_way:
        assert time.monotonic() < ends, site.log()
        time.sleep(0.1)
        run.refresh_from_db()


def agreed(site: Site, run: ImportRun, *, all_or_nothing: bool = False) -> ImportRun:
    """Looked through by a process of its own, and agreed to."""
    assert site.wait(site.call("tests.faults.registers.go_on", str(run.pk))) == 0, site.log()
    run.refresh_from_db()
    assert runs.agree(run=run, at=timezone.now(), all_or_nothing=all_or_nothing), run.problem
    run.refresh_from_db()
    return run


def test_24_the_good_rows_come_in_once_although_the_worker_is_killed_again_and_again(site: Site) -> None:
    """The real worker with everything it has started; what the sweeper does after a while is done here at once."""
    run = agreed(site, registers.brought(ROWS, refused=REFUSED))

    def start() -> int:
        worker = site.start(queue.WORKER_COMMAND)
        site.wait(site.call("tests.faults.registers.ring", str(run.pk)))
        return worker

    places = killed_again_and_again(site, run, start)
    assert len(places) > 1, "the kills came between the portions"
    worker = start()
    until_over(site, run)
    site.kill(worker, signal.SIGTERM)
    assert (run.state, run.counts["create"], run.counts["refused"]) == ("done", ROWS - len(REFUSED), len(REFUSED))
    assert_everybody_is_in_once(ROWS - len(REFUSED))


def test_24_all_of_it_comes_in_although_the_process_is_killed_again_and_again(site: Site) -> None:
    """Also while the file is still being looked through: it is looked through once, and carried out once."""
    run = registers.brought(ROWS)
    places = killed_again_and_again(site, run, lambda: site.call("tests.faults.registers.go_on", str(run.pk)))
    assert len(places) > 1, "the kills came between the portions"
    agreed(site, run, all_or_nothing=True)
    killed_again_and_again(site, run, lambda: site.call("tests.faults.registers.go_on", str(run.pk)))
    assert site.wait(site.call("tests.faults.registers.go_on", str(run.pk))) == 0, site.log()
    run.refresh_from_db()
    assert (run.state, run.rows.count()) == ("done", ROWS)
    assert_everybody_is_in_once(ROWS)


def test_24_nothing_comes_in_when_row_4999_fails_and_the_process_is_killed_again_and_again(site: Site) -> None:
    """On the way there and on the way back."""
    run = agreed(site, registers.brought(ROWS), all_or_nothing=True)
    places = killed_again_and_again(
        site, run, lambda: site.call("tests.faults.registers.go_on_until_a_row_fails", str(run.pk)), times=200
    )
    assert {"queued", "undoing"} <= {state for state, _so_far in places}
    assert site.wait(site.call("tests.faults.registers.go_on_until_a_row_fails", str(run.pk))) == 0, site.log()
    run.refresh_from_db()
    assert (run.state, run.problem) == ("undone", "A row was refused on the way: Not this one.")
    empty = [model.objects.count() for model in (Member, Household, Period, Consent)]
    assert (empty, User.objects.count()) == ([0, 0, 0, 0], 0)
