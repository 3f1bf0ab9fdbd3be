"""Which rows somebody has yet to look at: a list kept by triggers, so that no door can forget it.

Whoever looks reads the list first, then the rows, and strikes off exactly what was read when all is done. So what comes
in meanwhile stays for the next time, and work that was broken off is done again. The list is only added to: nobody
waits for anybody, and the same row may stand on it twice.
"""

from hashlib import sha256
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model


def keep_list(*, model: type[Model], fields: tuple[str, ...], into: type[Model], using: str = DEFAULT_DB_ALIAS) -> None:
    """Have the key of every row that comes in, or in which one of the fields changes, written into `into.entry`.

    Changes nothing where that is so already. Where it was not, or for other fields, all rows are written in: nobody
    knows which have changed. To be called after every migration, for SQLite loses triggers when one rebuilds a table.
    """
    connection = connections[using]
    quote = connection.ops.quote_name
    columns = [quote(str(model._meta.get_field(name).column)) for name in fields]  # type: ignore[union-attr]
    kept = f"{into._meta.db_table}_{sha256(' '.join(columns).encode()).hexdigest()[:8]}"
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    names = {
        "table": quote(model._meta.db_table),
        "key": quote(str(model._meta.pk.column)),
        "into": quote(into._meta.db_table),
        "columns": ", ".join(columns),
        "changed": " OR ".join(f"old.{column} {differs} new.{column}" for column in columns),
        "in": quote(f"{kept}_in"),
        "over": quote(f"{kept}_over"),
    }
    statements = _FOR_POSTGRESQL if connection.vendor == "postgresql" else _FOR_SQLITE
    with connection.cursor() as cursor:
        there = _triggers(cursor, connection, model, into)
        if there == {f"{kept}_in", f"{kept}_over"}:
            return
        for name in there:
            on_table = f" ON {names['table']}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {quote(name)}{on_table}")
        for statement in statements:
            cursor.execute(statement.format(**names))


def _triggers(cursor: Any, connection: Any, model: type[Model], into: type[Model]) -> set[str]:
    """The names of the triggers that fill the list now."""
    if connection.vendor == "postgresql":
        question = "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal"
        table = connection.ops.quote_name(model._meta.db_table)
    else:
        question, table = (
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
            model._meta.db_table,
        )
    cursor.execute(question, [table])
    return {name for (name,) in cursor.fetchall() if name.startswith(f"{into._meta.db_table}_")}


_ALL_OF_THEM = "INSERT INTO {into} (entry) SELECT {key} FROM {table}"

# Rows come in by the thousand: one statement of PostgreSQL's writes them all down at once. Rows that change are asked
# one by one, before anything is called, and only by statements that name one of the columns.
_FOR_POSTGRESQL = [
    "CREATE OR REPLACE FUNCTION {in}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "INSERT INTO {into} (entry) SELECT {key} FROM came_in; RETURN NULL; END $$",
    "CREATE OR REPLACE FUNCTION {over}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "INSERT INTO {into} (entry) VALUES (new.{key}); RETURN NULL; END $$",
    "CREATE TRIGGER {in} AFTER INSERT ON {table} REFERENCING NEW TABLE AS came_in "
    "FOR EACH STATEMENT EXECUTE FUNCTION {in}()",
    "CREATE TRIGGER {over} AFTER UPDATE OF {columns} ON {table} "
    "FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION {over}()",
    _ALL_OF_THEM,
]
_FOR_SQLITE = [
    "CREATE TRIGGER {in} AFTER INSERT ON {table} BEGIN INSERT INTO {into} (entry) VALUES (new.{key}); END",
    "CREATE TRIGGER {over} AFTER UPDATE OF {columns} ON {table} WHEN {changed} "
    "BEGIN INSERT INTO {into} (entry) VALUES (new.{key}); END",
    _ALL_OF_THEM,
]
