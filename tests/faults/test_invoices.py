"""What becomes of invoices when the run that issues them dies, runs twice, or cannot print (faults 18 to 20, 26)."""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from django.db.models import Count

from core.errors import Refused
from invoicing import ledger_check
from invoicing.models import Invoice, InvoiceLine, InvoiceRun
from membership.models import Period
from messaging.models import Message
from payments.ledger_check import check
from tests.faults import renewals, writers
from tests.faults.conftest import Databases, Site

KILLS = int(os.environ.get("FAULT_KILLS", "12"))  # FAULT_KILLS=50 for the whole of it
MEMBERS = 1000


def numbers() -> list[int]:
    return list(Invoice.objects.order_by("number").values_list("number", flat=True))


def assert_everybody_has_one_invoice(count: int) -> None:
    assert numbers() == list(range(1, count + 1))
    twice = InvoiceLine.objects.values("period").annotate(times=Count("pk")).filter(times__gt=1)
    assert (list(twice), InvoiceLine.objects.count()) == ([], count)
    assert Period.objects.unconfirmed().count() == count
    assert check().problems == []


def test_18_a_run_of_a_thousand_is_killed_again_and_again(site: Site) -> None:
    """Whatever was committed has its numbers, whatever was not has taken none, and the next run goes on."""
    dice, members, killed = random.Random(18), 0, 0
    for _ in range(KILLS):
        if Invoice.objects.count() == members:
            renewals.register(MEMBERS)
            members += MEMBERS
        process = site.call("tests.faults.renewals.renew")
        time.sleep(dice.uniform(0.02, 1.2))
        killed += site.kill(process, signal.SIGKILL) == -signal.SIGKILL
        site.settle()
        assert numbers() == list(range(1, Invoice.objects.count() + 1))
        assert list(ledger_check.problems()) == []
    assert killed >= KILLS // 2, site.log()
    assert site.wait(site.call("tests.faults.renewals.renew")) == 0, site.log()
    assert_everybody_has_one_invoice(members)


def test_18_the_treasurers_run_is_killed_again_and_again(site: Site) -> None:
    """Each time a worker goes on where the last one died; at the end everybody has one invoice, 1 to N, of the run."""
    dice, members, killed = random.Random(181), 0, 0
    for _ in range(KILLS):
        if not InvoiceRun.objects.filter(slot=1).exists():
            renewals.register(MEMBERS)
            members += MEMBERS
            renewals.agree_to_a_run()
        process = site.call("tests.faults.renewals.go_on_with_the_run")
        time.sleep(dice.uniform(0.02, 1.2))
        killed += site.kill(process, signal.SIGKILL) == -signal.SIGKILL
        site.settle()
        run = InvoiceRun.objects.latest("pk")
        assert (run.issued, run.issued_total) == (run.invoices.count(), 400 * run.invoices.count())
        assert numbers() == list(range(1, Invoice.objects.count() + 1))
        assert list(ledger_check.problems()) == []
    assert killed >= KILLS // 2, site.log()
    assert site.wait(site.call("tests.faults.renewals.go_on_with_the_run")) == 0, site.log()
    assert_everybody_has_one_invoice(members)
    assert set(InvoiceRun.objects.values_list("state", "issued", "slot")) == {("done", MEMBERS, None)}
    assert not Invoice.objects.filter(run=None).exists()


def test_19_two_workers_at_one_run_and_a_second_run(site: Site) -> None:
    """Two workers take turns at the run; whoever wants another run meanwhile is told that there is one."""
    renewals.register(MEMBERS)
    renewals.agree_to_a_run()
    with pytest.raises(Refused, match="that is not finished"):
        renewals.agree_to_a_run()
    workers = [site.call("tests.faults.renewals.go_on_with_the_run") for _ in range(3)]
    endings = [site.wait(worker) for worker in workers]
    assert 0 in endings, site.log()
    assert site.wait(site.call("tests.faults.renewals.go_on_with_the_run")) == 0, site.log()
    assert_everybody_has_one_invoice(MEMBERS)
    assert list(InvoiceRun.objects.exclude(state="ready").values_list("state", "issued")) == [("done", MEMBERS)]


