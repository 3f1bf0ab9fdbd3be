"""Merges in the office: those there have been, what each did, and undoing one."""

from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button
from wagtail.models import ModelLogEntry

from membership import scope, unmerging
from membership.fields import hidden_from
from membership.models import Member, Merge
from membership.office.record_screens import OnlyWhatIsVisible
from membership.office.registry_views import RegistryColumn
from membership.office.verb_views import VerbView


class MergeListView(generic.IndexView):
    """The merges of the last thirty days."""

    model = Merge
    page_title = gettext_lazy("Merges")
    results_template_name = "membership/office/duplicates/merge_results.html"
    any_permission_required = ["view"]
    verbose_name_plural = gettext_lazy("merges")
    is_searchable = True
    search_fields = ["absorbed_name", "absorbed_number", "kept_number"]
    default_ordering = ["-merged_at", "-pk"]
    header_more_buttons: list[Button] = []

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            RegistryColumn("names", template="merge", label=_("Entries")),
            DateColumn("merged_at", label=_("Merged")),
            Column("merged_by", label=_("By")),
            DateColumn("undone_at", label=_("Undone")),
        ]

    def get_base_queryset(self) -> QuerySet[Merge]:
        rows = Merge.objects.select_related("kept", "merged_by").defer("absorbed", "changes", "moved", "removed")
        return scope.visible_to(self.request.user, rows)


class MergeRecordView(OnlyWhatIsVisible, generic.InspectView):
    """One merge: who became one, how many rows were moved, and what undoing could not put back."""

    model = Merge
    object: Merge
    any_permission_required = ["view"]
    template_name = "membership/office/duplicates/merge.html"
    header_more_buttons: list[Button] = []

    def get_page_title(self) -> str:
        return _("%(name)s, merged") % {"name": self.object.absorbed_name}

    def get_page_subtitle(self) -> str:
        return ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": self.get_page_title()}
        return [
            *self.breadcrumbs_items,
            {"url": reverse("duplicates:index"), "label": _("Possible duplicates")},
            {"url": reverse("merges:index"), "label": _("Merges")},
            here,
        ]

    def get_fields_context(self) -> list[dict[str, Any]]:
        """Wagtail's own list of fields is not shown."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        merge, hidden = self.object, hidden_from(self.request.user)
        return super().get_context_data(**kwargs) | {
            "merge": merge,
            "moved": _counted(merge),
            "left_over": [_left_over(row) for row in merge.left_over if _column(row) not in hidden],
            "may_undo": self.user_has_permission("change")
            and merge.undone_at is None
            and timezone.now() <= merge.undo_until,
        }


def _counted(merge: Merge) -> list[tuple[str, int]]:
    """How many rows of each kind were moved."""
    counts: dict[str, int] = {}
    for entry in merge.moved:
        model = apps.get_model(entry["model"])
        if not model._meta.auto_created:
            is_log = model is ModelLogEntry  # whose own name is English only
            words = _("Lines in the history") if is_log else str(capfirst(model._meta.verbose_name_plural))
            counts[words] = counts.get(words, 0) + 1
    return sorted(counts.items())


def _column(row: dict[str, Any]) -> str:
    """Which of a member's fields could not be put back; nothing for rows about something else."""
    model = apps.get_model(row["model"])
    return next((c.name for c in model._meta.concrete_fields if model is Member and c.attname == row["column"]), "")


def _left_over(row: dict[str, Any]) -> str:
    """What could not be put back, in words."""
    model = apps.get_model(row["model"])
    column = next((c for c in model._meta.concrete_fields if c.attname == row["column"]), None)
    words = {"what": str(capfirst(model._meta.verbose_name)), "field": column.verbose_name if column else ""}
    if row["is_gone"]:
        return _("%(what)s: deleted since.") % words
    if column is None:
        return _("%(what)s: could not be brought back.") % words
    return _("%(what)s, %(field)s: changed since, and left as it is.") % words


class UndoMergeView(VerbView):
    """Two entries again."""

    model = Merge
    object: Merge
    list_title = gettext_lazy("Merges")
    page_title = gettext_lazy("Undo the merge")
    submit_label = gettext_lazy("Undo the merge")
    is_serious = True

    def explanation(self) -> str:
        return _("The other entry comes back with its number, and everything that was moved goes back to it. What has "
                 "been changed since is left as it is and listed; what has been added since stays with the entry that "
                 "was kept.")  # fmt: skip

    def perform(self, data: dict[str, Any]) -> str:
        restored = unmerging.undo(merge=self.object, on=timezone.localdate(), at=timezone.now(), by=self.user)
        return _("%(name)s (%(number)s) is an entry again.") % {
            "name": restored.full_name, "number": restored.member_number,
        }  # fmt: skip
