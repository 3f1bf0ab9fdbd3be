"""The list of who was erased, kept outside the database, so that a restored backup does not bring anybody back.

A line a person: a keyed digest, the rule, and when. It says nothing to whoever has not the site's secret key. The
database has the same lines (`Erasure`); where one of the two lacks some, it gets them: a file that is lost, or that a
crash left behind, is written anew, and an erasure that the database does not remember was undone by a restore, and is
done again (erasing_again.py). The file is never part of a backup: see `ERASED_LIST` in the settings.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from membership.models import AbsorbedEntry, Erasure, Member

_SALT = "membership.erased_list"
_DIGITS = 40


@dataclass(frozen=True, kw_only=True)
class Line:
    """One erasure as the file has it."""

    fingerprint: str
    rule: str
    erased_at: datetime

    def __str__(self) -> str:
        return f"{self.fingerprint} {self.rule} {self.erased_at.isoformat()}\n"


def fingerprint(key: int, number: str, *, secret: str | bytes | None = None) -> str:
    """What is kept of an entry: a digest of its key and number, which never change; all else a merge may change."""
    text = f"{key} {number}"
    return salted_hmac(_SALT, text, secret=secret, algorithm="sha256").hexdigest()[:_DIGITS]


def entries_of(members: Sequence[Member]) -> dict[int, dict[int, str]]:
    """The entries that each of these is or has been, by the member's key: their keys with their fingerprints.

    A backup from before a merge has the other entry still, and it is the same person's.
    """
    found = {member.pk: {member.pk: fingerprint(member.pk, member.member_number)} for member in members}
    for entry in AbsorbedEntry.objects.filter(kept__in=members).order_by("pk"):
        found[entry.kept_id][entry.key] = fingerprint(entry.key, entry.number)
    return found


def remember(rows: Sequence[Erasure]) -> None:
    """Put erasures on the list when they are committed."""
    lines = [Line(fingerprint=row.fingerprint, rule=row.rule, erased_at=row.erased_at) for row in rows]
    transaction.on_commit(partial(_append, lines))


def _append(lines: Sequence[Line]) -> None:
    path = Path(settings.ERASED_LIST)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="ascii") as file:
        file.writelines(map(str, lines))
        file.flush()
        os.fsync(file.fileno())


def on_file() -> Iterator[Line]:
    """What the file says. A last line that a crash has cut short is passed over: the database has it."""
    path = Path(settings.ERASED_LIST)
    if not path.exists():
        return
    with path.open(encoding="ascii") as file:
        for text in file:
            parts = text.split()
            if len(parts) == 3 and text.endswith("\n"):
                yield Line(fingerprint=parts[0], rule=parts[1], erased_at=datetime.fromisoformat(parts[2]))
