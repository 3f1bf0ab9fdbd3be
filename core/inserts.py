"""Many rows at once, several times as fast as `bulk_create` and `bulk_update`, whose time goes into making one huge
statement: SQLite runs one small statement for all rows, PostgreSQL takes them by COPY.

Same meaning: no `save()`, no signals, keys set on the rows, all constraints and triggers on.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from json import JSONEncoder
from operator import attrgetter
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models import Field, Model

# Values of these go to the database as they are; texts that are more than texts (choices, translations) become texts.
_TEXTS = (models.CharField, models.TextField)
_AS_THEY_ARE = (models.IntegerField, models.AutoField, models.BooleanField, models.ForeignKey)


def insert_many(rows: Sequence[Model], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Insert new rows of one model, none of which has a key, and give them their keys.

    Must be called inside a transaction: on SQLite that is what keeps others from taking the same keys.
    """
    if not rows:
        return
    connection = connections[using]
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Rows are inserted inside the transaction they belong to.")
    meta = rows[0]._meta
    for row, pk in zip(rows, _new_keys(connection, meta, len(rows)), strict=True):
        if row.pk is not None:
            raise ValueError(f"{row!r} has a key already. Only new rows can be inserted.")
        row.pk = pk
    fields = [field for field in meta.concrete_fields if not field.generated]
    _write(connection, meta, fields, _values(fields, rows, connection))
    for row in rows:
        row._state.adding, row._state.db = False, using


def insert_values(
    model: type[Model], *, shared: Mapping[str, Any], own: Mapping[str, Sequence[Any]], using: str = DEFAULT_DB_ALIAS
) -> None:
    """Insert new rows that nobody needs as objects: twice as fast as making them. Their keys are not told.

    `shared` has the values that are the same for all, `own` a list for each other field with a value for each row, both
    by attribute name (`user_id`). Fields in neither take their defaults.
    """
    connection, count = connections[using], len(next(iter(own.values())))
    fields = [field for field in model._meta.concrete_fields if not (field.generated or field.primary_key)]
    columns = []
    for field in fields:
        prepare = _preparation(field, connection) or (lambda value: value)
        if field.attname in own:
            columns.append([prepare(value) for value in own[field.attname]])
        else:
            value = shared[field.attname] if field.attname in shared else field.get_default()
            columns.append([prepare(value)] * count)
    if count:
        _write(connection, model._meta, fields, list(zip(*columns, strict=True)))


def insert_pairs(model: type[Model], first: str, second: str, pairs: Sequence[tuple[int, int]]) -> None:
    """Insert the rows of a table of pairs, as a many-to-many field has one, that are not there: the fields' names, and
    the keys. A pair that another process put there meanwhile is left as it is."""
    if not pairs:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(cast("Field[Any, Any]", model._meta.get_field(n)).column)) for n in (first, second))
    into = f"INSERT INTO {quote(model._meta.db_table)} ({columns})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = [list(keys) for keys in zip(*pairs, strict=True)]
            cursor.execute(f"{into} SELECT * FROM unnest(%s::bigint[], %s::bigint[]) ON CONFLICT DO NOTHING", arrays)
        else:
            cursor.executemany(f"{into} VALUES (%s, %s) ON CONFLICT DO NOTHING", pairs)


def _write(connection: Any, meta: Any, fields: Sequence["Field[Any, Any]"], values: Sequence[tuple[Any, ...]]) -> None:
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for value in values:
                    copy.write_row(value)
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)


def update_many(rows: Sequence[Model], fields: Sequence[str], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Write some fields of rows that are there, each its own values."""
    if not rows or not fields:
        return
    connection, meta = connections[using], rows[0]._meta
    assert meta.pk is not None
    chosen = [cast("Field[Any, Any]", meta.get_field(name)) for name in fields]
    values = _values([*chosen, meta.pk], rows, connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _update_at_once(cursor, connection, meta, chosen, values)
        else:
            quote = connection.ops.quote_name
            setting = ", ".join(f"{quote(str(field.column))} = %s" for field in chosen)
            cursor.executemany(
                f"UPDATE {quote(meta.db_table)} SET {setting} WHERE {quote(str(meta.pk.column))} = %s", values
            )


def _update_at_once(
    cursor: Any, connection: Any, meta: Any, fields: Sequence["Field[Any, Any]"], values: Sequence[tuple[Any, ...]]
) -> None:
    """One statement for all rows: the columns go over as arrays, which PostgreSQL puts together again as rows."""
    quote = connection.ops.quote_name
    columns = [quote(str(field.column)) for field in (*fields, meta.pk)]
    key = columns[-1]
    setting = ", ".join(f"{column} = new.{column}" for column in columns[:-1])
    arrays = ", ".join(f"%s::{_array_type(field, connection)}" for field in (*fields, meta.pk))
    cursor.execute(
        f"UPDATE {quote(meta.db_table)} AS old SET {setting} "
        f"FROM unnest({arrays}) AS new ({', '.join(columns)}) WHERE old.{key} = new.{key}",
        [list(column) for column in zip(*values, strict=True)],
    )


def _array_type(field: "Field[Any, Any]", connection: Any) -> str:
    """The type of an array of the field's values. Texts are plain texts: a cast to varchar(20) would cut silently what
    is longer, instead of refusing it."""
    return "text[]" if isinstance(field, _TEXTS) else f"{field.rel_db_type(connection)}[]"


def _new_keys(connection: Any, meta: Any, count: int) -> Sequence[int]:
    """Keys nobody has had, and nobody else gets."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = [connection.ops.quote_name(meta.db_table), meta.pk.column]
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [*sequence, count]
            )
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [meta.db_table])
        last = (cursor.fetchone() or (0,))[0]
        return range(last + 1, last + 1 + count)


def _values(fields: Sequence["Field[Any, Any]"], rows: Sequence[Model], connection: Any) -> list[tuple[Any, ...]]:
    columns = []
    for field in fields:
        read = attrgetter(field.attname)
        prepare = _preparation(field, connection)
        columns.append([read(row) for row in rows] if prepare is None else [prepare(read(row)) for row in rows])
    return list(zip(*columns, strict=True))


def _preparation(field: "Field[Any, Any]", connection: Any) -> Callable[[Any], Any] | None:
    """How a field's value becomes the database's; None: it is that already."""
    if isinstance(field, _TEXTS):
        return _text
    if isinstance(field, _AS_THEY_ARE):
        return None
    if isinstance(field, models.JSONField):
        encode = (field.encoder or JSONEncoder)().encode
        return lambda value: None if value is None else encode(value)

    def prepare(value: Any) -> Any:
        return None if value is None else field.get_db_prep_save(value, connection)

    # Of thousands of rows most have the same days and moments.
    return cache(prepare) if isinstance(field, models.DateField) else prepare


def _text(value: Any) -> Any:
    return value if type(value) is str or value is None else str(value)
