"""Possible duplicates in the office: the list, two entries side by side, and what to do with them."""

from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import Button

from core.errors import Refused
from membership import duplicates, merging, scope
from membership.fields import editable_by
from membership.likeness import WORDS
from membership.models import DuplicatePair, Member, Merge
from membership.models.duplicates import DuplicatePairQuerySet
from membership.office.duplicate_forms import MergeForm, TwoEntriesForm, in_words
from membership.office.record_screens import OnlyWhatIsVisible, show_refusal
from membership.office.registry_views import RegistryColumn
from membership.office.verb_views import VerbView
from membership.status import status_of

OPEN, DISMISSED = "open", "dismissed"


class DuplicateFilters(WagtailFilterSet):
    """What the list can be narrowed down to. Without a choice it shows those somebody should look at."""

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), method="in_state", empty_label=None, widget=forms.RadioSelect,
        choices=[(OPEN, gettext_lazy("To look at")), (DISMISSED, gettext_lazy("Not the same"))],
    )  # fmt: skip
    at_least = django_filters.ChoiceFilter(
        label=gettext_lazy("Score"), field_name="score", lookup_expr="gte", empty_label=gettext_lazy("All"),
        choices=[(90, gettext_lazy("90 or more")), (75, gettext_lazy("75 or more"))], widget=forms.RadioSelect,
    )  # fmt: skip
    reason = django_filters.ChoiceFilter(
        label=gettext_lazy("Reason"), method="for_reason", empty_label=gettext_lazy("All"), widget=forms.RadioSelect,
        choices=list(WORDS.items()),
    )  # fmt: skip

    class Meta:
        model = DuplicatePair
        fields: list[str] = []

    def filter_queryset(self, queryset: DuplicatePairQuerySet) -> DuplicatePairQuerySet:
        rows: DuplicatePairQuerySet = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.open()

    def in_state(self, rows: DuplicatePairQuerySet, name: str, state: str) -> DuplicatePairQuerySet:
        return rows.dismissed() if state == DISMISSED else rows.open()

    def for_reason(self, rows: DuplicatePairQuerySet, name: str, reason: str) -> DuplicatePairQuerySet:
        """The reasons are few words in a list, so that looking for one in quotes is enough on both databases."""
        return rows.filter(reasons__icontains=f'"{reason}"')


class DuplicateListView(generic.IndexView):
    """Those who may be in the registry twice, the surest first."""

    model = DuplicatePair
    page_title = gettext_lazy("Possible duplicates")
    results_template_name = "membership/office/duplicates/results.html"
    any_permission_required = ["view"]
    filterset_class = DuplicateFilters
    verbose_name_plural = gettext_lazy("possible duplicates")
    is_searchable = True
    default_ordering = ["-score", "pk"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons = [Button(_("Merges"), url=reverse("merges:index"), icon_name="history", priority=90)]
        if self.user_has_permission("change"):
            compare = Button(_("Compare two others"), url=reverse("duplicates:compare"), icon_name="plus", priority=80)
            return [compare, *buttons]
        return buttons

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            RegistryColumn("names", template="duplicate", label=_("Entries")),
            Column("score", label=_("Score")),
            Column("why", label=_("Reason")),
            DateColumn("found_at", label=_("Found")),
            RegistryColumn("said", template="duplicate_said", label=_("Not the same")),
        ]

    def get_base_queryset(self) -> DuplicatePairQuerySet:
        rows = DuplicatePair.objects.select_related("first", "second", "dismissed_by")
        return scope.visible_to(self.request.user, rows)

    def search_queryset(self, queryset: DuplicatePairQuerySet) -> DuplicatePairQuerySet:
        if not self.is_searching:
            return queryset
        found = Member.objects.found_by(self.search_query).values("pk")
        return queryset.filter(Q(first__in=found) | Q(second__in=found))


