"""The arithmetic of `make bench`."""

import json

import pytest

from tests.benchmarks import harness
from tests.benchmarks.harness import Measurement, compare, grow


def took(seconds: float) -> Measurement:
    return Measurement(seconds=seconds, cpu_s=seconds, peak_mb=100)


def test_a_baseline_at_a_smaller_size_is_taken_in_proportion_and_says_so() -> None:
    row = compare(n=100_000, ours=took(20), baseline="per-row save", theirs=took(10), theirs_n=1_000)
    assert (row.baseline_s, row.ratio, row.baseline) == (1_000, 50, "per-row save (from 1,000)")


def test_growth_is_large_by_small() -> None:
    assert grow(n=100_000, large=took(0.03), small_n=1_000, small=took(0.02)).growth == pytest.approx(1.5)


def test_a_line_for_programs_has_the_keys_of_the_design() -> None:
    row = compare(n=1_000, ours=took(2), baseline="a create() each", theirs=took(40))
    line = json.loads(harness.as_json("mail_prepare", row))
    assert line.pop("database") in {"sqlite", "postgresql"}
    assert line == {
        "bench": "mail_prepare",
        "n": 1_000,
        "ours_s": 2,
        "cpu_s": 2,
        "per_s": 500,
        "baseline": "a create() each",
        "baseline_s": 40,
        "ratio": 20,
        "cpu_ratio": 20,  # beside the design's: what is left of the ratio on a machine that others use, too
        "peak_mb": 100,
    }


def test_memory_taken_during_the_work_is_seen() -> None:
    small = harness.measure(lambda: None)
    large = harness.measure(lambda: bytearray(80_000_000).count(b"x"))
    assert large.peak_mb > small.peak_mb + 40
