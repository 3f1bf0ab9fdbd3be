"""Saved lists in the office: keep the one on the screen, find it again, rename, share, delete."""

from abc import ABC, abstractmethod
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from core.errors import Refused
from core.models import User
from membership import saved_lists
from membership.form_fields import LineField
from membership.models import Member, SavedList
from membership.office.record_screens import show_refusal

# Part of an address, but not of what a list is.
NOT_KEPT = ("p", "_w_filter_fragment")


class ListForm(forms.Form):
    """A list's name, and who sees it."""

    name = LineField(label=gettext_lazy("Name"), limit=80)
    is_shared = forms.BooleanField(
        label=gettext_lazy("Share with the office"), required=False,
        help_text=gettext_lazy("Everybody who may see the registry finds it. Only you can change it."),
    )  # fmt: skip


class ListScreen(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """What the screens of saved lists have in common."""

    model = Member
    any_permission_required = ["view"]
    header_icon = "pin"
    request: HttpRequest

    @property
    def user(self) -> User:
        """Who is at the screen."""
        return cast("User", self.request.user)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("members:index"), "label": _("Registry")},
            {"url": reverse("members:saved_lists"), "label": _("Saved lists")},
        ]


class SavedListsView(ListScreen, TemplateView):
    """One's own lists and the shared ones."""

    page_title = gettext_lazy("Saved lists")
    template_name = "membership/office/saved_lists.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lists = SavedList.objects.seen_by(self.user).select_related("owner")
        return super().get_context_data(lists=lists, user=self.user, **kwargs)


class ListFormView(ListScreen, FormView, ABC):
    """A form about one list, in the shape of every other form of the office."""

    form_class: type[forms.Form] = ListForm
    template_name = "membership/office/verb.html"
    needs_second_step = False
    submit_label: str | Promise = gettext_lazy("Save")
    explanation: str | Promise = ""

    @abstractmethod
    def do(self, data: dict[str, Any]) -> str:
        """Do it and return the sentence that says so."""

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            sentence = self.do(form.cleaned_data)
        except Refused as refusal:
            show_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, sentence)
        return redirect(self.after())

    def after(self) -> str:
        """Where one is led."""
        return reverse("members:saved_lists")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        words = {"submit_label": self.submit_label, "back_url": self.after(), "explanation": self.explanation}
        return context | words | {"media": context["form"].media}


class SaveListView(ListFormView):
    """Keep the list one is looking at under a name."""

    page_title = gettext_lazy("Save this list")
    explanation = gettext_lazy(
        "The search, the filters, the columns and the order are kept. The list is always of the day you open it."
    )

    def do(self, data: dict[str, Any]) -> str:
        saved_lists.save(name=data["name"], asked=self._asked().urlencode(), is_shared=data["is_shared"], by=self.user)
        return _("The list “%(name)s” is saved. You find it above the registry.") % data

    def after(self) -> str:
        return f"{reverse('members:index')}?{self._asked().urlencode()}"

    def _asked(self) -> QueryDict:
        asked = self.request.GET.copy()
        for name in NOT_KEPT:
            asked.pop(name, None)
        return asked


class OneListView(ListFormView):
    """Something about one list."""

    saved: SavedList

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.saved = get_object_or_404(SavedList.objects.seen_by(cast("User", request.user)), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_page_subtitle(self) -> str:
        return self.saved.name


class ChangeListView(OneListView):
    """Another name, shared or not."""

    page_title = gettext_lazy("Change list")

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.saved.name, "is_shared": self.saved.is_shared}

    def do(self, data: dict[str, Any]) -> str:
        saved_lists.change(saved=self.saved, by=self.user, **data)
        return _("The list “%(name)s” is saved.") % data


class DeleteListView(OneListView):
    """Take a list away."""

    page_title = gettext_lazy("Delete list")
    form_class = forms.Form
    submit_label = gettext_lazy("Delete")
    explanation = gettext_lazy("Only the list goes. The members on it stay as they are.")

    def do(self, data: dict[str, Any]) -> str:
        saved_lists.delete(saved=self.saved, by=self.user)
        return _("The list “%(name)s” is deleted.") % {"name": self.saved.name}
