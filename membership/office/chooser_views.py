"""Choosing a member in the office: a search box in a dialog, for payers, recruiters and households."""

from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.chooser import (
    BaseChooseView,
    ChooseResultsViewMixin,
    ChooseViewMixin,
    ChosenMultipleView,
    ChosenView,
    CreationFormMixin,
)
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets.chooser import BaseChooser

from membership import scope
from membership.models import Member
from membership.models.member_queries import MemberQuerySet
from membership.office.record_screens import OnlyWhatIsVisible


class OnlyThoseWhoMayLook:
    """Wagtail opens its dialogs to everybody in the office; the registry is for those with the right to view it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm("membership.view_member"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class MemberSearch(BaseFilterForm):
    """The search box of the dialog: the registry's own search."""

    q = forms.CharField(
        label=_("Search"), required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Name, number, e-mail, phone or address")}),
    )  # fmt: skip

    def filter(self, objects: MemberQuerySet) -> MemberQuerySet:
        text = self.cleaned_data.get("q", "")
        self.is_searching, self.search_query = bool(text), text
        return objects.found_by(text) if text else objects


class MemberDialog(OnlyThoseWhoMayLook, CreationFormMixin, BaseChooseView):
    """What the dialog and its list of hits have in common."""

    filter_form_class = MemberSearch

    def get_object_list(self) -> MemberQuerySet:
        rows: MemberQuerySet = scope.visible_to(self.request.user, super().get_object_list())
        return rows

    @property
    def columns(self) -> list[Column]:
        name = self.title_column
        name.label = _("Name")
        return [
            name,
            Column("member_number", label=_("Number")),
            Column("born_on", label=_("Date of birth")),
            Column("place", label=_("Place")),
        ]


class ChooseMemberView(ChooseViewMixin, MemberDialog):
    """The dialog."""


class ChooseMemberResultsView(ChooseResultsViewMixin, MemberDialog):
    """Its list of hits, as one types."""


class ChosenMemberView(OnlyThoseWhoMayLook, OnlyWhatIsVisible, ChosenView):
    """The answer when one is chosen."""


class ChosenMembersView(OnlyThoseWhoMayLook, ChosenMultipleView):
    """The answer when several are chosen."""

    def get_objects(self, pks: list[str]) -> MemberQuerySet:
        rows: MemberQuerySet = scope.visible_to(self.request.user, super().get_objects(pks))
        return rows


class MemberWidget(BaseChooser):
    """The widget. What was sent and is not allowed is not named on the page that says so."""

    shown_to: Any = None

    def get_value_data(self, value: Any) -> dict[str, Any] | None:
        data: dict[str, Any] | None = super().get_value_data(value)
        if data is None or self.shown_to is None:
            return data
        return data if scope.is_visible(self.shown_to, Member(pk=data["id"])) else None


class MemberChooserViewSet(ChooserViewSet):
    """Chooses a member; the widget of every form field that points to one."""

    model = Member
    name = "member_chooser"
    url_prefix = "choose-member"
    icon = "user"
    choose_one_text = _("Choose a member")
    choose_another_text = _("Choose another member")
    edit_item_text = _("Open this member")
    choose_view_class = ChooseMemberView
    choose_results_view_class = ChooseMemberResultsView
    chosen_view_class = ChosenMemberView
    chosen_multiple_view_class = ChosenMembersView
    base_widget_class = MemberWidget

    @cached_property
    def menu_url(self) -> str | None:
        return None

    def get_urlpatterns(self) -> list[Any]:
        """Members are never created in the dialog: a member is registered with all that belongs to it."""
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "create"]


member_chooser = MemberChooserViewSet()
