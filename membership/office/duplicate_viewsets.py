"""The screens of duplicates and merges, and the number on the office's first page."""

from datetime import date

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from membership import scope
from membership.models import DuplicatePair, Merge
from membership.office.duplicate_merge_views import MergeListView, MergeRecordView, UndoMergeView
from membership.office.duplicate_views import (
    CompareView,
    DuplicateListView,
    DuplicateView,
    LookAgainView,
    MergeView,
    NotTheSameView,
)
from membership.office.numbers import OfficeNumber
from membership.office.record_screens import OfficeViewSet


class DuplicateViewSet(OfficeViewSet):
    """Those who may be in the registry twice."""

    model = DuplicatePair
    name = "duplicates"
    icon = "copy"
    menu_label = _("Duplicates")
    screens = ("index", "index_results", "inspect")
    index_view_class = DuplicateListView
    inspect_view_class = DuplicateView

    def extra_urls(self) -> list[URLPattern]:
        return [
            path("new/", self.construct_view(CompareView), name="compare"),
            self.record_path("merge", MergeView),
            self.record_path("not_the_same", NotTheSameView),
            self.record_path("look_again", LookAgainView),
        ]


class MergeViewSet(OfficeViewSet):
    """Merges as long as they can be undone. Reached from the list of duplicates."""

    model = Merge
    name = "merges"
    icon = "history"
    screens = ("index", "index_results", "inspect")
    index_view_class = MergeListView
    inspect_view_class = MergeRecordView

    def extra_urls(self) -> list[URLPattern]:
        return [self.record_path("undo", UndoMergeView)]


def possible_duplicates(request: HttpRequest, on: date) -> OfficeNumber | None:
    """How many pairs somebody should look at."""
    if not request.user.has_perm("membership.view_duplicatepair"):
        return None
    count = scope.visible_to(request.user, DuplicatePair.objects.open()).count()
    return OfficeNumber(
        order=220, label=_("Possible duplicates"), count=count, url=reverse("duplicates:index"), tone="wait"
    )
