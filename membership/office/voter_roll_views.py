"""Voter rolls in the office: the list, one roll with who votes and who does not, freezing, appeals, the file."""

from functools import cached_property
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.panels import ObjectList
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log

from core import exports
from core.models import User
from membership import scope, voter_rolls
from membership.models import Member, VoterRoll, VoterRollAppeal, VoterRollLine
from membership.office import export_log
from membership.office.record_screens import OfficeViewSet, OnlyWhatIsVisible
from membership.office.registry_views import RegistryColumn
from membership.office.verb_views import VerbView
from membership.office.voter_roll_forms import PANELS, AppealForm, DecisionForm, VoterRollForm
from membership.status import LABELS

EXPORT_RIGHT = "membership.export_member"
STRUCK = gettext_lazy("taken off after an appeal")


def why_words(code: str) -> str:
    """Why somebody may not vote, in words."""
    return str(dict(VoterRollLine.Why.choices).get(code, STRUCK))


class VoterRollListView(generic.IndexView):
    """Every roll, the latest meeting first."""

    model = VoterRoll
    page_title = gettext_lazy("Voter rolls")
    any_permission_required = ["view"]
    results_template_name = "membership/office/voter_rolls/results.html"
    verbose_name_plural = gettext_lazy("voter rolls")
    default_ordering = ["-counts_on", "-pk"]
    header_more_buttons: list[Button] = []

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right

    def get_base_queryset(self) -> QuerySet[VoterRoll]:
        return scope.visible_to(self.request.user, VoterRoll.objects.all())

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            RegistryColumn("name", template="voter_roll", label=_("Name")),
            Column("counts_on", label=_("As on"), accessor=lambda roll: roll.counts_on),
            DateColumn("frozen_at", label=_("Frozen")),
        ]


