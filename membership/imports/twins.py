"""Likely duplicates within one file: rows that would become two entries for one person.

Those brought together share a first name's beginning and a telephone or an e-mail, or their whole name and date of
birth, each kept on the row as a short digest: so the database finds them, however long the file is. How alike they are
is likeness.py's to say; a family at one address is not.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import batched, groupby
from operator import attrgetter
from typing import cast

from django.db.models import Count
from django.utils.translation import gettext as _

from membership.imports.cells import unpacked
from membership.likeness import Entry, Traits, compare, in_words, traits_of
from membership.models import ImportRow, ImportRun

_FIELDS = ("by_birth", "by_phone", "by_email")
_KEYS = 500
_ROWS = 1000
_NEXT = 12  # each is compared with so many after it: a thousand rows of one name stay a thousand times 12


def mark(row: ImportRow, traits: Traits) -> None:
    """Note on a row that would be new what brings it together with others."""
    start = (traits.first or traits.last or ("",))[0][:3]
    names = " ".join(sorted(traits.first + traits.last))
    row.by_birth = _digest(f"{names}|{traits.born_on}") if traits.born_on else ""
    row.by_phone = _digest(f"{min(traits.phones)}|{start}") if traits.phones else ""
    row.by_email = _digest(f"{traits.email}|{start}") if traits.email else ""


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=12).hexdigest()


def look_at(run: ImportRun) -> Iterator[list[ImportRow]]:
    """Warn on the later of two rows that may be one person. Yields what has changed, to be saved before the next."""
    new = run.rows.filter(action=ImportRow.Action.CREATE)
    for field in _FIELDS:
        counted = new.exclude(**{field: ""}).order_by().values(field).annotate(number=Count("pk"))
        for some in batched(counted.filter(number__gt=1).values_list(field, flat=True), _KEYS):
            rows = new.filter(**{f"{field}__in": some}).order_by(field, "line").iterator(chunk_size=_ROWS)
            yield [row for _key, group in groupby(rows, key=attrgetter(field)) for row in _warned(group)]


def _warned(group: Iterable[ImportRow]) -> Iterator[ImportRow]:
    before: deque[tuple[ImportRow, Traits]] = deque(maxlen=_NEXT)
    for row in group:
        traits = traits_of(cast("Entry", unpacked(row.data).data))
        new = [sentence for sentence in _likely(traits, before) if sentence not in row.warnings]
        before.append((row, traits))
        if new:
            row.warnings += new
            yield row


def _likely(traits: Traits, before: Iterable[tuple[ImportRow, Traits]]) -> Iterator[str]:
    for other, its in before:
        likeness = compare(traits, its)
        if likeness.is_likely:
            words = {"name": other.name, "line": other.line, "reasons": in_words(likeness.reasons)}
            yield _("May be %(name)s in line %(line)s of the file: %(reasons)s.") % words
