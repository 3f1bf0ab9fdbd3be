"""One member in the office: looked at, registered and changed. What ends a membership is in office/leaving_views.py."""

from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log

from core.errors import Refused
from membership import members, scope
from membership.applications import possible_duplicates
from membership.fields import may_see_office_fields
from membership.models import Member
from membership.office import last_list
from membership.office.forms import MemberForm, RegisterForm
from membership.office.panels import member_panels
from membership.office.record_screens import OnlyWhatIsVisible, show_refusal
from membership.office.registering import register
from membership.status import status_of


class MemberView(OnlyWhatIsVisible, generic.InspectView):
    """Everything about one member on one screen. Looking leaves a line in the log, without values."""

    model = Member
    any_permission_required = ["view"]
    template_name = "membership/office/member.html"

    def get_object(self, queryset: QuerySet[Member] | None = None) -> Member:
        return super().get_object(
            Member.objects.select_related("household__main_member", "user", "payer", "recruited_by", "campaign")
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": self.object.full_name}
        return [*self.breadcrumbs_items, {"url": last_list.address(self.request), "label": _("Registry")}, here]

    def get_page_title(self) -> str:
        return self.object.full_name

    def get_page_subtitle(self) -> str:
        return ""

    header_more_buttons: list[Button] = []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = timezone.localdate()
        member = self.object
        log(instance=member, action="membership.member.viewed", user=self.request.user)
        context = super().get_context_data(**kwargs)
        return context | {
            "member": member,
            "on": on,
            "status": status_of(member=member, on=on),
            "list_url": last_list.address(self.request),
            "panels": [
                (panel, panel.render(request=self.request, member=member, on=on))
                for panel in member_panels(request=self.request, member=member, on=on)
            ],
            "may_change": self.user_has_permission("change"),
            "may_add": self.user_has_permission("add"),
            "may_choose_payer": may_see_office_fields(self.request.user),
            "may_merge": self.request.user.has_perm("membership.change_duplicatepair"),
        }

    def get_fields_context(self) -> list[dict[str, Any]]:
        """Wagtail's own list of fields is not shown."""
        return []


class MemberEditView(OnlyWhatIsVisible, generic.EditView):
    """Changing an entry, through `members.change`. What was typed is kept when it is refused."""

    model = Member
    form: MemberForm
    page_title = gettext_lazy("Edit")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"on": timezone.localdate()}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": last_list.address(self.request), "label": _("Registry")},
            {"url": reverse("members:inspect", args=[self.object.pk]), "label": self.page_subtitle_text},
            {"url": "", "label": _("Edit")},
        ]

    @cached_property
    def page_subtitle_text(self) -> str:
        """The name as it is stored, not as it is being typed."""
        return Member.objects.get(pk=self.object.pk).full_name

    def get_page_subtitle(self) -> str:
        return self.page_subtitle_text

    def get_side_panels(self) -> Any:
        """History stands on the member's page."""
        from wagtail.admin.ui.components import MediaContainer

        return MediaContainer()

    header_more_buttons: list[Button] = []

    def form_valid(self, form: MemberForm) -> HttpResponse:
        stored = Member.objects.get(pk=self.object.pk)
        try:
            changed = members.change(member=stored, changes=form.changes(), at=timezone.now(), by=self.request.user)
        except Refused as refusal:
            show_refusal(form, refusal)
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)
        text = _("%(name)s is saved.") if changed else _("Nothing was changed for %(name)s.")
        messages.success(self.request, text % {"name": stored.full_name})
        return redirect("members:inspect", stored.pk)


class RegisterView(generic.CreateView):
    """The office registers somebody. Those who may be the same person are shown before anything is written."""

    model = Member
    form: RegisterForm
    template_name = "membership/office/register.html"
    page_title = gettext_lazy("Register a member")
    submit_button_label = gettext_lazy("Register")
    submit_button_active_label = gettext_lazy("Registering …")
    error_message = gettext_lazy("Nobody was registered. See below what is missing.")
    duplicates: QuerySet[Member] | tuple[()] = ()

    def get_page_subtitle(self) -> str:
        return ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": self.page_title}
        return [*self.breadcrumbs_items, {"url": last_list.address(self.request), "label": _("Registry")}, here]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"on": timezone.localdate()}

    def get_initial(self) -> dict[str, Any]:
        """From a member's page: "register somebody who lives with"."""
        household_of = self.request.GET.get("household_of", "")
        return {"household_of": household_of} if household_of.isdecimal() else {}

    def form_valid(self, form: RegisterForm) -> HttpResponse:
        person = form.person()
        if not form.cleaned_data["is_somebody_else"]:
            alike = scope.visible_to(self.request.user, possible_duplicates(people=[person]))
            self.duplicates = alike.prefetch_related("periods__type")[:10]
            if self.duplicates:
                form.add_error(None, ValidationError(_("Somebody like this is in the registry already. See below.")))
                self.produced_error_message = self.get_error_message()
                return self.form_invalid(form)
        try:
            member = register(
                person=person,
                wanted_type=form.cleaned_data["wanted_type"],
                on=form.cleaned_data["starts_on"],
                at=timezone.now(),
                language=form.cleaned_data["language"],
                by=self.request.user,
                household_of=form.cleaned_data["household_of"],
                trial=form.cleaned_data.get("with_trial", False),
                branch=form.cleaned_data.get("branch"),
            )
        except Refused as refusal:
            show_refusal(form, refusal)
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)
        messages.success(self.request, _("%(name)s is registered.") % {"name": member.full_name})
        return redirect("members:inspect", member.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = timezone.localdate()
        context = super().get_context_data(**kwargs)
        return context | {"duplicates": [(member, status_of(member=member, on=on)) for member in self.duplicates]}
