"""SQLite's full-text search, which tests without migrations lack."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations import RunSQL, SeparateDatabaseAndState


@pytest.fixture
def full_text_search(db: None) -> None:
    """Make SQLite's full-text table and its triggers as Wagtail's migration does. PostgreSQL needs nothing."""
    if connection.vendor != "sqlite":
        return
    migration = import_module("wagtail.search.migrations.0006_customise_indexentry").Migration
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE wagtailsearch_indexentry_fts")
        for operation in migration.operations:
            if isinstance(operation, SeparateDatabaseAndState):
                for sql in operation.database_operations:
                    assert isinstance(sql, RunSQL)
                    cursor.execute(str(sql.sql))