class VoterRollView(OnlyWhatIsVisible, generic.InspectView):
    """One roll: its rule, how many vote, who does not and why, and appeals. Before it is frozen, a preview."""

    model = VoterRoll
    object: VoterRoll
    any_permission_required = ["view"]
    template_name = "membership/office/voter_rolls/roll.html"

    @property
    def header_more_buttons(self) -> list[Button]:
        return []

    def get_page_title(self) -> str:
        return str(self.object)

    def get_page_subtitle(self) -> str:
        return ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        rolls = {"url": reverse("voter_rolls:index"), "label": _("Voter rolls")}
        return [*self.breadcrumbs_items, rolls, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        roll = self.object
        outcome = voter_rolls.count(roll=roll)
        user = self.request.user
        return super().get_context_data(**kwargs) | {
            "roll": roll,
            "outcome": outcome,
            "reasons": [(why, why_words(why), number) for why, number in outcome.left_out.items()],
            "types": [type_.name for type_ in roll.types.all()],
            "statuses": [LABELS[code] for code in roll.statuses if code in LABELS],
            "appeals": roll.appeals.select_related("recorded_by", "decision_recorded_by", "member"),
            "may_change": user.has_perm("membership.change_voterroll"),
            "may_export": user.has_perm(EXPORT_RIGHT),
        }


class RollView(VerbView):
    """Something done with one roll."""

    model = VoterRoll
    object: VoterRoll
    list_title = gettext_lazy("Voter rolls")


class FreezeView(RollView):
    """The roll becomes a copy."""

    page_title = gettext_lazy("Freeze the roll")
    submit_label = gettext_lazy("Freeze the roll")
    needs_second_step = True

    def explanation(self) -> str:
        return _("From then on the roll never changes with the registry: only an appeal that is upheld changes it.")

    def consequences(self, data: dict[str, Any]) -> list[str]:
        outcome = voter_rolls.count(roll=self.object)
        words = {"voting": outcome.voting, "left_out": outcome.all_left_out}
        return [
            _("%(voting)d members may vote.") % words,
            _("%(left_out)d who belonged may not; the reason is kept for each.") % words,
            _("The rule can not be changed afterwards."),
        ]

    def perform(self, data: dict[str, Any]) -> str:
        voter_rolls.freeze(roll=self.object, on=timezone.localdate(), at=timezone.now(), by=self.user)
        return _("The roll is frozen.")


class AppealView(RollView):
    """Somebody says that the roll is wrong."""

    page_title = gettext_lazy("Record an appeal")
    submit_label = gettext_lazy("Record the appeal")
    form_class = AppealForm

    def perform(self, data: dict[str, Any]) -> str:
        made = voter_rolls.appeal(roll=self.object, asked=voter_rolls.Asked(**data), at=timezone.now(), by=self.user)
        return _("The appeal about %(name)s is recorded. The roll is as it was until it is decided.") % {
            "name": made.about
        }


class DecideView(RollView):
    """The decision about one appeal of the roll."""

    page_title = gettext_lazy("Decide on an appeal")
    submit_label = gettext_lazy("Record the decision")
    form_class = DecisionForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.appeal_key = kwargs.pop("appeal")
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def appeal(self) -> VoterRollAppeal:
        return get_object_or_404(self.object.appeals.all(), pk=self.appeal_key)

    def explanation(self) -> str:
        words = {
            "about": self.appeal.about, "wants": self.appeal.get_wants_display(), "by": self.appeal.raised_by,
            "reason": self.appeal.reason,
        }  # fmt: skip
        return _("%(about)s %(wants)s, says %(by)s: %(reason)s") % words

    def perform(self, data: dict[str, Any]) -> str:
        decided = voter_rolls.Decided(
            is_upheld=data["is_upheld"], by=data["by"], on=data["on"], explanation=data["explanation"]
        )
        voter_rolls.decide(appeal=self.appeal, decided=decided, at=timezone.now(), by=self.user)
        return _("The decision is recorded.")


class PeopleView(RollView):
    """Who votes, or who is left out for one reason: by name, with search, 50 a page."""

    permission_required = "view"
    template_name = "membership/office/voter_rolls/people.html"
    ROWS = 50

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        why, text = request.GET.get("why", ""), request.GET.get("q", "").strip()[:80]
        rows: Any = self._rows(why)
        if text:
            rows = rows.filter(last_name__icontains=text) | rows.filter(first_names__icontains=text)
        page = Paginator(rows, self.ROWS).get_page(request.GET.get("p"))
        heading = _("May vote") if why == "" else _("Left out: %(why)s") % {"why": why_words(why)}
        asked = request.GET.copy()
        asked.pop("p", None)
        context = self.get_context_data() | {
            "roll": self.object, "page": page, "why": why, "text": text, "heading": heading, "asked": asked.urlencode(),
        }  # fmt: skip
        return render(request, self.template_name, context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raise PermissionDenied

    def _rows(self, why: str) -> Any:
        if why == "":
            return voter_rolls.voting(roll=self.object)
        left_out: QuerySet[Any] = voter_rolls.left_out(roll=self.object)
        return left_out.filter(why_not="" if why == "struck" else why)

    def get_page_title(self) -> str:
        return str(self.object)

    def perform(self, data: dict[str, Any]) -> str:
        raise PermissionDenied


class CountingFileView(RollView):
    """The file for the counting table: who may vote, by name. Each of them can see that it was taken out."""

    page_title = gettext_lazy("Export for the counting table")
    submit_label = gettext_lazy("Export")
    permission_required = "view"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(EXPORT_RIGHT):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def explanation(self) -> str:
        return _("A line for each who may vote: number, name, place, branch and type. It stands in the log of each.")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        roll = self.object
        if not roll.is_frozen:
            messages.warning(request, _("Freeze the roll first: the counting table needs a list that stands still."))
            return redirect(self.get_success_url())
        members = Member.objects.filter(pk__in=roll.lines.voting().values("member"))
        purpose = _("Voter roll: %(name)s") % {"name": roll.name}
        export_log.record(
            members=members, purpose=purpose, file_type="xlsx", at=timezone.now(), by=cast("User", request.user)
        )
        log(instance=roll, action="membership.voter_roll.exported", user=request.user)
        fields = ("member_number", "last_name", "first_names", "place", "branch_name", "type_name")
        headings = [str(VoterRollLine._meta.get_field(name).verbose_name).capitalize() for name in fields]  # type: ignore[union-attr]
        rows = voter_rolls.voting(roll=roll).values_list(*fields).iterator(chunk_size=1000)
        response = exports.response(
            name=_("voter-roll") + f"-{roll.counts_on:%Y-%m-%d}", format="xlsx", headings=[*headings, _("Voted")],
            rows=([*row, ""] for row in rows),
        )  # fmt: skip
        response["Cache-Control"] = "no-store"
        return response

    def perform(self, data: dict[str, Any]) -> str:
        raise PermissionDenied


class OnlyUnfrozen:
    """The rule of a frozen roll is history."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if VoterRoll.objects.filter(pk=kwargs["pk"], frozen_at__isnull=False).exists():
            raise PermissionDenied
        return cast("HttpResponseBase", super().dispatch(request, *args, **kwargs))  # type: ignore[misc]


class ChangeRollView(OnlyUnfrozen, OnlyWhatIsVisible, generic.EditView):
    """Another rule, while the roll is not frozen."""

    def get_success_url(self) -> str:
        return reverse("voter_rolls:inspect", args=[self.object.pk])


class NewRollView(generic.CreateView):
    """A new roll opens on its preview."""

    def get_success_url(self) -> str:
        return reverse("voter_rolls:inspect", args=[self.object.pk])


class VoterRollViewSet(OfficeViewSet):
    """Voter rolls, reached from the menu of reports."""

    model = VoterRoll
    name = "voter_rolls"
    url_prefix = "voter-rolls"
    icon = "list-ul"
    index_view_class = VoterRollListView
    inspect_view_class = VoterRollView
    add_view_class = NewRollView
    edit_view_class = ChangeRollView
    edit_handler = ObjectList(PANELS, base_form_class=VoterRollForm)

    def extra_urls(self) -> list[URLPattern]:
        return [
            self.record_path("freeze", FreezeView),
            self.record_path("appeal", AppealView),
            self.record_path("people", PeopleView),
            self.record_path("export", CountingFileView),
            path("<int:pk>/appeals/<int:appeal>/", self.construct_view(DecideView), name="decide"),
        ]
