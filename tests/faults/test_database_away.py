"""PostgreSQL is stopped and started while the worker invoices the year (fault 25)."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from invoicing.models import Invoice, InvoiceRun
from messaging.models import Message, State
from tests.faults import renewals
from tests.faults.conftest import Databases, Nursery, Site, connected_to
from tests.faults.sink import Sink
from tests.faults.test_invoices import assert_everybody_has_one_invoice
from tests.faults.test_sending import states, when_leases_have_ended
from tests.faults.test_watchdog import until
from tools import postgres

MEMBERS = 300


@pytest.fixture
def server() -> Iterator[postgres.Server]:
    """A server that no other test uses."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server that could be stopped.")
    programs = postgres.find_programs()
    if programs is None:
        pytest.skip(postgres.HOW_TO_GET)  # in CI, `make test` fails where PostgreSQL is missing
    with postgres.temporary_server(programs) as ours:
        yield ours


@pytest.fixture
def site(
    server: postgres.Server, nursery: Nursery, sink: Sink, tmp_path: Path, django_db_blocker: DjangoDbBlocker,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Site]:  # fmt: skip
    """An installation on that server."""
    monkeypatch.setattr("messaging.doorbell.ring", lambda *, at: None)
    databases = Databases(tmp_path, server.url)
    databases.prepare()
    with django_db_blocker.unblock(), connected_to(databases.copy()) as details:
        made = Site(nursery, details, tmp_path, sink)
        yield made
        made.close()


@pytest.mark.parametrize("seconds", [0, 12], ids=["started again at once", "away for a while"])
def test_25_the_run_goes_on_by_itself_and_nothing_happens_twice(
    site: Site, server: postgres.Server, sink: Sink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """Also where nobody sweeps: who keeps the worker sees it, and asks anew for what was cut off."""
    monkeypatch.setitem(Invoice._meta.get_field("pdf").storage.__dict__, "location", str(tmp_path))
    renewals.register(MEMBERS)
    renewals.agree_to_a_run()
    keeper = site.call("tests.faults.renewals.keep_the_worker_in_small_portions", str(tmp_path))
    assert site.wait(site.call("tests.faults.renewals.ask_for_the_run")) == 0, site.log()
    until(lambda: Invoice.objects.count() >= MEMBERS // 10, site)
    connection.close()
    server.stop()
    time.sleep(seconds)
    server.start()
    assert Invoice.objects.count() < MEMBERS, "it was done before the server was stopped"

    until(lambda: InvoiceRun.objects.filter(state="done").exists(), site)
    until(lambda: not Invoice.objects.without_pdf().exists(), site)
    until(lambda: not Message.objects.filter(state=State.QUEUED).exists(), site)
    assert site.kill(keeper, signal.SIGTERM) == 0, site.log()
    assert "The database was away. Starting it again." in site.log()
    when_leases_have_ended()
    assert_everybody_has_one_invoice(MEMBERS)
    counts = states()
    unknown = counts.pop("unknown", 0)
    assert counts == {"sent": MEMBERS - unknown}
    assert unknown <= 2, "one for each worker at most"
    assert set(sink.accepted.values()) == {1}
