"""Any fragment of a text, found by an index on both databases: `filter(search_text__fragment="ødegå")`.

PostgreSQL has a trigram index on the column (pg_trgm). SQLite has an FTS5 table beside it with the same trigrams, kept
by triggers, so that no door can forget it. Both are made after every migration, for SQLite loses triggers whenever a
migration rebuilds a table. A fragment shorter than three letters has no trigram: the database reads the column then.
PostgreSQL reads what was written last from a list, one by one, until `settle` or its own upkeep puts it in the index.

A fragment is found as it is written. Fold the case of what is stored and of what is asked.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Field, Lookup, Model

SHORTEST = 3


@Field.register_lookup
class Fragment(Lookup):
    """`column__fragment=text`: rows in which the text occurs; with a list of texts, those in which each of them does.

    The column must have been given to `keep_index`.
    """

    lookup_name = "fragment"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        likes = [f"%{connection.ops.prep_for_like_query(text)}%" for text in self.texts]
        return f"({' AND '.join([f'{column} LIKE %s'] * len(likes))})", (*params * len(likes), *likes)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple[Any, ...]]:
        """One question to the index for all that has trigrams: it reads together what each of them has."""
        column, params = self.process_lhs(compiler, connection)
        short = [text for text in self.texts if len(text) < SHORTEST]
        conditions, values = [f"instr({column}, %s) > 0"] * len(short), [*params * len(short), *short]
        if phrases := ['"{}"'.format(text.replace('"', '""')) for text in self.texts if len(text) >= SHORTEST]:
            alias = connection.ops.quote_name(str(self.lhs.alias))
            index = connection.ops.quote_name(_index_name(self.lhs.target))
            conditions.append(f"{alias}.rowid IN (SELECT rowid FROM {index} WHERE {index} MATCH %s)")
            values.append(" AND ".join(phrases))
        return f"({' AND '.join(conditions)})", tuple(values)

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.rhs,) if isinstance(self.rhs, str) else tuple(self.rhs)


def keep_index(*, model: type[Model], field: str, using: str = DEFAULT_DB_ALIAS) -> None:
    """Make the index that `__fragment` needs, unless it is there; on SQLite fill it where it was not being kept."""
    connection = connections[using]
    column = model._meta.get_field(field)
    assert isinstance(column, models.Field)
    names = {
        "table": connection.ops.quote_name(model._meta.db_table),
        "column": connection.ops.quote_name(str(column.column)),
        "index": connection.ops.quote_name(_index_name(column)),
        "name": _index_name(column),
    }
    statements = _FOR_POSTGRESQL
    if connection.vendor == "sqlite":
        statements = [] if _is_kept(connection, column) else _FOR_SQLITE
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(**names))


def settle(*, model: type[Model], field: str, using: str = DEFAULT_DB_ALIAS) -> int:
    """Put what was written lately in its place in the index, and say how many pages of it were waiting.

    PostgreSQL keeps it in a list (up to 4 MB) that each search reads through: ten times the time of a search. After
    many writes at once, and each night. SQLite has no such list, and answers 0.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        return 0
    column = model._meta.get_field(field)
    assert isinstance(column, models.Field)
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [connection.ops.quote_name(_index_name(column))])
        return int(cursor.fetchone()[0])


def _index_name(column: "models.Field[Any, Any]") -> str:
    return f"{column.model._meta.db_table}_{column.column}_fragments"


def _is_kept(connection: Any, column: "models.Field[Any, Any]") -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{_index_name(column)}%"]
        )
        return bool(cursor.fetchone()[0] == len(_TRIGGERS))


_FOR_POSTGRESQL = ["CREATE INDEX IF NOT EXISTS {index} ON {table} USING gin ({column} gin_trgm_ops)"]

_TRIGGERS = {
    "in": "INSERT ON {table} BEGIN INSERT INTO {index} (rowid, {column}) VALUES (new.rowid, new.{column}); END",
    "out": "DELETE ON {table} BEGIN "
           "INSERT INTO {index} ({index}, rowid, {column}) VALUES ('delete', old.rowid, old.{column}); END",
    "over": "UPDATE OF {column} ON {table} BEGIN "
            "INSERT INTO {index} ({index}, rowid, {column}) VALUES ('delete', old.rowid, old.{column}); "
            "INSERT INTO {index} (rowid, {column}) VALUES (new.rowid, new.{column}); END",
}  # fmt: skip

_FOR_SQLITE = [
    "CREATE VIRTUAL TABLE IF NOT EXISTS {index} USING fts5("
    "{column}, content={table}, tokenize='trigram case_sensitive 1')",
    *[
        statement
        for name, what in _TRIGGERS.items()
        for statement in (
            f'DROP TRIGGER IF EXISTS "{{name}}_{name}"',
            f'CREATE TRIGGER "{{name}}_{name}" AFTER {what}',
        )
    ],
    "INSERT INTO {index} ({index}) VALUES ('rebuild')",
]
