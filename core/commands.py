"""What our commands have in common: whatever is wrong with the installation is a sentence, never a traceback."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    """The base of all our commands: on a database without its tables they say so, and what helps, and exit with 1."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError) as error:
            if sentence := _what_is_missing():
                raise CommandError(sentence) from error
            raise


def _what_is_missing() -> str:
    """Why the database could not answer, as a sentence with the next step; empty if it is ready and that was not it.

    Asked only after a failure: looking through all migrations takes a while.
    """
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except OperationalError as error:
        return f"The database does not answer: {str(error).strip()} Check DATABASE_URL, and that the server runs."
    if not waiting:
        return ""
    return "The database has not got all its tables yet. Run `manage.py migrate` first, then `manage.py setup`."
