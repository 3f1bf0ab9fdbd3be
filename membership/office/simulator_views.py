"""The simulator in the office: what is tried, how far the counting is, what came out, and who changes as a file."""

from decimal import Decimal
from functools import cached_property
from itertools import batched
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from core import exports, money
from core.models import User
from membership import simulator_runs, tasks
from membership.fields import may_see_office_fields
from membership.models import Member, MembershipType, Simulation
from membership.office import export_log
from membership.office.number_views import Cell, Table, bar
from membership.office.simulator_forms import SimulatorForm
from membership.simulator import Outcome, Sums
from membership.simulator_runs import Changed


def may_simulate(user: Any) -> bool:
    """Whether the log-in may try other rules."""
    return bool(user.has_perm("membership.change_membershiptype")) and may_see_office_fields(user)


class _SimulatorView(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """For those who may change types: what they try is what they could do. It tells of own prices and conversions,
    which only those with the right may know."""

    model = MembershipType
    permission_required = "change"
    page_title = gettext_lazy("Simulator")
    header_icon = "cogs"
    request: HttpRequest

    def user_has_permission(self, permission: str) -> bool:
        return may_simulate(self.request.user) and bool(super().user_has_permission(permission))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    @property
    def user(self) -> User:
        return cast("User", self.request.user)


class SimulatorView(_SimulatorView, FormView):
    """What to try."""

    form_class = SimulatorForm
    template_name = "membership/office/simulator.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"year": timezone.localdate().year + 1}

    def form_valid(self, form: SimulatorForm) -> HttpResponseBase:  # type: ignore[override]
        run = simulator_runs.start(
            proposal=form.proposal, today=timezone.localdate(), at=timezone.now(), by=self.user
        )  # fmt: skip
        tasks.carry_on_with_simulation.enqueue(run.pk)
        return redirect("simulation", run.key)


class SimulationView(_SimulatorView, TemplateView):
    """What came out. Only who asked sees it, for a day."""

    template_name = "membership/office/simulation.html"

    @cached_property
    def run(self) -> Simulation:
        run = simulator_runs.found(key=self.kwargs["key"], user=self.user, at=timezone.now())
        if run is None:
            raise Http404
        return run

    @cached_property
    def sums(self) -> Sums:
        return Sums(**self.run.sums)

    @cached_property
    def names(self) -> dict[str, str]:
        """What the types are called, by key; none is no membership."""
        return {"None": _("No membership")} | {str(row.pk): row.name for row in MembershipType.objects.all()}

    def _shown(self, outcome: Outcome) -> tuple[str, str]:
        """The type's name and the price, as the page shows them."""
        return self.name_of(outcome), money.formatted(outcome.price) if outcome.type_id else ""

    def name_of(self, outcome: Outcome) -> str:
        return self.names[str(outcome.type_id)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {
            "run": self.run,
            "sums": self.sums,
            "again_url": reverse("simulator"),
        }
        if not self.run.is_done:
            return context
        sums = self.sums
        rows = simulator_runs.examples(run=self.run, user=self.user)
        return context | {
            "table": self._table(),
            "difference": money.formatted(self._total(sums.proposed) - self._total(sums.present)),
            "moves": [
                (self.names[old], self.names[new], number)
                for move, number in sorted(sums.moves.items(), key=lambda pair: -pair[1])
                for old, new in [move.split()]
            ],
            "rows": [(row, self._shown(row.present), self._shown(row.proposed)) for row in rows],
            "more": sums.changed - len(rows),
            "may_export": self.user.has_perm("membership.export_member"),
        }  # fmt: skip

    def _total(self, sums: dict[str, list[str]]) -> Decimal:
        return sum((Decimal(amount) for _number, amount in sums.values()), money.ZERO)

    def _table(self) -> Table:
        sums = self.sums
        highest = max((int(pair[0]) for pair in [*sums.present.values(), *sums.proposed.values()]), default=0)
        nothing = ["0", "0"]
        rows = [
            [
                Cell(value=name), Cell(value=sums.now.get(key, 0)),
                *_cells(sums.present.get(key, nothing), highest), *_cells(sums.proposed.get(key, nothing), highest),
            ]
            for key, name in self.names.items() if key in sums.now or key in sums.present or key in sums.proposed
        ]  # fmt: skip
        headings = [
            _("Membership type"), _("Members now"), _("As the rules are"), _("Sum"), _("As proposed"),
            _("Sum proposed"),
        ]  # fmt: skip
        totals = [sums.members, sums.members, money.formatted(self._total(sums.present)), sums.members,
                  money.formatted(self._total(sums.proposed))]  # fmt: skip
        return Table(headings=headings, rows=rows, sums=[_("All"), *totals])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Who changes, as a file of what was counted; it stands in each one's log before the first row is written."""
        if not self.run.is_done:
            raise Http404
        if not request.user.has_perm("membership.export_member"):
            raise PermissionDenied
        purpose = _("Simulation of %(year)d") % {"year": self.run.year}
        keys = (row.member.pk for row in simulator_runs.changed(run=self.run, user=self.user))
        for batch in batched(keys, export_log.ROWS_AT_ONCE):
            export_log.record(
                members=Member.objects.filter(pk__in=batch), purpose=purpose, file_type="xlsx", at=timezone.now(),
                by=self.user,
            )  # fmt: skip
        headings = [
            _("Member number"), _("Surname"), _("First names"), _("As the rules are"), _("Price"), _("As proposed"),
            _("Price proposed"), _("Why"),
        ]  # fmt: skip
        response = exports.response(
            name=_("simulation") + f"-{self.run.year}", format="xlsx", headings=headings,
            rows=map(self._file_row, simulator_runs.changed(run=self.run, user=self.user)),
        )  # fmt: skip
        response["Cache-Control"] = "no-store"
        return response

    def _file_row(self, row: Changed) -> list[Any]:
        member = row.member
        return [
            member.member_number, member.last_name, member.first_names, self.name_of(row.present), row.present.price,
            self.name_of(row.proposed), row.proposed.price, row.proposed.why,
        ]  # fmt: skip


def _cells(pair: list[str], highest: int) -> list[Cell]:
    """How many, with a bar, and how much."""
    number = int(pair[0])
    return [Cell(value=number, bar=bar(number, highest)), Cell(value=money.formatted(Decimal(pair[1])))]


urlpatterns = [
    path("reports/simulator/", SimulatorView.as_view(), name="simulator"),
    path("reports/simulator/<str:key>/", SimulationView.as_view(), name="simulation"),
]
