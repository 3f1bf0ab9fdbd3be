"""Something the office does with one record: a form on a page of its own, one story function, back to the record."""

from abc import ABC, abstractmethod
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from core.errors import Refused
from core.models import User
from membership import scope
from membership.office.record_screens import show_refusal


class VerbView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView, ABC):
    """Shows a form, does it, and says what was done. A refusal stands on the form, with what was typed.

    Subclasses name `permission_required` and the words, and write `perform`. With `needs_second_step` the first
    sending only shows what will happen (`consequences`), and the second does it.
    """

    model: type[Model]
    form_class: type[forms.Form] = forms.Form
    template_name = "membership/office/verb.html"
    permission_required = "change"
    list_title: Any = ""
    submit_label: Any = ""
    is_serious = False
    needs_second_step = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.user_has_permission(self.permission_required):
            raise PermissionDenied
        rows = scope.visible_to(request.user, self.model._default_manager.all())
        self.object = get_object_or_404(rows, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def user(self) -> User:
        """Who does it."""
        user = self.request.user
        assert isinstance(user, User)
        return user

    @abstractmethod
    def perform(self, data: dict[str, Any]) -> str:
        """Do it, with the form's cleaned values, and return the sentence that says so."""

    def consequences(self, data: dict[str, Any]) -> list[str]:
        """What will happen, in sentences, for the second step. A refusal stands on the form, as with the deed."""
        return []

    def explanation(self) -> str:
        """What this is, above the form."""
        return ""

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if hasattr(self.form_class, "clean_on"):
            kwargs["on"] = timezone.localdate()
        return kwargs

    def get_form(self, form_class: type[forms.Form] | None = None) -> forms.Form:
        form: forms.Form = super().get_form(form_class)
        scope.narrow_form(form, self.request.user)
        return form

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            if self.needs_second_step and "confirmed" not in self.request.POST:
                context = self.get_context_data(form=form, consequences=self.consequences(form.cleaned_data))
                return self.render_to_response(context)
            text = self.perform(form.cleaned_data)
        except Refused as refusal:
            show_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, text)
        return redirect(self.get_success_url())

    def get_success_url(self) -> str:
        return self.came_from()

    def came_from(self) -> str:
        """Where to go afterwards, and on second thoughts: the page that led here (`next`), else the record's own."""
        wanted: str = self.request.GET.get("next", "")
        if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
            return wanted
        return reverse(f"{self.namespace}:inspect", args=[self.object.pk])

    @property
    def namespace(self) -> str:
        """Where the record's own page is."""
        return self.request.resolver_match.namespace if self.request.resolver_match else ""

    def list_url(self) -> str:
        """The list that the record is on."""
        return reverse(f"{self.namespace}:index")

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": self.list_url(), "label": self.list_title},
            {"url": reverse(f"{self.namespace}:inspect", args=[self.object.pk]), "label": str(self.object)},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "object": self.object,
            "explanation": self.explanation(),
            "submit_label": self.submit_label or _("Save"),
            "back_url": self.came_from(),
            "media": context["form"].media,
        }
