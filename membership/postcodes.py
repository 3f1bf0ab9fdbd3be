"""Norwegian postcodes and their places. A register that ships with us, dated; a newer one is loaded from a file.

An unknown postcode is something to look at, never an error: Posten makes new ones every year.
"""

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import Refused

SHIPPED = Path(__file__).parent / "data" / "postcodes.tsv"
_POSTCODE = re.compile(r"\d{4}")


def place_of(postcode: str) -> str:
    """Return the place in capitals, as Posten writes it, or "" for a postcode we do not know."""
    return _register().get(postcode, "")


def is_norwegian(postcode: str) -> bool:
    """Whether it has the form of a Norwegian postcode; known or not."""
    return _POSTCODE.fullmatch(postcode) is not None


def load(path: Path) -> int:
    """Take Posten's register from a file in its own form, and keep it for this installation. Returns how many.

    The form: one postcode a line, tab-separated, CP1252; the first two columns are postcode and place. Refuses a file
    that is something else, and keeps the register there was.
    """
    try:
        rows = [line.split("\t") for line in path.read_text(encoding="cp1252").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(
            _("%(file)s cannot be read: %(error)s. Give Posten's file of postcodes, tab-separated."),
            params={"file": str(path), "error": str(error)}, code="unreadable",
        ) from error  # fmt: skip
    for number, row in enumerate(rows, 1):
        if len(row) < 2 or not is_norwegian(row[0]) or not row[1].strip():
            raise Refused(
                _("Line %(number)d of %(file)s has no postcode and place. Give Posten's file, tab-separated."),
                params={"file": str(path), "number": number}, code="no_register",
            )  # fmt: skip
    if not rows:
        raise Refused(
            _("%(file)s is empty. Give Posten's file of postcodes."), params={"file": str(path)}, code="empty"
        )
    own = _own_register()
    own.parent.mkdir(parents=True, exist_ok=True)
    unfinished = own.with_suffix(".new")
    unfinished.write_text("".join(f"{row[0]}\t{row[1].strip()}\n" for row in rows), encoding="utf-8")
    unfinished.replace(own)
    return len(rows)


def _own_register() -> Path:
    """Where this installation keeps the register it has loaded."""
    return Path(settings.VAR_DIR) / "postcodes.tsv"


def _register() -> dict[str, str]:
    """The register in use. Read again when another process has loaded a newer one."""
    own = _own_register()
    path = own if own.is_file() else SHIPPED
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path: Path, version: int) -> dict[str, str]:
    """Read a register, once for each version of the file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if not line.startswith("#"))
