"""What the office does with a household and with who pays: inviting, splitting, putting together, succession."""

from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Refused
from membership import households, invitations, scope
from membership.fields import may_see_office_fields
from membership.models import Household, Invitation, Member
from membership.office.household_forms import OfficeInviteForm, PayerForm, SplitForm, SuccessionForm, TogetherForm
from membership.office.leaving_views import MemberVerbView
from membership.office.verb_views import VerbView


class HouseholdVerbView(VerbView):
    """Something done with one household."""

    model = Household
    object: Household
    list_title = gettext_lazy("Households")


class InviteView(HouseholdVerbView):
    """An invitation in the main member's name, by e-mail."""

    page_title = gettext_lazy("Invite to the household")
    submit_label = gettext_lazy("Send the invitation")
    form_class = OfficeInviteForm

    def explanation(self) -> str:
        return _("The e-mail is written in the main member's name. Whoever opens its link fills in their own details, "
                 "and says yes or no.")  # fmt: skip

    def perform(self, data: dict[str, Any]) -> str:
        if self.object.main_member is None:
            raise Refused(_("The household has no main member. Choose one first."), code="main_member")
        invitations.invite(
            inviter=self.object.main_member, email=data["email"], name=data["name"], on=timezone.localdate(),
            at=timezone.now(), by=self.user,
        )  # fmt: skip
        return _("An invitation is on its way to %(email)s.") % {"email": data["email"]}


class WithdrawView(VerbView):
    """An invitation, to a household or a seat, is taken back."""

    model = Invitation
    object: Invitation
    list_title = gettext_lazy("Households")
    page_title = gettext_lazy("Withdraw the invitation")
    submit_label = gettext_lazy("Withdraw the invitation")

    def user_has_permission(self, permission: str) -> bool:
        """Rows like this have no rights of their own: they belong to members."""
        return bool(self.request.user.has_perm(f"membership.{permission}_member"))

    def explanation(self) -> str:
        return _("Its link does not work any more.")

    def perform(self, data: dict[str, Any]) -> str:
        invitations.withdraw(invitation=self.object, at=timezone.now(), by=self.user)
        return _("The invitation is withdrawn. Its link does not work any more.")

    def get_success_url(self) -> str:
        return self.back_url

    @property
    def back_url(self) -> str:
        """Where the invitation was to."""
        if self.object.household_id:
            return reverse("households:inspect", args=[self.object.household_id])
        return reverse("members:inspect", args=[self.object.organisation_id])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        where = {"url": self.back_url, "label": str(self.object.household or self.object.organisation)}
        return [*self.breadcrumbs_items, where, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"back_url": self.back_url}


class SplitView(HouseholdVerbView):
    """Some move out together, into a household of their own."""

    page_title = gettext_lazy("Split the household")
    submit_label = gettext_lazy("Split the household")
    form_class = SplitForm
    needs_second_step = True

    def explanation(self) -> str:
        return _("Everybody keeps the membership to the end of its period. From the next one, each household pays for "
                 "itself.")  # fmt: skip

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"people": self.object.members.alive().order_by("born_on", "pk")}

    def consequences(self, data: dict[str, Any]) -> list[str]:
        names = ", ".join(person.full_name for person in data["people"])
        sentences = [
            _("%(names)s move out together, with %(main)s as main member.")
            % {"names": names, "main": data["main_member"].full_name}
        ]
        if self.object.main_member in data["people"]:
            staying = [row for row in households.successors(household=self.object) if row not in data["people"]]
            if staying:
                sentences.append(
                    _("%(name)s becomes the main member of those who stay.") % {"name": staying[0].full_name}
                )
        return sentences

    def perform(self, data: dict[str, Any]) -> str:
        made = households.split(
            household=self.object, members=list(data["people"]), main_member=data["main_member"],
            on=timezone.localdate(), by=self.user,
        )  # fmt: skip
        return _("The household of %(name)s is made.") % {"name": str(made)}


class TogetherView(HouseholdVerbView):
    """Two households become one."""

    page_title = gettext_lazy("Put together with another household")
    submit_label = gettext_lazy("Put the households together")
    form_class = TogetherForm
    needs_second_step = True

    def consequences(self, data: dict[str, Any]) -> list[str]:
        other = data["member"].household
        names = ", ".join(row.full_name for row in other.members.all()) if other else data["member"].full_name
        return [
            _("%(names)s move in with the household of %(main)s.") % {"names": names, "main": str(self.object)},
            _("%(main)s stays the main member. Addresses stay as they are.") % {"main": str(self.object)},
        ]

    def perform(self, data: dict[str, Any]) -> str:
        member = data["member"]
        if member.household is None:
            households.add(household=self.object, member=member, by=self.user)
        else:
            households.move_together(household=self.object, other=member.household, by=self.user)
        return _("They live together now.")


class SuccessionView(MemberVerbView):
    """A main member or a payer is gone: who takes over. The oldest of the others is offered first."""

    page_title = gettext_lazy("Who takes over")
    submit_label = gettext_lazy("Save")
    form_class = SuccessionForm

    @cached_property
    def successors(self) -> list[Member]:
        """Who may become main member after this one."""
        home = self.object.household
        return households.successors(household=home) if home and self.object.is_main_member else []

    @cached_property
    def paid_for(self) -> list[Member]:
        """The living whose invoices go to this one; nobody for those who may not know it."""
        return list(self.object.pays_for.alive()) if scope.may_know_payers(self.user) else []

    def explanation(self) -> str:
        sentences = []
        if self.successors:
            sentences.append(_("%(name)s is the main member of a household.") % {"name": self.object.full_name})
        if self.paid_for:
            names = ", ".join(row.full_name for row in self.paid_for[:10])
            sentences.append(_("%(name)s pays for %(count)d: %(names)s.") % {
                "name": self.object.full_name, "count": len(self.paid_for), "names": names,
            })  # fmt: skip
        return " ".join(sentences) or _("Nobody waits for a new main member or payer.")

    def get_form_kwargs(self) -> dict[str, Any]:
        asked = {"successors": self.successors, "pays_for_others": bool(self.paid_for)}
        return super().get_form_kwargs() | asked

    def perform(self, data: dict[str, Any]) -> str:
        if (to := data.get("main_member")) and self.object.household:
            households.hand_over(household=self.object.household, to=to, by=self.user)
        if self.paid_for:
            households.pay_for(people=self.paid_for, payer=data.get("payer"), at=timezone.now(), by=self.user)
        return _("It is settled who takes over.")


class PayerView(MemberVerbView):
    """Somebody else gets this member's invoices."""

    page_title = gettext_lazy("Choose who pays")
    submit_label = gettext_lazy("Save")
    form_class = PayerForm

    def user_has_permission(self, permission: str) -> bool:
        """Who pays for whom is for those who may know it."""
        return may_see_office_fields(self.request.user) and bool(super().user_has_permission(permission))

    def explanation(self) -> str:
        return _("The payer gets the invoices from now on. Invoices that are sent stay as they are.")

    def get_initial(self) -> dict[str, Any]:
        return {"payer": self.object.payer_id}

    def perform(self, data: dict[str, Any]) -> str:
        households.pay_for(people=[self.object], payer=data["payer"], at=timezone.now(), by=self.user)
        if data["payer"] is None:
            return _("%(name)s pays now.") % {"name": self.object.full_name}
        return _("%(payer)s pays for %(name)s.") % {"payer": data["payer"].full_name, "name": self.object.full_name}
