from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.signals import connection_created
from django.db.models.signals import pre_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Log-ins")

    def ready(self) -> None:
        from core import collation, lookups  # noqa: F401 (a lookup is there once its module is read)

        connection_created.connect(collation.teach_sqlite, dispatch_uid="core.collation")
        pre_migrate.connect(_prepare_postgresql, sender=self, dispatch_uid="core.prepare_postgresql")


def _prepare_postgresql(*, using: str = DEFAULT_DB_ALIAS, **kwargs: object) -> None:
    """Before the first table: the Norwegian order, and what constraints on dates need. SQLite has its own means."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE COLLATION IF NOT EXISTS nb (provider = icu, locale = 'nb')")
        cursor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
