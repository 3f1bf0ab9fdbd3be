"""Exporting the list one is looking at: first what it is for, then the file."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import exports
from core.models import User
from membership import scope
from membership.fields import may_see_office_fields
from membership.office import columns, export_log
from membership.office.forms import ExportForm
from membership.office.registry_views import RegistryView


class ExportView(RegistryView):
    """The registry with its search and filters, as a file. Needs the right to export, and a purpose."""

    page_title = gettext_lazy("Export")
    template_name = "membership/office/export.html"
    any_permission_required = ["view"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm("membership.export_member"):
            return render(request, "403.html", status=403)  # Wagtail would lead to its first page with a 302
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(ExportForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = ExportForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        members = self.get_queryset()
        if not members.exists():
            messages.warning(request, _("Nobody is on this list, so there is nothing to export."))
            return redirect(self._list_url())
        file_type = form.cleaned_data["file_type"]
        export_log.record(
            members=members, purpose=form.cleaned_data["purpose"], file_type=file_type, at=timezone.now(),
            by=cast("User", request.user),
        )  # fmt: skip
        shown = self._columns(form.cleaned_data["columns"])
        response = exports.response(
            name=_("members") + f"-{timezone.localdate():%Y-%m-%d}",
            format=file_type,
            headings=[str(column.heading) for column in shown],
            rows=columns.rows(members=members.select_related(None).prefetch_related(None), on=self.on, columns=shown),
        )
        response["Cache-Control"] = "no-store"
        return response

    def _columns(self, which: str) -> list[columns.ListColumn]:
        """Those the list shows, or everything there is."""
        if which == "shown":
            return columns.for_file(self.chosen)
        user = self.request.user
        return columns.every_field(
            with_office_fields=may_see_office_fields(user), with_other_branches=scope.sees_every_branch(user)
        )

    def _list_url(self) -> str:
        return f"{reverse('members:index')}?{self.request.GET.urlencode()}"

    def _page(self, form: ExportForm) -> HttpResponse:
        context = {
            "form": form,
            "count": self.get_queryset().order_by().count(),
            "shown": [column.heading for column in self._columns("shown")],
            "every": [column.heading for column in self._columns("every")],
            "back_url": self._list_url(),
            "header_title": self.page_title,
            "header_icon": "download",
            "breadcrumbs_items": [
                *self.breadcrumbs_items,
                {"url": self._list_url(), "label": _("Registry")},
                {"url": "", "label": self.page_title},
            ],
        }
        return render(self.request, self.template_name, context)
