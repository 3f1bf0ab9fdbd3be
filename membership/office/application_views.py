"""Applications in the office: who waits, who they might be already, and the office's yes or no."""

from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button

from membership import applications, scope
from membership.form_fields import LineField
from membership.models import Application
from membership.office.record_screens import OnlyWhatIsVisible
from membership.office.registry_views import RegistryColumn
from membership.office.verb_views import VerbView
from membership.status import status_of

TONES = {
    Application.State.AWAITING_APPROVAL: "info",
    Application.State.JOINED: "good",
}


class ApplicationFilters(WagtailFilterSet):
    """What the applications can be narrowed down to."""

    state = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("State"), choices=Application.State.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Application
        fields: list[str] = []


class ApplicationListView(generic.IndexView):
    """Every joining form that came in, the newest first."""

    model = Application
    page_title = gettext_lazy("Applications")
    results_template_name = "membership/office/application_results.html"
    any_permission_required = ["view"]
    filterset_class = ApplicationFilters
    verbose_name_plural = gettext_lazy("applications")
    is_searchable = True
    search_fields = ["name", "email", "reference"]
    default_ordering = ["-sent_at", "-pk"]
    header_more_buttons: list[Button] = []

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            RegistryColumn("name", template="application", label=_("Name")),
            Column("reference", label=_("Reference")),
            RegistryColumn("state", template="application_state", label=_("State"), accessor=_with_tone),
            Column("wanted_type", label=_("Wanted type"), accessor="wanted_type.name"),
            DateColumn("sent_at", label=_("Sent")),
        ]

    def get_base_queryset(self) -> QuerySet[Application]:
        rows = scope.visible_to(self.request.user, Application.objects.select_related("wanted_type"))
        return rows.annotate(duplicates=Count("possible_duplicates"))


def _with_tone(application: Application) -> dict[str, Any]:
    return {"label": application.get_state_display(), "tone": TONES.get(Application.State(application.state), "quiet")}


class ApplicationView(OnlyWhatIsVisible, generic.InspectView):
    """One application: what was typed, and beside it those in the registry who may be the same."""

    model = Application
    any_permission_required = ["view"]
    template_name = "membership/office/application.html"
    header_more_buttons: list[Button] = []

    def get_page_title(self) -> str:
        return self.object.name or self.object.reference

    def get_page_subtitle(self) -> str:
        return ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": self.get_page_title()}
        return [*self.breadcrumbs_items, {"url": reverse("applications:index"), "label": _("Applications")}, here]

    def get_fields_context(self) -> list[dict[str, Any]]:
        """Wagtail's own list of fields is not shown."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = timezone.localdate()
        application = self.object
        people = applications.people_of(application)
        if application.state == Application.State.JOINED:
            alike = application.possible_duplicates.all()
        else:
            alike = applications.possible_duplicates(people=people)
        alike = scope.visible_to(self.request.user, alike)
        return super().get_context_data(**kwargs) | {
            "application": application,
            "state": _with_tone(application),
            "people": people,
            "consents": applications.consents_of(application),
            "duplicates": [
                (member, status_of(member=member, on=on)) for member in alike.prefetch_related("periods__type")[:10]
            ],
            "awaits_office": application.state == Application.State.AWAITING_APPROVAL,
            "awaits_email": application.state == Application.State.UNCONFIRMED,
            "may_change": self.user_has_permission("change"),
        }


class RefusalForm(forms.Form):
    """Why the office says no, and what it wants to tell the applicant."""

    reason = LineField(
        limit=250,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Stands in the log. It is not sent to the applicant."),
    )
    words = forms.CharField(
        required=False,
        max_length=2000,
        label=gettext_lazy("Words to the applicant (optional)"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Stands in the e-mail, between thanks for the interest and how to ask."),
    )


class ApplicationVerbView(VerbView):
    """Something done with one application."""

    model = Application
    object: Application
    list_title = gettext_lazy("Applications")


class ApproveView(ApplicationVerbView):
    """The office says yes: they are members from today."""

    page_title = gettext_lazy("Approve")
    submit_label = gettext_lazy("Approve")

    def perform(self, data: dict[str, Any]) -> str:
        applications.approve(application=self.object, at=timezone.now(), by=self.user)
        return _("%(name)s is a member now.") % {"name": self.object.name}


class RefuseView(ApplicationVerbView):
    """The office says no."""

    page_title = gettext_lazy("Refuse")
    submit_label = gettext_lazy("Refuse")
    form_class = RefusalForm
    is_serious = True

    @property
    def is_told(self) -> bool:
        """Only an address that somebody has confirmed is written to."""
        return self.object.confirmed_at is not None

    def explanation(self) -> str:
        if self.is_told:
            return _("The applicant gets a short e-mail with thanks and the answer no.")
        return _("The e-mail address has never been confirmed, so no e-mail is sent.")

    def get_form(self, form_class: type[forms.Form] | None = None) -> forms.Form:
        form = super().get_form(form_class)
        if not self.is_told:
            del form.fields["words"]
        return form

    def perform(self, data: dict[str, Any]) -> str:
        applications.refuse(
            application=self.object, at=timezone.now(), by=self.user, reason=data["reason"],
            words=data.get("words", ""),
        )  # fmt: skip
        return _("The application of %(name)s is refused.") % {"name": self.object.name}
