"""What the office's record screens have in common: only the screens they name, and rows that come from story files."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model
from django.http import Http404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from wagtail.admin.admin_url_finder import ModelAdminURLFinder, register_admin_url_finder
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy

from core.errors import Refused
from membership import scope

_RIGHTS = ("view", "add", "change", "delete")


class OnlyWhatIsVisible:
    """For a view of one record: what the log-in may not know of, is not there. See membership/scope.py."""

    request: Any

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        """The record. Who has no right to any of its kind is led away by Wagtail afterwards, whichever it is."""
        record: Model = super().get_object(*args, **kwargs)  # type: ignore[misc]
        user = self.request.user
        has_rights = ModelPermissionPolicy(type(record)).user_has_any_permission(user, _RIGHTS)
        if has_rights and not scope.is_visible(user, record):
            raise Http404
        return record


class WhereUsed(ModelPermissionPolicy):
    """For what only some organisations have: nobody has a right to it, and sees it, elsewhere."""

    def __init__(self, model: type[Model], is_used: Callable[[], bool]) -> None:
        super().__init__(model)
        self.is_used = is_used

    def user_has_permission(self, user: Any, action: str) -> bool:
        return self.is_used() and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        return self.is_used() and super().user_has_any_permission(user, actions)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Model) -> bool:
        return self.user_has_permission(user, action)

    def user_has_any_permission_for_instance(self, user: Any, actions: Iterable[str], instance: Model) -> bool:
        return self.user_has_any_permission(user, actions)


class OfficeViewSet(ModelViewSet):
    """A ModelViewSet with the screens named in `screens` and no other: what is not offered has no address either.

    `extra_urls()` adds screens of its own; their views are made by `construct_view`, so they know the model and the
    addresses of the others.
    """

    screens: tuple[str, ...] = ("index", "index_results", "add", "edit", "inspect")
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    list_per_page = 50

    def get_urlpatterns(self) -> list[URLPattern]:
        record = f"<{self.pk_path_converter}:pk>/"
        addresses = {
            "index": "", "index_results": "results/", "add": "new/",
            "edit": f"{record}edit/", "inspect": record,
        }  # fmt: skip
        standard = [path(addresses[screen], getattr(self, f"{screen}_view"), name=screen) for screen in self.screens]
        return standard + self.extra_urls()

    def extra_urls(self) -> list[URLPattern]:
        """Screens beside Wagtail's own."""
        return []

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Leave out the addresses of screens that are not offered, so that no button leads there."""
        common = super().get_common_view_kwargs(**kwargs)
        return {key: None if self._is_missing(key) else value for key, value in common.items()}

    def _is_missing(self, key: str) -> bool:
        return key.endswith("_url_name") and key.removesuffix("_url_name") not in self.screens

    def register_admin_url_finder(self) -> None:
        """Wherever the office names a record, in a log or a dialog, the link leads to the record's own page."""
        screen = "inspect" if "inspect" in self.screens else "edit"
        finder = type("RecordURLFinder", (ModelAdminURLFinder,), {"edit_url_name": self.get_url_name(screen)})
        register_admin_url_finder(self.model, finder)

    def record_path(self, verb: str, view_class: type[Any]) -> URLPattern:
        """The address of something done with one record: `<pk>/<verb>/`, named after the verb."""
        address = f"<{self.pk_path_converter}:pk>/{verb.replace('_', '-')}/"
        return path(address, self.construct_view(view_class), name=verb)


class YesColumn(Column):
    """ "yes" where something is so, and nothing where it is not: Wagtail's own shows a red cross, like a fault."""

    def get_value(self, instance: Any) -> str:
        return str(_("yes")) if super().get_value(instance) else ""


def show_refusal(form: Any, refusal: Refused) -> None:
    """Put a story function's refusal where it belongs on the form; what was typed is kept.

    A refusal that names fields is shown beside those the form has, and where there is one field only, beside it; the
    rest stands on top.
    """
    if hasattr(refusal, "error_dict"):
        for field, errors in refusal.error_dict.items():
            form.add_error(field if field in form.fields else None, errors)
    else:
        form.add_error(next(iter(form.fields)) if len(form.fields) == 1 else None, refusal)
