"""Wagtail's report of everything that was done, in the whole organisation: not for those who see some branches only.

It is to be read, not taken away: Wagtail's own ?export= asks for no right and no purpose. What was done about fields
that only the office may know is there for those who may know them.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.reports.audit_logging import LogEntriesView, SiteHistoryReportFilterSet

from membership import scope
from membership.fields import hidden_from
from membership.office.log_words import unreadable

_OF_MEMBERS = ("membership.view_member", "membership.view_household", "membership.view_application")


class SiteHistoryFilters(SiteHistoryReportFilterSet):
    """Wagtail's, without the actions that the reader is not told of."""

    def get_action_choices(self) -> list[tuple[str, Any]]:
        untold = unreadable(hidden_from(self.request.user))
        return [choice for choice in super().get_action_choices() if choice[0] not in untold]


class SiteHistoryView(LogEntriesView):
    """The log names people of every branch. Who may know of some only reads it on the members' own pages."""

    filterset_class = SiteHistoryFilters
    list_export: list[str] = []

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().filter_queryset(queryset)
        return rows.exclude(action__in=unreadable(hidden_from(self.request.user)))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_about_them = any(request.user.has_perm(right) for right in _OF_MEMBERS)
        if is_about_them and not scope.sees_every_branch(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


# Before Wagtail's own in site/config/urls.py; its names lead to the same addresses.
urlpatterns = [
    path("reports/site-history/", require_admin_access(SiteHistoryView.as_view())),
    path("reports/site-history/results/", require_admin_access(SiteHistoryView.as_view(results_only=True))),
]
