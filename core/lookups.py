"""`among`: what `in` means, for thousands of values at once.

`in` makes a parameter of each value, and both Django and psycopg spend longer on a thousand of them than the database
does on the answer. Here all values are one parameter: an array on PostgreSQL, a JSON text on SQLite, where there is
then no highest number of them either.

    Member.objects.filter(member_number__among=numbers)
    Period.objects.filter(member__pk__among=keys)        # by a foreign key: its target's key
"""

import json
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import Lookup


@models.CharField.register_lookup
@models.TextField.register_lookup
@models.IntegerField.register_lookup
class Among(Lookup):
    """The column has one of these texts or whole numbers. None is never among them; of nothing nobody is found."""

    lookup_name = "among"
    prepare_rhs = False

    def get_prep_lookup(self) -> list[Any]:
        prepare = self.lhs.output_field.get_prep_value
        return [prepare(value) for value in self.rhs if value is not None]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, values = self._left(compiler, connection)
        kind = "bigint" if isinstance(self.lhs.output_field, models.IntegerField) else "text"
        return f"{left} = ANY(%s::{kind}[])", [*values, self.rhs]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, values = self._left(compiler, connection)
        return f"{left} IN (SELECT value FROM json_each(%s))", [*values, json.dumps(self.rhs)]

    def _left(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        if not self.rhs:
            raise EmptyResultSet
        left, values = self.process_lhs(compiler, connection)
        return left, list(values)
