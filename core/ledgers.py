"""Ledgers: lists of rows that only the machine writes. The office reads them and never edits them.

The one importer of wagtail_modeladmin, so that it can be replaced in one place.
"""

from typing import Any

from django.db.models import Model
from django.urls import URLPattern
from django.utils.translation import gettext_noop
from wagtail_modeladmin.helpers import PermissionHelper
from wagtail_modeladmin.options import ModelAdmin, modeladmin_register

__all__ = ["Ledger", "register"]

# What Django's filters of a list say. Their own catalogue comes with Django's admin, which is not installed.
_WORDS = (
    gettext_noop("Any date"), gettext_noop("Today"), gettext_noop("Past 7 days"), gettext_noop("This month"),
    gettext_noop("This year"), gettext_noop("No date"), gettext_noop("Has date"), gettext_noop("All"),
    gettext_noop("Unknown"),
)  # fmt: skip


class _ReadOnly(PermissionHelper):
    """Whoever may view the model may list and inspect it; nobody may add, change or delete through the office."""

    def user_can_list(self, user: Any) -> bool:
        return self.user_can_view(user)

    def user_can_view(self, user: Any) -> bool:
        return self.user_has_specific_permission(user, self.get_perm_codename("view"))

    def user_can_create(self, user: Any) -> bool:
        return False

    def user_can_edit_obj(self, user: Any, obj: Model) -> bool:
        return False

    def user_can_delete_obj(self, user: Any, obj: Model) -> bool:
        return False

    def user_can_inspect_obj(self, user: Any, obj: Model) -> bool:
        return bool(self.inspect_view_enabled and self.user_can_view(user))


class Ledger(ModelAdmin):
    """Base of every ledger. Subclasses name `model`, `list_display`, `list_filter`, `search_fields`."""

    permission_helper_class = _ReadOnly
    inspect_view_enabled = True
    history_view_enabled = False  # it asks for no right at all
    list_per_page = 50
    list_export: tuple[str, ...] = ()  # an export needs the export right and a purpose: see the reports

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        """The list and, where it is enabled, the row: there are no addresses for what nobody may do."""
        kept = {self.url_helper.get_action_url_name(action) for action in ("index", "inspect")}
        return tuple(url for url in super().get_admin_urls_for_registration() if url.name in kept)

    def register_indexing(self) -> None:
        """Stay out of Wagtail's reference index: it would enqueue a task for every row the machine writes."""


register = modeladmin_register
