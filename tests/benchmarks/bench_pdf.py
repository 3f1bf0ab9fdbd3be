"""Invoices as PDF by the worker's path, stored and hashed, in CPU time; against a plain `write_pdf()` of the same page.

With libharfbuzz-subset missing both would be several times slower, so the bench refuses to measure without it.
"""

import dataclasses
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from ctypes.util import find_library
from datetime import date
from decimal import Decimal
from itertools import batched
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from invoicing import documents, kid, looks, parties, pdf, printing
from invoicing.models import Invoice, InvoiceLine
from membership.models import Member
from tests.benchmarks.harness import Measurement, Row, bench, compare, measure

_PLAIN = 40
_WARM = 20
_CHILD = "import django; django.setup(); from tests.benchmarks.bench_pdf import child; child()"
PEOPLE = ("Kari Nordmann", "Ola Nordmann", "Áile Čázejohka Nordmann")


def issue(n: int) -> list[int]:
    """So many invoices of a household of three, without PDF. Bare rows: making them is not measured."""
    start = Invoice.objects.count() + 1
    member = Member.objects.get_or_create(
        member_number="1", defaults={"last_name": "Nordmann", "registered_on": date(2026, 1, 1)}
    )[0]
    invoices = Invoice.objects.bulk_create(
        Invoice(
            number=number, kid=kid.with_check_digit(f"{number:014}", 10), member=member, member_number="1",
            issued_on=date(2026, 3, 10), due_on=date(2026, 3, 24), issued_at=timezone.now(), seller=parties.seller(),
            buyer_name=f"Kari Nordmann {number}", buyer_address="Fjordgata 12\n7010 Trondheim",
            total=Decimal("600.00"), open_amount=Decimal("600.00"), account_number="86011117947",
        )
        for number in range(start, start + n)
    )  # fmt: skip
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice, position=place, text="Familiemedlemskap 2026", member_name=name,
            unit_price=Decimal(0 if place > 1 else 600), amount=Decimal(0 if place > 1 else 600),
        )
        for invoice in invoices
        for place, name in enumerate(PEOPLE, 1)
    )  # fmt: skip
    return [invoice.pk for invoice in invoices]


def plainly(ids: list[int]) -> None:
    """As WeasyPrint's own first page shows it: the same template, everything read and parsed for each document."""
    from weasyprint import HTML

    assets = {
        "own:regular": (Path(settings.PRINT_FONTS) / "SourceSansPro-Regular.ttf").as_uri(),
        "own:semibold": (Path(settings.PRINT_FONTS) / "SourceSansPro-Semibold.ttf").as_uri(),
        "own:logo": (settings.CLIENT_DIR / "static" / settings.CLIENT.site.logo).as_uri(),
    }
    for pk in ids:
        invoice = Invoice.objects.select_related("credits").prefetch_related("lines").get(pk=pk)
        look = looks.current()
        with override(invoice.language):
            sheet = printing.document(invoice, look=look)
            context = {"invoice": invoice, "document": sheet}
            html = documents.page("invoice", sheet=sheet, look=look, has_logo=True, context=context)
            style = render_to_string(
                "print/invoice.css", {"accent": settings.CLIENT.site.accent, "design": look.design}
            )
        html = html.replace("</head>", f"<style>{style}</style></head>")
        for name, address in assets.items():
            html = html.replace(name, address)
        HTML(string=html).write_pdf(pdf_variant="pdf/a-2a")


def by_the_worker(ids: list[int], *, together: int) -> None:
    """What the task does, so many ids a call."""
    for portion in batched(ids, together):
        assert pdf.make_many(ids=portion, at=timezone.now()) == len(portion)


def in_cpu_seconds(measured: Measurement) -> Measurement:
    """The same with CPU time in the place of the clock's: other people's work on the machine does not count."""
    return Measurement(seconds=measured.cpu_s, cpu_s=measured.cpu_s, peak_mb=measured.peak_mb)


def measured_cpu(work: Callable[[], object]) -> Measurement:
    return in_cpu_seconds(measure(work))


def memory_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def processes(count: int, n: int) -> Measurement:
    """n invoices shared by so many processes of their own, by the clock, without their start."""
    ids = issue(n)
    shares = [ids[number::count] for number in range(count)]
    children = [
        subprocess.Popen(
            [sys.executable, "-c", _CHILD, *map(str, share)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ, text=True,
        )
        for share in shares
    ]  # fmt: skip

    def work() -> None:
        for child_process in children:
            assert child_process.stdin is not None
            child_process.stdin.write("go\n")
            child_process.stdin.flush()
        for child_process in children:
            assert child_process.wait() == 0

    for child_process in children:
        assert child_process.stdout is not None
        assert child_process.stdout.readline() == "ready\n"
    result = measure(work)
    for child_process in children:
        for stream in (child_process.stdin, child_process.stdout):
            assert stream is not None
            stream.close()
    return result


def child() -> None:
    """One process of several: warms up, says so, and prints its share when told to."""
    from invoicing.press import press

    press(looks.current())
    print("ready", flush=True)
    sys.stdin.readline()
    by_the_worker([int(text) for text in sys.argv[1:]], together=50)


@bench("pdf", n=400)
def bench_pdf(n: int) -> Iterator[Row]:
    """CPU seconds, except the last row, which is by the clock. The memory's growth is printed with the batches."""
    if not find_library("harfbuzz-subset"):
        raise SystemExit("libharfbuzz-subset is missing: install it (Debian: libharfbuzz-subset0) and measure again.")
    by_the_worker(issue(_WARM), together=50)
    plainly(issue(2))
    for together, words in ((1, "CPU, one at a time"), (50, "CPU, in tasks of 50")):
        ids, plain_ids = issue(n), issue(_PLAIN)
        # Half of the baseline before, half after: what else the machine does meets both alike.
        first = measured_cpu(lambda: plainly(plain_ids[: _PLAIN // 2]))  # noqa: B023
        before = memory_mb()
        ours = measured_cpu(lambda: by_the_worker(ids, together=together))  # noqa: B023
        print(f"memory grew by {memory_mb() - before:.0f} MB over {n} PDFs", file=sys.stderr)
        second = measured_cpu(lambda: plainly(plain_ids[_PLAIN // 2 :]))  # noqa: B023
        theirs = dataclasses.replace(first, seconds=first.seconds + second.seconds)
        yield compare(
            n=n, ours=ours, baseline=f"HTML(string).write_pdf(), {words}", theirs=theirs, theirs_n=_PLAIN
        )  # fmt: skip
    one, two = processes(1, n), processes(2, n)
    yield compare(n=n, ours=two, baseline="two processes against one, by the clock", theirs=one)
