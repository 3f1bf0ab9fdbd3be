"""Branches in the office: the list, one branch with its officers, and transferring members between them."""

from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, Panel
from wagtail.admin.ui.tables import BaseColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.widgets import AdminDateInput
from wagtail.admin.widgets.button import Button

from core.errors import Refused
from core.models import User
from membership import branches, scope
from membership.bulk import BulkVerb, Doing
from membership.models import Branch, Member
from membership.office.leaving_views import MemberVerbView
from membership.office.panels import MemberPanel
from membership.office.record_screens import OfficeViewSet
from membership.office.registry_views import RegistryColumn

RIGHT = "membership.transfer_member"


class BranchForm(WagtailAdminModelForm):
    """A branch. Its officers are chosen among the log-ins whose role shows them their own branch only."""

    class Meta:
        model = Branch
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = Group.objects.filter(permissions__codename="view_member").exclude(
            permissions__codename=scope.EVERY_BRANCH.split(".")[1]
        )
        found = Q(groups__in=role)
        if self.instance.pk:
            found |= Q(branches_looked_after=self.instance)
        field = self.fields["officers"]
        field.queryset = User.objects.filter(found).distinct().order_by("last_name", "first_name", "username")
        field.label_from_instance = _name_of
        if self.instance.pk:
            self.fields["parent"].queryset = Branch.objects.exclude(pk=self.instance.pk)


def _name_of(user: User) -> str:
    return user.get_full_name() or user.get_username()


BRANCH_PANELS: list[Panel] = [
    MultiFieldPanel(
        [
            FieldRowPanel([FieldPanel("name"), FieldPanel("code")]),
            FieldPanel("parent"),
            FieldPanel("postcodes", widget=forms.Textarea(attrs={"rows": 3})),
        ],
        heading=gettext_lazy("Branch"),
    ),
    MultiFieldPanel(
        [FieldPanel("officers", widget=forms.CheckboxSelectMultiple)], heading=gettext_lazy("Branch officers")
    ),
]


class BranchListView(generic.IndexView):
    """Every branch, with how many are in it."""

    model = Branch
    page_title = gettext_lazy("Branches")
    any_permission_required = ["view"]
    verbose_name_plural = gettext_lazy("branches")
    results_template_name = "membership/office/branch_results.html"
    is_searchable = True
    search_fields = ["name", "code"]
    default_ordering = ["name"]
    header_more_buttons: list[Button] = []

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("name"),
            Column("code", label=_("Code")),
            Column("parent", label=_("Part of")),
            RegistryColumn("people", template="branch_people", label=_("In the registry"), accessor=_registry_link),
            Column("looked_after_by", label=_("Branch officers"), accessor=_officers),
        ]

    def get_base_queryset(self) -> QuerySet[Branch]:
        rows = Branch.objects.select_related("parent").prefetch_related("officers")
        return rows.annotate(people=Count("members"))


def _registry_link(branch: Branch) -> str:
    return f"{reverse('members:index')}?branch={branch.pk}"


def _officers(branch: Branch) -> str:
    return ", ".join(_name_of(user) for user in branch.officers.all())


class BranchViewSet(OfficeViewSet):
    """Local branches. Only where the organisation has them."""

    model = Branch
    name = "branches"
    icon = "site"
    menu_label = gettext_lazy("Branches")
    screens = ("index", "index_results", "add", "edit")
    inspect_view_enabled = True  # makes Wagtail offer the right to view among the permissions
    index_view_class = BranchListView
    edit_handler = ObjectList(BRANCH_PANELS, base_form_class=BranchForm)


class TransferForm(forms.Form):
    """To which branch, and from when."""

    to = forms.ModelChoiceField(
        label=gettext_lazy("To branch"), queryset=Branch.objects.all(), required=False,
        empty_label=gettext_lazy("No branch"),
    )  # fmt: skip
    transferred_on = forms.DateField(
        label=gettext_lazy("From"), widget=AdminDateInput, help_text=gettext_lazy("The first day in the new branch.")
    )


class TransferView(MemberVerbView):
    """Somebody goes to another branch."""

    page_title = gettext_lazy("Transfer to another branch")
    submit_label = gettext_lazy("Transfer")
    form_class = TransferForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        if not branches.are_used():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"to": self.object.branch, "transferred_on": timezone.localdate()}

    def perform(self, data: dict[str, Any]) -> str:
        words = {"name": self.object.full_name, "branch": data["to"]}
        if not _transfer(self.object, data, today=timezone.localdate(), at=timezone.now(), by=self.user):
            return _("%(name)s is there already.") % words
        if data["to"] is None:
            return _("%(name)s is in no branch now.") % words
        return _("%(name)s is in %(branch)s now.") % words


def _transfer(member: Member, data: dict[str, Any], **when_and_who: Any) -> bool:
    return branches.transfer(member=member, to=data["to"], on=data["transferred_on"], **when_and_who)


def transfer_all() -> BulkVerb | None:
    """Everybody on a list goes to one branch. There is no such thing where there are no branches."""
    if not branches.are_used():
        return None

    def perform(doing: Doing) -> bool:
        if doing.member.died_on:
            raise Refused(_("Has died."), code="deceased")
        return _transfer(doing.member, doing.answers, today=doing.on, at=doing.at, by=doing.by)

    return BulkVerb(
        key="transfer", label=_("Transfer to another branch"), icon="site", permission=RIGHT,
        explanation=_("They belong to the branch from that day on. Their history shows where they were before."),
        form_class=TransferForm, perform=perform,
    )  # fmt: skip


def panel(request: HttpRequest, member: Member, on: date) -> MemberPanel | None:
    """Which branch somebody belongs to, and which before."""
    if not branches.are_used():
        return None
    return MemberPanel(
        order=180,
        anchor="branch",
        heading=gettext_lazy("Branch"),
        template="membership/office/panels/branch.html",
        context={
            "branch": member.branch,
            "transfers": list(member.branch_transfers.select_related("from_branch", "to_branch")),
            "may_transfer": request.user.has_perm(RIGHT),
        },
    )
