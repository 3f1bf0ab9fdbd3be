"""Finding a Python that is new enough, also where the one called `python3` is not."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from typing import Iterator

OLDEST = (3, 12)
TESTED = [(3, 12), (3, 13), (3, 14)]

# Where installers put their Pythons without always putting them on the PATH.
PLACES = [
    "~/.pyenv/versions/3.*/bin/python3",
    "~/.local/share/uv/python/*/bin/python3",
    "~/.local/bin/python3.*",
    "/usr/bin/python3.*",
    "/usr/local/bin/python3.*",
    "/opt/homebrew/bin/python3.*",
    "/opt/*/bin/python3",
]

QUESTION = "import sys; print(*sys.version_info[:2], sys.version_info.releaselevel)"


def _candidates() -> Iterator[str]:
    yield sys.executable
    for _, minor in TESTED:
        found = shutil.which(f"python3.{minor}")
        if found:
            yield found
    for place in PLACES:
        for path in sorted(glob.glob(os.path.expanduser(place))):
            if not path.endswith("-config"):
                yield path


def version_of(python: str) -> tuple[int, int] | None:
    """The (major, minor) version of an interpreter; None if it does not start, as pyenv's shims may not, or is a
    pre-release."""
    try:
        answer = subprocess.run(
            [python, "-c", QUESTION], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30, check=True
        )
        major, minor, level = answer.stdout.split()
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return (int(major), int(minor)) if level == b"final" else None


def best() -> str | None:
    """The path of the Python to use, the versions we test with first; None if there is none new enough."""
    found: dict[tuple[int, int], str] = {}
    for path in _candidates():
        version = version_of(path)
        if version == TESTED[0]:
            return path
        if version and version >= OLDEST:
            found.setdefault(version, path)
    order = [version for version in TESTED if version in found] + sorted(found)
    return found[order[0]] if order else None
