"""Measuring, comparing and printing: what every bench uses."""

import gc
import json
import resource
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import connection


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What some work took: seconds by the clock, seconds of CPU (children's too), and the peak of memory in MB."""

    seconds: float
    cpu_s: float
    peak_mb: float


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the result. `ratio` is baseline ÷ ours for the same work; `growth` is large ÷ small.

    `cpu_ratio` is the ratio of this process's CPU time, which others on the machine disturb least; on PostgreSQL it
    leaves the server's share out. `small_peak_mb` is the peak of memory at the small size.
    """

    n: int
    ours: Measurement
    baseline: str
    baseline_s: float
    ratio: float | None = None
    cpu_ratio: float | None = None
    growth: float | None = None
    small_peak_mb: float | None = None
    queries: int | None = None


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A registered bench: its name, its usual size, and the function that yields its rows."""

    name: str
    n: int
    run: Callable[[int], Iterable[Row]]


BENCHES: dict[str, Bench] = {}


def bench(name: str, *, n: int) -> Callable[[Callable[[int], Iterable[Row]]], Callable[[int], Iterable[Row]]]:
    """Register a bench under a name; `n` is the size it runs at when none is asked for."""

    def register(run: Callable[[int], Iterable[Row]]) -> Callable[[int], Iterable[Row]]:
        BENCHES[name] = Bench(name=name, n=n, run=run)
        return run

    return register


# --- measuring -------------------------------------------------------------------------------------------------------


def _cpu_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _forget_the_peak() -> None:
    """Let the kernel count the peak from now on; where it cannot, the peak is that of the whole process."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> float:
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def measure(work: Callable[[], object]) -> Measurement:
    """Do the work once and say what it took. Rubbish is collected before, so that nobody pays for the one before."""
    gc.collect()
    _forget_the_peak()
    cpu, started = _cpu_seconds(), time.perf_counter()
    work()
    seconds, cpu_s = time.perf_counter() - started, _cpu_seconds() - cpu
    return Measurement(seconds=seconds, cpu_s=cpu_s, peak_mb=_peak_mb())


def best_of(times: int, work: Callable[[], object]) -> Measurement:
    """The fastest of several goes, for work of milliseconds that may be done again."""
    return min((measure(work) for _ in range(times)), key=lambda measurement: measurement.seconds)


# --- comparing -------------------------------------------------------------------------------------------------------


def compare(
    *,
    n: int,
    ours: Measurement,
    baseline: str,
    theirs: Measurement,
    theirs_n: int | None = None,
    queries: int | None = None,
) -> Row:
    """Our work on n against the baseline's, taken from a smaller size `theirs_n` in proportion where n takes too long.

    The name of the baseline then says so.
    """
    seconds, cpu_s = theirs.seconds, theirs.cpu_s
    if theirs_n is not None and theirs_n != n:
        seconds, cpu_s = seconds * n / theirs_n, cpu_s * n / theirs_n
        baseline = f"{baseline} (from {theirs_n:,})"
    return Row(
        n=n,
        ours=ours,
        baseline=baseline,
        baseline_s=seconds,
        ratio=seconds / ours.seconds,
        cpu_ratio=cpu_s / ours.cpu_s if ours.cpu_s else None,
        queries=queries,
    )


def grow(*, n: int, large: Measurement, small_n: int, small: Measurement, queries: int | None = None) -> Row:
    """The same work at two sizes: how many times as long the large one takes."""
    return Row(
        n=n,
        ours=large,
        baseline=f"the same at {small_n:,}",
        baseline_s=small.seconds,
        growth=large.seconds / small.seconds,
        small_peak_mb=small.peak_mb,
        queries=queries,
    )


# --- printing --------------------------------------------------------------------------------------------------------

HEADING = f"{'bench':<16}{'database':<12}{'n':>8}{'ours s':>10}{'cpu s':>9}{'per s':>10}{'MB':>7}  against"


def as_json(name: str, row: Row) -> str:
    """One line for programs; the keys are those of the design, and only `ratio` or `growth`, as it applies."""
    fields: dict[str, object] = {
        "bench": name,
        "database": connection.vendor,
        "n": row.n,
        "ours_s": round(row.ours.seconds, 4),
        "cpu_s": round(row.ours.cpu_s, 4),
        "per_s": round(row.n / row.ours.seconds, 1),
        "baseline": row.baseline,
        "baseline_s": round(row.baseline_s, 4),
    }
    optional = {
        "ratio": row.ratio, "cpu_ratio": row.cpu_ratio, "growth": row.growth, "queries": row.queries,
        "small_peak_mb": row.small_peak_mb,
    }  # fmt: skip
    fields |= {key: round(value, 2) for key, value in optional.items() if value is not None}
    return json.dumps(fields | {"peak_mb": round(row.ours.peak_mb, 1)}, ensure_ascii=False)


def as_line(name: str, row: Row) -> str:
    """One line for people, under HEADING."""
    verdict = f"{row.ratio:.1f} × faster than" if row.ratio is not None else f"{row.growth or 0:.2f} × as long as"
    queries = f", {row.queries} queries" if row.queries is not None else ""
    if row.cpu_ratio is not None:
        queries += f" (CPU {row.cpu_ratio:.1f} ×)"
    if row.small_peak_mb is not None:
        queries += f" ({row.small_peak_mb:.0f} MB)"
    return (
        f"{name:<16}{connection.vendor:<12}{row.n:>8}{row.ours.seconds:>10.3f}{row.ours.cpu_s:>9.3f}"
        f"{row.n / row.ours.seconds:>10.0f}{row.ours.peak_mb:>7.0f}  {verdict} {row.baseline}{queries}"
    )


def run(name: str, n: int | None) -> None:
    """Run one bench and print each row as it comes: people read standard error, programs standard output."""
    chosen = BENCHES[name]
    for row in chosen.run(n or chosen.n):
        print(as_line(name, row), file=sys.stderr, flush=True)
        print(as_json(name, row), flush=True)
