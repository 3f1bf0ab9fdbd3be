"""Erasing as the office sees it: who goes and when, keeping somebody back, and asking on somebody's behalf."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column
from wagtail.admin.views.reports import ReportView

from core import dates
from membership import clearing, retention, scope
from membership.form_fields import LineField
from membership.models import ErasureHold, ErasureRequest, Member
from membership.office.leaving_views import MemberVerbView
from membership.office.panels import MemberPanel
from membership.office.registry_views import RegistryColumn

RIGHT = "membership.hold_back_erasure"
AHEAD = {"0": gettext_lazy("The coming night"), "30": gettext_lazy("Within 30 days"),
         "365": gettext_lazy("Within a year")}  # fmt: skip


class Ahead(WagtailFilterSet):
    """How far ahead the report looks."""

    days = django_filters.ChoiceFilter(
        label=gettext_lazy("How far ahead"), method="unchanged", choices=list(AHEAD.items()), empty_label=None,
        widget=forms.RadioSelect,
    )  # fmt: skip

    class Meta:
        model = Member
        fields: list[str] = []

    def unchanged(self, rows: QuerySet[Member], name: str, value: str) -> QuerySet[Member]:
        return rows


class ErasureReport(ReportView):
    """What will be erased: who, why, when, and what keeps somebody back. The night does it by itself."""

    model = Member
    page_title = gettext_lazy("What will be erased")
    header_icon = "bin"
    template_name = "membership/office/erasures.html"
    results_template_name = "membership/office/erasures_results.html"
    any_permission_required = ["change"]
    filterset_class = Ahead
    index_url_name = "erasures"
    index_results_url_name = "erasures_results"
    is_searchable = False
    paginate_by = 50

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose

    @cached_property
    def days(self) -> int:
        """How many days ahead: 30 unless told otherwise."""
        filters = self.filters
        chosen = filters.form.cleaned_data.get("days") if filters and filters.is_valid() else ""
        return int(chosen or 30)

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            RegistryColumn("name", template="name", label=_("Name")),
            Column("number", label=_("Member number"), accessor="member_number"),
            Column("due_on", label=_("Erased on"), accessor=lambda row: date_format(row.plan.due_on)),
            Column("why", label=_("Why"), accessor="plan.why"),
            RegistryColumn("holds", template="erasure_holds", label=_("Kept back because"), accessor="plan.holds"),
        ]

    def get_queryset(self) -> QuerySet[Any]:
        on = timezone.localdate()
        due = retention.due(on=on, until=dates.days_after(on, self.days))
        return retention.by_day(scope.visible_to(self.request.user, due))

    def get_table(self, object_list: Sequence[Any], **kwargs: Any) -> Any:
        """The page's rows, each with its plan: found for all of them together."""
        rows = list(object_list)
        found = retention.plans(members=rows, on=timezone.localdate(), at=timezone.now())
        for row, plan in zip(rows, found, strict=True):
            row.plan = plan
        return super().get_table(rows, **kwargs)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        until = dates.days_after(timezone.localdate(), self.days)
        also = clearing.preview(until=until) if scope.sees_every_branch(self.request.user) else []
        return context | {"horizon": AHEAD[str(self.days)], "also_forgotten": also}


class HoldBackForm(forms.Form):
    """Why somebody is kept."""

    reason = LineField(
        limit=250, label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For instance: a complaint that is not settled. The person can read it on My page."),
    )  # fmt: skip


class _RetentionVerbView(MemberVerbView):
    """Only for those who may keep somebody from being erased."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class HoldBackView(_RetentionVerbView):
    """Keep somebody from being erased until further notice."""

    page_title = gettext_lazy("Keep from being erased")
    submit_label = gettext_lazy("Keep")
    form_class = HoldBackForm

    def explanation(self) -> str:
        return _("%(name)s is kept until somebody lets go again. Do it only as long as there is a reason.") % {
            "name": self.object.full_name
        }

    def perform(self, data: dict[str, Any]) -> str:
        retention.hold_back(member=self.object, reason=data["reason"], at=timezone.now(), by=self.user)
        return _("%(name)s is kept.") % {"name": self.object.full_name}


class LetGoView(_RetentionVerbView):
    """The reason to keep somebody is over."""

    page_title = gettext_lazy("Let go")
    submit_label = gettext_lazy("Let go")

    def explanation(self) -> str:
        return _("%(name)s is erased when the rule says so.") % {"name": self.object.full_name}

    def perform(self, data: dict[str, Any]) -> str:
        retention.let_go(member=self.object, by=self.user)
        return _("%(name)s is not kept any more.") % {"name": self.object.full_name}


class AskErasureView(MemberVerbView):
    """Somebody has asked, by letter or telephone, to be erased."""

    page_title = gettext_lazy("Record a request for erasure")
    submit_label = gettext_lazy("Erase the coming night")
    needs_second_step = True
    is_serious = True

    def explanation(self) -> str:
        return _("%(name)s has asked to be erased. Make sure that it really was them.") % {
            "name": self.object.full_name
        }

    def consequences(self, data: dict[str, Any]) -> list[str]:
        return [
            _("The coming night %(name)s is erased from the registry, the messages and the log.")
            % {"name": self.object.full_name},
            _("Invoices and payments stay in the books."),
            _("Afterwards nobody can bring it back."),
        ]

    def perform(self, data: dict[str, Any]) -> str:
        retention.ask(member=self.object, on=timezone.localdate(), at=timezone.now(), by=self.user)
        return _("%(name)s is erased the coming night.") % {"name": self.object.full_name}


def panel(request: HttpRequest, member: Member, on: date) -> MemberPanel | None:
    """When somebody who has left is erased, and what keeps them; nothing about those who belong and are not kept."""
    leavers = list(retention.leavers(on=on).filter(pk=member.pk))
    hold = ErasureHold.objects.select_related("by").filter(member=member).first()
    is_nobody = not leavers and not hold and member.periods.exists()
    if is_nobody:
        return None
    plans = retention.plans(members=leavers, on=on, at=timezone.now())
    return MemberPanel(
        order=800,
        anchor="erasure",
        heading=_("Erasure"),
        template="membership/office/panels/erasure.html",
        context={
            "plan": plans[0] if plans else None,
            "hold": hold,
            "asked": ErasureRequest.objects.filter(member=member).first(),
            "may_hold": request.user.has_perm(RIGHT),
        },
        permission="membership.change_member",
    )
