"""What the children of the nursery do with imports: each function is called in a process of its own."""

import io
from collections.abc import Sequence

from django.utils import timezone

from core.errors import Refused
from membership import tasks
from membership.imports import applying, runs
from membership.models import ImportRow, ImportRun
from tests.makers import set_up_client

PORTION = 100  # smaller than the worker's, so that there are more places to be killed at
BAD_LINE = 4999


def brought(rows: int, *, refused: Sequence[int] = ()) -> ImportRun:
    """A register of so many people, a household every tenth; those rows have no surname. Nothing is looked at yet."""
    set_up_client()
    lines = ["last_name,first_name,member_no,email,regtype,household_id,household_role,newsletter\n"]
    for n in range(1, rows + 1):
        home = f"H{n // 10},{'head' if n % 10 == 0 else ''}" if n % 10 < 2 else ","
        type_ = {0: "FM", 1: "FM2"}.get(n % 10, "E")
        name = "" if n in refused else f"Nordmann {n}"
        lines.append(f"{name},Kari,{n},m{n}@example.org,{type_},{home},yes\n")
    file = io.BytesIO("".join(lines).encode())
    run = runs.start(file=file, name="register.csv", at=timezone.now(), by=None)
    runs.look(run=run, at=timezone.now())
    return run


def ring(run_id: str) -> None:
    """Put the import's task into the worker's queue, as the yes does, and the sweeper when a worker has died."""
    tasks.go_on_with_import.enqueue(int(run_id))


def go_on(run_id: str) -> None:
    """What the task does, in more and smaller portions, until nothing is left."""
    now = timezone.now()
    while runs.go_on(run_id=int(run_id), on=timezone.localdate(), at=now, portion=PORTION):
        pass


def go_on_until_a_row_fails(run_id: str) -> None:
    """The same with a row near the end that the registry will not have."""
    original = applying._do

    def fails(rows: Sequence[ImportRow], doing: applying._Doing) -> None:
        if any(row.line == BAD_LINE for row in rows):
            raise Refused("Not this one.")
        original(rows, doing)

    applying._do = fails
    go_on(run_id)
