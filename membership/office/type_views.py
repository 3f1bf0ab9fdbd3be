"""Membership types and consent texts in the office."""

from functools import cached_property
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, Panel
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import BaseColumn, Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets import AdminDateInput

from core import money
from membership import checks
from membership.models import ConsentText, MembershipType
from membership.office import consent_texts
from membership.office.record_screens import YesColumn

TYPE_PANELS: list[Panel] = [
    MultiFieldPanel(
        [
            FieldRowPanel([FieldPanel("code"), FieldPanel("kind")]),
            FieldRowPanel([FieldPanel("name_nb"), FieldPanel("name_en")]),
            FieldPanel("text_nb"),
            FieldPanel("text_en"),
            FieldPanel("order"),
        ],
        heading=gettext_lazy("Name"),
    ),
    MultiFieldPanel(
        [
            HelpPanel(
                gettext_lazy(
                    "A new price counts for memberships opened from now on. Those that are opened, and invoices that"
                    " are sent, keep the price they have."
                )
            ),
            FieldRowPanel([FieldPanel("price"), FieldPanel("vat_percent"), FieldPanel("branch_percent")]),
            FieldRowPanel([FieldPanel("frequency"), FieldPanel("term")]),
            FieldPanel("notice_days"),
        ],
        heading=gettext_lazy("Price and term"),
    ),
    MultiFieldPanel(
        [
            FieldPanel("is_selectable"),
            FieldPanel("is_given_at_signup"),
            FieldRowPanel([FieldPanel("is_for_organisations"), FieldPanel("seats")]),
            FieldPanel("has_vote"),
        ],
        heading=gettext_lazy("Who gets it"),
    ),
    MultiFieldPanel(
        [
            FieldPanel("converts_to"),
            FieldRowPanel([FieldPanel("age_from"), FieldPanel("age_to")]),
            FieldPanel("ages_into"),
        ],
        heading=gettext_lazy("What it becomes"),
    ),
    MultiFieldPanel(
        [
            FieldPanel("late_from"),
            FieldRowPanel([FieldPanel("late_factor"), FieldPanel("late_price")]),
            FieldPanel("late_runs_to_next_year"),
        ],
        heading=gettext_lazy("Joining late in the year"),
    ),
]


class TypeForm(WagtailAdminModelForm):
    """A type. Amounts and percentages are written as the reader writes them, 50,50 in Norwegian."""

    class Meta:
        model = MembershipType
        fields: list[str] = []
        localized_fields = ("price", "late_price", "late_factor", "vat_percent", "branch_percent")


class TypeListView(generic.IndexView):
    """The types in the organisation's order, as the old registers' tables show them."""

    model = MembershipType
    page_title = gettext_lazy("Membership types")
    any_permission_required = ["view"]
    default_ordering = ["order", "code"]
    is_searchable = False

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column_class(TitleColumn)("name", label=_("Name"), get_url=self.get_edit_url),
            Column("code", label=_("Code")),
            Column("price", label=_("Price"), accessor=lambda type_: money.formatted(type_.price)),
            Column("kind", label=_("Kind"), accessor="get_kind_display"),
            Column("notice_days", label=_("W")),
            YesColumn("is_given_at_signup", label=_("si")),
            Column("converts_to", label=_("conv."), accessor=lambda type_: getattr(type_.converts_to, "code", "")),
            YesColumn("is_selectable", label=_("sel.")),
        ]

    def get_base_queryset(self) -> Any:
        return MembershipType.objects.select_related("converts_to")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What cannot work together is said above the table, until it is mended."""
        types = MembershipType.objects.select_related("converts_to", "ages_into")
        for _id, what, remedy in checks.problems([checks.row_of(type_) for type_ in types]):
            messages.warning(request, f"{what} {remedy}")
        return super().get(request, *args, **kwargs)


class ConsentTextListView(generic.IndexView):
    """Every version of every text, the newest first within each."""

    model = ConsentText
    page_title = gettext_lazy("Consent texts")
    add_item_label = gettext_lazy("Write a text")
    any_permission_required = ["view"]
    default_ordering = ["purpose", "channel", "language", "-version"]
    is_searchable = False

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column_class(TitleColumn)(
                "text", label=_("Text"), get_url=lambda row: reverse("consent_texts:inspect", args=[row.pk])
            ),
            Column("purpose", label=_("Purpose"), accessor="get_purpose_display"),
            Column("channel", label=_("Channel"), accessor="get_channel_display"),
            Column("language", label=_("Language")),
            Column("version", label=_("Version")),
            YesColumn("is_required", label=_("Required")),
            Column("valid_from", label=_("Valid from")),
        ]

    def get_list_more_buttons(self, instance: ConsentText) -> list[MenuItem]:
        if not self.user_has_permission("add"):
            return []
        address = f"{reverse('consent_texts:add')}?from={instance.pk}"
        return [MenuItem(_("Write a new version"), url=address, icon_name="edit", priority=10)]


class ConsentTextForm(forms.ModelForm):
    """A new version of a text. The version's number follows by itself."""

    language = forms.ChoiceField(label=gettext_lazy("language"), choices=lambda: settings.LANGUAGES)

    class Meta:
        model = ConsentText
        fields = ["purpose", "channel", "language", "text", "is_required", "valid_from"]
        widgets = {"valid_from": AdminDateInput, "text": forms.Textarea(attrs={"rows": 4})}


class ConsentTextAddView(generic.CreateView):
    """Writing a new text, or a new version of one."""

    model = ConsentText
    page_title = gettext_lazy("Write a consent text")
    submit_button_label = gettext_lazy("Publish")
    submit_button_active_label = gettext_lazy("Publishing …")

    def get_page_subtitle(self) -> str:
        return ""

    def get_initial(self) -> dict[str, Any]:
        """The older version's words to begin with; valid from today."""
        initial = {"valid_from": timezone.localdate()}
        old = self.request.GET.get("from", "")
        row = ConsentText.objects.filter(pk=old).first() if old.isdecimal() else None
        if row:
            initial |= {name: getattr(row, name) for name in ("purpose", "channel", "language", "text", "is_required")}
        return initial

    def form_valid(self, form: ConsentTextForm) -> HttpResponse:
        row = consent_texts.publish(**form.cleaned_data, by=self.request.user)
        messages.success(self.request, _("Version %(version)s is published.") % {"version": row.version})
        return redirect("consent_texts:index")


class ConsentTextView(generic.InspectView):
    """One version, whole."""

    model = ConsentText
    any_permission_required = ["view"]
    page_title = gettext_lazy("Consent text")
    header_more_buttons: list[Any] = []

    def get_page_subtitle(self) -> str:
        return f"{self.object.get_purpose_display()} {self.object.version}"
