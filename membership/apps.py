from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class MembershipConfig(AppConfig):
    name = "membership"
    verbose_name = _("Members")

    def ready(self) -> None:
        from core import visibility

        from . import bell, checks, log_actions, receivers, scope  # noqa: F401
        from .sign_in import checks as sign_in_checks  # noqa: F401

        visibility.plug_in(narrowing=scope.visible_to, sees_all=scope.sees_every_branch)
        post_migrate.connect(_keep_indexes, sender=self, dispatch_uid="membership.keep_indexes")


def _keep_indexes(*, using: str = DEFAULT_DB_ALIAS, **kwargs: object) -> None:
    """The index of the registry's search, and the list of entries to compare, are kept after every migration."""
    from core import changes, fragments

    from .likeness import FIELDS
    from .models import Member, ToCompare

    fragments.keep_index(model=Member, field="search_text", using=using)
    changes.keep_list(model=Member, fields=FIELDS, into=ToCompare, using=using)
