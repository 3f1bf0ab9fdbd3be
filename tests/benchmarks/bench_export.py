"""The whole registry as a file, as the office takes it out: XLSX and CSV, against the library with ready-made rows."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

from django.test import Client
from openpyxl import Workbook, load_workbook

from tests.benchmarks.bench_registry import fill_up_to, member_admin
from tests.benchmarks.harness import Row, bench, compare, measure

ADDRESS = "/admin/members/export/"


@bench("export", n=100_000)
def export(n: int) -> Iterator[Row]:
    """n members with all columns, through the office's own screen: purpose, log of what was taken out, and all."""
    fill_up_to(n)
    client = member_admin()
    for file_type, again in (("csv", _as_csv), ("xlsx", _as_xlsx)):
        idle = measure(lambda: None).peak_mb
        made: list[bytes] = []
        ours = measure(lambda file_type=file_type, made=made: made.append(_take_out(client, file_type)))
        rows = _read(made.pop(), file_type)
        assert len(rows) == n + 1, len(rows)
        theirs = measure(_alone(again, rows))
        what = f"{file_type} of ready-made rows; {ours.peak_mb - idle:.0f} MB above idle"
        yield compare(n=n, ours=ours, baseline=what, theirs=theirs)


def _take_out(client: Client, file_type: str) -> bytes:
    """Ask for the file, and read it as a browser does: without keeping it in memory more than once."""
    form = {"purpose": "A benchmark", "file_type": file_type, "columns": "every"}
    response: Any = client.post(ADDRESS, form)
    assert response.status_code == 200, response.status_code
    size = io.BytesIO()
    for part in response.streaming_content:
        size.write(part)
    return size.getvalue()


def _read(content: bytes, file_type: str) -> list[list[Any]]:
    if file_type == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    sheet = load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def _alone(write: Callable[[list[list[Any]]], None], rows: list[list[Any]]) -> Callable[[], None]:
    return lambda: write(rows)


def _as_csv(rows: list[list[Any]]) -> None:
    csv.writer(io.StringIO(), delimiter=";").writerows(rows)


def _as_xlsx(rows: list[list[Any]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(io.BytesIO())