class DuplicateView(OnlyWhatIsVisible, generic.InspectView):
    """Two entries side by side: what is the same, and what differs. Looking is logged on both by their own pages."""

    model = DuplicatePair
    object: DuplicatePair
    any_permission_required = ["view"]
    template_name = "membership/office/duplicates/pair.html"
    header_more_buttons: list[Button] = []

    def get_page_title(self) -> str:
        return _("%(one)s and %(other)s") % {"one": self.object.first, "other": self.object.second}

    def get_page_subtitle(self) -> str:
        return ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": self.get_page_title()}
        return [*self.breadcrumbs_items, {"url": reverse("duplicates:index"), "label": _("Possible duplicates")}, here]

    def get_fields_context(self) -> list[dict[str, Any]]:
        """Wagtail's own list of fields is not shown."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on, pair = timezone.localdate(), self.object
        entries = [pair.first, pair.second]
        rows = []
        for name in editable_by(self.request.user):
            values = [getattr(entry, name) for entry in entries]
            if any(value not in (None, "") for value in values):
                label = Member._meta.get_field(name).verbose_name  # type: ignore[union-attr]
                words = [in_words(name, value) for value in values]
                rows.append({"label": label, "values": words, "is_same": values[0] == values[1]})
        return super().get_context_data(**kwargs) | {
            "pair": pair,
            "entries": [(entry, status_of(member=entry, on=on)) for entry in entries],
            "rows": rows,
            "may_change": self.user_has_permission("change"),
        }


class DuplicateVerbView(VerbView):
    """Something done with a pair."""

    model = DuplicatePair
    object: DuplicatePair
    list_title = gettext_lazy("Possible duplicates")

    def get_success_url(self) -> str:
        return reverse("duplicates:index")


class NotTheSameView(DuplicateVerbView):
    """They are two. The pair is not shown again."""

    page_title = gettext_lazy("Not the same")
    submit_label = gettext_lazy("They are not the same")

    def explanation(self) -> str:
        return _("It is remembered for ever, with your name: these two are not suggested again.")

    def perform(self, data: dict[str, Any]) -> str:
        duplicates.dismiss(pair=self.object, at=timezone.now(), by=self.user)
        return _("%(one)s and %(other)s are not the same.") % _names(self.object)


class LookAgainView(DuplicateVerbView):
    """They may be the same after all."""

    page_title = gettext_lazy("Look again")
    submit_label = gettext_lazy("Put on the list again")

    def perform(self, data: dict[str, Any]) -> str:
        duplicates.reopen(pair=self.object, by=self.user)
        return _("%(one)s and %(other)s are on the list again.") % _names(self.object)


def _names(pair: DuplicatePair) -> dict[str, str]:
    return {"one": pair.first.full_name, "other": pair.second.full_name}


class MergeView(DuplicateVerbView):
    """Two entries become one: first the choices, then what will happen, then it is done."""

    form_class = MergeForm
    page_title = gettext_lazy("Merge")
    submit_label = gettext_lazy("Merge")
    needs_second_step = True
    merge: Merge

    def explanation(self) -> str:
        return _("Choose which entry stays, and for each difference which value is right. Everything that belongs to "
                 "either of them, belongs to the one that stays.")  # fmt: skip

    def get_form_kwargs(self) -> dict[str, Any]:
        on, pair = timezone.localdate(), self.object
        suggested = merging.better_one(one=pair.first, other=pair.second, on=on)
        other = pair.second if suggested == pair.first else pair.first
        return super().get_form_kwargs() | {"suggested": suggested, "other": other, "by": self.user}

    def consequences(self, data: dict[str, Any]) -> list[str]:
        return self.plan.sentences

    def form_valid(self, form: MergeForm) -> HttpResponse:  # type: ignore[override]
        self.form = form
        try:
            self.plan = merging.plan(
                kept=form.kept, absorbed=form.absorbed, choices=form.choices(), on=timezone.localdate(), by=self.user
            )
        except Refused as refusal:
            show_refusal(form, refusal)
            return self.form_invalid(form)
        return super().form_valid(form)

    def perform(self, data: dict[str, Any]) -> str:
        name, number = self.form.absorbed.full_name, self.form.absorbed.member_number
        self.merge = merging.merge(
            kept=self.form.kept, absorbed=self.form.absorbed, choices=self.form.choices(), on=timezone.localdate(),
            at=timezone.now(), by=self.user,
        )  # fmt: skip
        return _("%(name)s (%(number)s) has been merged into %(kept)s.") % {
            "name": name, "number": number, "kept": self.merge.kept_number,
        }  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("merges:inspect", args=[self.merge.pk])


class CompareView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Two entries that the machine has not found: the office says which."""

    model = DuplicatePair
    form_class = TwoEntriesForm
    template_name = "membership/office/verb.html"
    page_title = gettext_lazy("Compare two entries")
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.user_has_permission("change"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """Who was being looked at, when one comes from a member's page."""
        asked = self.request.GET.get("one", "")
        members = scope.visible_to(self.request.user, Member.objects.all())
        one = members.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 12 else None
        return {"one": one.pk} if one else {}

    def get_form(self, form_class: type[TwoEntriesForm] | None = None) -> TwoEntriesForm:
        form: TwoEntriesForm = super().get_form(form_class)
        scope.narrow_form(form, self.request.user)
        return form

    def form_valid(self, form: TwoEntriesForm) -> HttpResponse:
        try:
            pair = duplicates.put_together(
                one=form.cleaned_data["one"], other=form.cleaned_data["other"], at=timezone.now()
            )
        except Refused as refusal:
            show_refusal(form, refusal)
            return self.form_invalid(form)
        if pair.dismissed_at:
            messages.warning(self.request, _("Somebody has said that these two are not the same."))
        return redirect("duplicates:inspect", pair.pk)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("duplicates:index"), "label": _("Possible duplicates")},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "submit_label": _("Compare"),
            "back_url": reverse("duplicates:index"),
            "media": context["form"].media,
        }
