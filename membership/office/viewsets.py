"""What the office sees of the registry: the menu "Members" and the screens in it."""

from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import ObjectList
from wagtail.admin.viewsets.base import ViewSetGroup

from membership.models import (
    Application,
    ConsentText,
    ContactPerson,
    Household,
    Invitation,
    Member,
    MembershipType,
    Seat,
)
from membership.office.application_views import ApplicationListView, ApplicationView, ApproveView, RefuseView
from membership.office.branch_views import BranchViewSet, TransferView
from membership.office.bulk_views import BulkRunView, BulkView
from membership.office.campaign_views import CampaignViewSet
from membership.office.consent_views import RecordConsentView
from membership.office.duplicate_viewsets import DuplicateViewSet
from membership.office.export_views import ExportView
from membership.office.forms import EDIT_PANELS, REGISTER_PANELS, MemberForm, RegisterForm
from membership.office.household_seats_views import (
    ContactView,
    DropContactView,
    FreeSeatView,
    PaysForView,
    SeatInviteView,
    SeatsView,
    SitView,
)
from membership.office.household_verb_views import (
    InviteView,
    PayerView,
    SplitView,
    SuccessionView,
    TogetherView,
    WithdrawView,
)
from membership.office.household_views import AddToHouseholdView, HouseholdListView, HouseholdView
from membership.office.leaving_views import (
    DeathView,
    ExcludeView,
    HandOverView,
    LogInLinkView,
    MoveInView,
    MoveOutView,
    ResignView,
)
from membership.office.member_views import MemberEditView, MemberView, RegisterView
from membership.office.position_views import CommitteeViewSet
from membership.office.record_screens import OfficeViewSet
from membership.office.registry_views import RegistryView
from membership.office.retention_views import AskErasureView, HoldBackView, LetGoView
from membership.office.returning_views import SamePersonView
from membership.office.saved_list_views import ChangeListView, DeleteListView, SavedListsView, SaveListView
from membership.office.term_views import ComeBackView
from membership.office.type_change_views import ChangeTypeView
from membership.office.type_views import (
    TYPE_PANELS,
    ConsentTextAddView,
    ConsentTextForm,
    ConsentTextListView,
    ConsentTextView,
    TypeForm,
    TypeListView,
)


class MemberViewSet(OfficeViewSet):
    """The registry and everything done with one member."""

    model = Member
    name = "members"
    icon = "group"
    menu_label = _("Registry")
    menu_name = "registry"
    index_view_class = RegistryView
    add_view_class = RegisterView
    edit_view_class = MemberEditView
    inspect_view_class = MemberView
    edit_handler = ObjectList(EDIT_PANELS, base_form_class=MemberForm)

    def get_add_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Registering asks for more than changing: the membership and the household."""
        panel = ObjectList(REGISTER_PANELS, base_form_class=RegisterForm).bind_to_model(Member)
        return super().get_add_view_kwargs(**{"panel": panel, "form_class": panel.get_form_class(), **kwargs})

    def extra_urls(self) -> list[URLPattern]:
        return [
            path("export/", self.construct_view(ExportView), name="export"),
            path("lists/", self.construct_view(SavedListsView), name="saved_lists"),
            path("lists/new/", self.construct_view(SaveListView), name="save_list"),
            path("lists/<int:pk>/", self.construct_view(ChangeListView), name="change_list"),
            path("lists/<int:pk>/delete/", self.construct_view(DeleteListView), name="delete_list"),
            path("bulk/<slug:verb>/", self.construct_view(BulkView), name="bulk"),
            path("bulk/runs/<int:pk>/", self.construct_view(BulkRunView), name="bulk_run"),
            self.record_path("come_back", ComeBackView),
            self.record_path("change_type", ChangeTypeView),
            self.record_path("resign", ResignView),
            self.record_path("exclude", ExcludeView),
            self.record_path("death", DeathView),
            self.record_path("login_link", LogInLinkView),
            self.record_path("transfer", TransferView),
            self.record_path("move_in", MoveInView),
            self.record_path("move_out", MoveOutView),
            self.record_path("hand_over", HandOverView),
            self.record_path("consent", RecordConsentView),
            self.record_path("erasure", AskErasureView),
            self.record_path("hold_back", HoldBackView),
            self.record_path("let_go", LetGoView),
            self.record_path("succession", SuccessionView),
            self.record_path("payer", PayerView),
            self.record_path("pays_for", PaysForView),
            self.record_path("seats", SeatsView),
            self.record_path("seats_give", SitView),
            self.record_path("seats_invite", SeatInviteView),
            self.record_path("contacts_name", ContactView),
            path("seats/<int:pk>/free/", self.construct_view(FreeSeatView, model=Seat), name="seat_free"),
            path(
                "contacts/<int:pk>/remove/",
                self.construct_view(DropContactView, model=ContactPerson),
                name="contact_remove",
            ),
        ]


class HouseholdViewSet(OfficeViewSet):
    """Households. They are made by joining, by registering and from a member's page."""

    model = Household
    name = "households"
    icon = "home"
    menu_label = _("Households")
    screens = ("index", "index_results", "inspect")
    index_view_class = HouseholdListView
    inspect_view_class = HouseholdView

    def extra_urls(self) -> list[URLPattern]:
        return [
            self.record_path("add", AddToHouseholdView),
            self.record_path("invite", InviteView),
            self.record_path("split", SplitView),
            self.record_path("together", TogetherView),
            path("invitations/<int:pk>/withdraw/", self.construct_view(WithdrawView, model=Invitation),
                 name="withdraw"),
        ]  # fmt: skip


