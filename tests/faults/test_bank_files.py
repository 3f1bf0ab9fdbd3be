"""Bank files twice at once, cut short, and booked by a worker that dies (faults 22 and 23)."""

import os
import random
import signal
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db.models import Count, Sum

from invoicing.models import Invoice
from payments.ledger_check import check
from payments.models import Allocation, BankFile, BankLine, Payment
from tests.faults import renewals
from tests.faults.conftest import Databases, Site
from tests.payments.banks.writers import Paid, camt, ocr

KILLS = int(os.environ.get("FAULT_KILLS", "12"))  # FAULT_KILLS=50 for the whole of it
COUNT = 120


@pytest.fixture
def payments(site: Site, databases: Databases, monkeypatch: pytest.MonkeyPatch) -> list[Paid]:
    """One payment for each of so many invoices."""
    monkeypatch.setitem(storages["private"].__dict__, "location", str(databases.folder / "private"))
    renewals.register(COUNT)
    assert site.wait(site.call("tests.faults.renewals.renew")) == 0, site.log()
    kids = Invoice.objects.order_by("number").values_list("kid", flat=True)
    day = date(2026, 3, 10)
    return [Paid(amount=Decimal("400.00"), kid=kid, on=day, reference=f"B{number}") for number, kid in enumerate(kids)]


def kept(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


def assert_each_paid_once() -> None:
    assert Payment.objects.aggregate(count=Count("pk"), sum=Sum("amount")) == {"count": COUNT, "sum": COUNT * 400}
    assert Allocation.objects.count() == COUNT
    assert not Invoice.objects.open().exists()
    assert set(BankLine.objects.values_list("state", flat=True)) == {"booked"}
    assert check().problems == []


def test_22_the_same_file_twice_at_once(site: Site, payments: list[Paid]) -> None:
    """Several processes bring and book it at the same moment: every line is booked once."""
    path = kept(site.folder, "ocr.txt", ocr(payments))
    running = [site.call("tests.faults.bank.bring_and_book", path) for _ in range(3)]
    endings = [site.wait(process) for process in running]
    assert 0 in endings, site.log()
    assert site.wait(site.call("tests.faults.bank.book_all")) == 0, site.log()
    assert (BankFile.objects.count(), BankFile.objects.get().state) == (1, "done")
    assert_each_paid_once()


def test_22_two_files_with_the_same_lines_at_once(site: Site, payments: list[Paid]) -> None:
    """A notification and a statement tell of the same money: the second books nothing."""
    paths = [
        kept(site.folder, "camt054.xml", camt(payments)),
        kept(site.folder, "camt053.xml", camt(list(reversed(payments)), kind="053", version="08")),
    ]
    running = [site.call("tests.faults.bank.bring_and_book", path) for path in paths]
    assert [site.wait(process) for process in running] == [0, 0], site.log()
    assert BankFile.objects.aggregate(known=Sum("known"))["known"] == COUNT
    assert_each_paid_once()


def test_22_a_worker_that_is_killed_while_it_books(site: Site, payments: list[Paid]) -> None:
    path = kept(site.folder, "ocr.txt", ocr(payments))
    dice, killed = random.Random(22), 0
    for _ in range(KILLS):
        process = site.call("tests.faults.bank.bring_and_book", path)
        time.sleep(dice.uniform(0.05, 0.6))
        killed += site.kill(process, signal.SIGKILL) == -signal.SIGKILL
        site.settle()
        assert Payment.objects.count() == BankLine.objects.filter(state="booked").count()
        assert check().problems == []
    assert killed, site.log()
    assert site.wait(site.call("tests.faults.bank.bring_and_book", path)) == 0, site.log()
    assert_each_paid_once()


def test_23_cut_short_or_with_a_wrong_total_nothing_is_booked(site: Site, payments: list[Paid]) -> None:
    whole, statement = ocr(payments), camt(payments, kind="053", opening="0", closing=str(COUNT * 400))
    total = f"{COUNT * 40000:017}".encode()
    damaged = {
        "short.txt": whole[: len(whole) // 2], "shorter.txt": whole[:-82], "sum.txt": whole.replace(total, b"0" * 17),
        "one-less.txt": b"\r\n".join(row for n, row in enumerate(whole.split(b"\r\n")) if n not in {2, 3}),
        "short.xml": statement[: len(statement) // 2], "sum.xml": statement.replace(b">400.00<", b">400.01<", 1),
        "short.csv": f"Dato;Beløp;KID\n10.03.2026;400;{payments[0].kid}\n10.03.2026;4".encode(),
    }  # fmt: skip
    for name, data in damaged.items():
        process = site.call("tests.faults.bank.bring_what_is_refused", kept(site.folder, name, data))
        assert site.wait(process) == 0, f"{name}: {site.log()}"
    assert (BankFile.objects.count(), BankLine.objects.count(), Payment.objects.count()) == (0, 0, 0)
    assert check().problems == []
