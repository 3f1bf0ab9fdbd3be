"""Names sort with Æ Ø Å last, and Aa as Å: the collation `nb`, on both databases under the same name.

PostgreSQL has it from ICU (made before the first migration, see core/apps.py). SQLite is taught it here, at each
connection. A column with `db_collation="nb"` is then sorted, and indexed, the Norwegian way.
"""

import unicodedata
from functools import lru_cache
from typing import Any

_LAST = {"æ": "{a", "ä": "{a", "ø": "{b", "ö": "{b", "å": "{c", "đ": "d", "ŋ": "n", "ŧ": "t", "ł": "l"}


@lru_cache(maxsize=10_000)
def sort_key(text: str) -> str:
    """Return a text whose plain order is the Norwegian order. Case and other accents do not count."""
    lowered = unicodedata.normalize("NFC", text).casefold().replace("aa", "å")
    return "".join(_LAST.get(c) or unicodedata.normalize("NFD", c)[0] for c in lowered)


def compare(first: str, second: str) -> int:
    """Order two texts the Norwegian way; equal keys fall back to the texts themselves, so that ties are stable."""
    a, b = (sort_key(first), first), (sort_key(second), second)
    return (a > b) - (a < b)


def teach_sqlite(*, connection: Any, **kwargs: object) -> None:
    """Give a new SQLite connection the collation `nb`."""
    if connection.vendor == "sqlite":
        connection.connection.create_collation("nb", compare)