class ApplicationViewSet(OfficeViewSet):
    """Joining forms as they came in, and the office's answer."""

    model = Application
    name = "applications"
    icon = "doc-full"
    menu_label = _("Applications")
    screens = ("index", "index_results", "inspect")
    index_view_class = ApplicationListView
    inspect_view_class = ApplicationView

    def extra_urls(self) -> list[URLPattern]:
        return [
            self.record_path("approve", ApproveView),
            self.record_path("same_person", SamePersonView),
            self.record_path("refuse", RefuseView),
        ]


class MembershipTypeViewSet(OfficeViewSet):
    """What the organisation offers. A type that has been used is never deleted: it is taken off the form instead."""

    model = MembershipType
    name = "membership_types"
    url_prefix = "membership-types"
    icon = "tag"
    menu_label = _("Membership types")
    screens = ("index", "index_results", "add", "edit")
    inspect_view_enabled = True  # makes Wagtail offer the right to view among the permissions
    index_view_class = TypeListView
    edit_handler = ObjectList(TYPE_PANELS, base_form_class=TypeForm)


class ConsentTextViewSet(OfficeViewSet):
    """The words people agree to, in versions."""

    model = ConsentText
    name = "consent_texts"
    url_prefix = "consent-texts"
    icon = "openquote"
    menu_label = _("Consent texts")
    screens = ("index", "index_results", "add", "inspect")
    index_view_class = ConsentTextListView
    add_view_class = ConsentTextAddView
    inspect_view_class = ConsentTextView
    inspect_view_fields = ["text", "purpose", "channel", "language", "version", "is_required", "valid_from"]

    def get_form_class(self, for_update: bool = False) -> type[ConsentTextForm]:
        return ConsentTextForm


class MembersGroup(ViewSetGroup):
    """The menu "Members". Later apps file into it with the hook `register_members_menu_item`."""

    menu_label = _("Members")
    menu_name = "members"
    menu_icon = "group"
    menu_order = 10
    submenu_hook = "register_members_menu_item"
    items = (
        MemberViewSet, HouseholdViewSet, ApplicationViewSet, DuplicateViewSet, BranchViewSet, MembershipTypeViewSet,
        CommitteeViewSet, CampaignViewSet, ConsentTextViewSet,
    )  # fmt: skip
