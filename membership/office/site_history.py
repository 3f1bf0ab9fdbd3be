"""Wagtail's report of everything that was done, in the whole organisation: not for those who see some branches only."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.reports.audit_logging import LogEntriesView

from membership import scope

_OF_MEMBERS = ("membership.view_member", "membership.view_household", "membership.view_application")


class SiteHistoryView(LogEntriesView):
    """The log names people of every branch. Who may know of some only reads it on the members' own pages."""

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
