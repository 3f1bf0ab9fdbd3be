"""Bank lines against open invoices: what matching knows of 10,000 lines, against one query a line."""

from collections.abc import Iterator
from itertools import batched
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from invoicing.models import Invoice
from payments.from_bank import line_matching
from payments.from_bank.line_booking import PORTION
from payments.models import BankFile, BankLine
from tests.benchmarks.bench_due_list import fill_up_to
from tests.benchmarks.harness import Row, bench, compare, measure

OPEN_INVOICES = 100_000
FEW = 2_000


def bring_lines(n: int) -> None:
    """A file of so many lines that nobody has looked at: nine of ten with the KID of an open invoice."""
    now = timezone.now()
    file = BankFile.objects.create(name="bench", format="ocr", state="queued", uploaded_at=now, total=n)
    step = OPEN_INVOICES // n or 1
    BankLine.objects.bulk_create(
        (
            BankLine(
                file=file, position=number, reference=f"bench:{number}", account="86011117947", amount=400,
                booked_on=timezone.localdate(), kid=f"{number * step + 1:015}" if number % 10 else f"9{number:014}",
            )
            for number in range(n)
        ),
        batch_size=1_000,
    )  # fmt: skip


def by_portions() -> int:
    """Ours: the portions that booking takes, read and decided."""
    booked, last = 0, 0
    while lines := list(BankLine.objects.filter(state="new", pk__gt=last).order_by("pk")[:PORTION]):
        booked += sum(decision.invoice is not None for decision in line_matching.decide(lines))
        last = lines[-1].pk
    return booked


def by_lines(most: int) -> int:
    """The baseline: the same lines read at once, and one query for each, which finds it by the index of KIDs."""
    booked = 0
    for line in BankLine.objects.order_by("pk")[:most]:
        booked += Invoice.objects.filter(~Q(kid=""), kid=line.kid, kind="invoice").order_by().first() is not None
    return booked


@bench("match", n=10_000)
def match(n: int) -> Iterator[Row]:
    fill_up_to(OPEN_INVOICES)
    bring_lines(n)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    asked = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*arguments)

    with connection.execute_wrapper(count):
        found = by_portions()
    assert found == n - len(range(0, n, 10)), found
    ours = measure(by_portions)
    few = min(FEW, n)
    theirs = measure(lambda: by_lines(few))
    assert asked <= 5 * (len(list(batched(range(n), PORTION))) + 1), asked
    yield compare(n=n, ours=ours, baseline="one query a line", theirs=theirs, theirs_n=few, queries=asked)