def test_26_the_disk_is_full_while_invoices_are_printed(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each invoice says so, none is renumbered, and when there is room they are printed and mailed, once each."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(tmp_path)], check=False).returncode:
        assert "CI" not in os.environ, "CI runs as root, who can mount the small disk."
        pytest.skip("Only root can mount the small disk that is to be full.")
    monkeypatch.setitem(Invoice._meta.get_field("pdf").storage.__dict__, "location", str(tmp_path))
    try:
        renewals.register(20)
        assert site.wait(site.call("tests.faults.renewals.renew")) == 0, site.log()
        assert site.wait(site.call("tests.faults.renewals.print_on", str(tmp_path))) == 0, site.log()
        full = Invoice.objects.without_pdf()
        assert 0 < full.count() < 20, "the disk was not full, or nothing fitted on it"
        assert set(full.values_list("pdf_error", flat=True)) == {"The file cannot be stored: No space left on device."}
        assert Message.objects.filter(kind="invoice").count() == 20 - full.count()
        assert list(ledger_check.problems()) == []
        subprocess.run(["mount", "-o", "remount,size=10m", str(tmp_path)], check=True)
        assert site.wait(site.call("tests.faults.renewals.print_on", str(tmp_path))) == 0, site.log()
        assert (Invoice.objects.without_pdf().count(), Message.objects.filter(kind="invoice").count()) == (0, 20)
        assert_everybody_has_one_invoice(20)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_19_two_runs_at_once(site: Site) -> None:
    """Both may try; each member is renewed and invoiced once, and the numbers are whole."""
    renewals.register(MEMBERS)
    runs = [site.call("tests.faults.renewals.renew") for _ in range(3)]
    endings = [site.wait(run) for run in runs]
    assert 0 in endings, site.log()
    assert site.wait(site.call("tests.faults.renewals.renew")) == 0, site.log()
    assert_everybody_has_one_invoice(MEMBERS)


WRITERS = 8


def let_them_write(site: Site, folder: Path, *functions: str) -> list[int]:
    """Start one process a function, let them begin together, and return their ids."""
    names = [str(number) for number in range(1, len(functions) + 1)]
    processes = [
        site.call(f"tests.faults.writers.{function}", name, str(folder))
        for function, name in zip(functions, names, strict=True)
    ]
    while not all((folder / name).exists() for name in names):
        time.sleep(0.01)
    (folder / "go").touch()
    return processes


def changes_of_hand() -> int:
    """How often the next number went to another payer than the one before."""
    payers = list(Invoice.objects.order_by("number").values_list("member", flat=True))
    return sum(before != after for before, after in pairwise(payers))


def test_eight_writers_share_one_series_without_gaps(site: Site, tmp_path: Path) -> None:
    """Seven people issue, think better of it, credit and register while the treasurer's run goes on: 1 to N, once each.

    A fifth of the transactions is undone after its number was taken: the next one gets it.
    """
    renewals.register(MEMBERS)
    renewals.agree_to_a_run()
    processes = let_them_write(site, tmp_path, *["write"] * (WRITERS - 1), "go_on_with_the_run")
    assert [site.wait(process) for process in processes] == [0] * WRITERS, site.log()
    by_hand = (WRITERS - 1) * writers.ROUNDS
    assert Counter(Invoice.objects.values_list("kind", flat=True)) == {
        "invoice": MEMBERS + by_hand * 2, "credit_note": by_hand,
    }  # fmt: skip
    assert numbers() == list(range(1, MEMBERS + by_hand * 3 + 1))
    kids = list(Invoice.objects.invoices().values_list("kid", flat=True))
    assert len(set(kids)) == len(kids)
    assert changes_of_hand() > WRITERS * 10, "the writers took turns: nothing was tried"
    assert check().problems == []


def test_eight_writers_of_whom_half_are_killed(site: Site, tmp_path: Path) -> None:
    """What a killed writer had not committed has taken no number, and the others are not held up."""
    renewals.register(MEMBERS)
    renewals.agree_to_a_run()
    processes = let_them_write(site, tmp_path, *["write"] * (WRITERS - 1), "go_on_with_the_run")
    time.sleep(random.Random(8).uniform(0.1, 0.4))
    endings = [site.kill(process, signal.SIGKILL) for process in processes[::2]]
    assert -signal.SIGKILL in endings, "all had finished: nothing was tried"
    assert [site.wait(process) for process in processes[1::2]] == [0] * (WRITERS // 2), site.log()
    site.settle()
    assert numbers() == list(range(1, Invoice.objects.count() + 1))
    assert check().problems == []


def test_20_the_printer_is_killed_while_it_prints(
    site: Site, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The invoices stand, nobody is renumbered, and the PDFs and mails come later, once each."""
    storage = Invoice._meta.get_field("pdf").storage
    monkeypatch.setitem(storage.__dict__, "location", str(databases.folder / "private"))
    renewals.register(40)
    assert site.wait(site.call("tests.faults.renewals.renew")) == 0, site.log()
    dice = random.Random(20)
    for _ in range(3):
        printer = site.call("tests.faults.renewals.print_what_is_missing")
        time.sleep(dice.uniform(1.0, 2.5))
        site.kill(printer, signal.SIGKILL)
        site.settle()
        assert numbers() == list(range(1, 41))
    assert site.wait(site.call("tests.faults.renewals.print_what_is_missing")) == 0, site.log()
    assert not Invoice.objects.without_pdf().exists()
    assert Message.objects.filter(kind="invoice").count() == 40
    assert_everybody_has_one_invoice(40)
