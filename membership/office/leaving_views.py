"""What the office records about one member beside data: leaving, dying, moving in and out, a log-in link."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Refused
from membership import households, leaving, scope
from membership.fields import may_see_office_fields
from membership.models import Member
from membership.office import last_list
from membership.office.forms import DeathForm, ExcludeForm, MoveInForm, ResignForm
from membership.office.verb_views import VerbView
from membership.sign_in import links
from membership.status import status_of


class MemberVerbView(VerbView):
    """Something done with one member."""

    model = Member
    object: Member
    list_title = gettext_lazy("Registry")

    def list_url(self) -> str:
        return last_list.address(self.request)


class FarewellView(MemberVerbView):
    """Somebody goes. Where others waited for their invoice to be paid, the next page asks who takes over."""

    def get_success_url(self) -> str:
        if households.needs_successor(member=self.object, with_payers=scope.may_know_payers(self.user)):
            return reverse("members:succession", args=[self.object.pk])
        return super().get_success_url()


class ResignView(FarewellView):
    """Somebody asked to leave. Two steps, and a receipt by e-mail."""

    page_title = gettext_lazy("Record resignation")
    submit_label = gettext_lazy("Record resignation")
    form_class = ResignForm
    needs_second_step = True

    def explanation(self) -> str:
        return status_of(member=self.object, on=timezone.localdate()).why

    def consequences(self, data: dict[str, Any]) -> list[str]:
        return [
            _("%(name)s leaves, as asked on %(date)s.") % self._words(data),
            _("Invoices that are not paid are credited."),
            _("%(name)s gets a receipt, where there is an e-mail address.") % self._words(data),
        ]

    def perform(self, data: dict[str, Any]) -> str:
        last_on = leaving.resign(member=self.object, on=data["on"], at=timezone.now(), by=self.user)
        return _("The membership of %(name)s ends on %(date)s.") % self._words({"on": last_on})

    def _words(self, data: dict[str, Any]) -> dict[str, str]:
        return {"name": self.object.full_name, "date": date_format(data["on"])}


class ExcludeView(ResignView):
    """The board ended a membership."""

    page_title = gettext_lazy("Exclude")
    submit_label = gettext_lazy("Exclude")
    form_class = ExcludeForm
    is_serious = True

    def consequences(self, data: dict[str, Any]) -> list[str]:
        return [
            _("The membership of %(name)s ends on %(date)s.") % self._words(data),
            _("The reason stands in the log, and %(name)s may ask to see it.") % self._words(data),
        ]

    def perform(self, data: dict[str, Any]) -> str:
        leaving.exclude(member=self.object, on=data["on"], at=timezone.now(), by=self.user, reason=data["reason"])
        return _("The membership of %(name)s ends on %(date)s.") % self._words(data)


class DeathView(FarewellView):
    """Somebody died. One action: terms end, every channel is silent from now on."""

    page_title = gettext_lazy("Record death")
    submit_label = gettext_lazy("Record death")
    form_class = DeathForm
    needs_second_step = True

    def consequences(self, data: dict[str, Any]) -> list[str]:
        sentences = [
            _("The membership of %(name)s ends on %(date)s.") % self._words(data),
            _("Nothing more is sent to %(name)s: no e-mail, no SMS, no letter.") % self._words(data),
        ]
        if self.object.is_main_member:
            sentences.append(
                _("%(name)s is the main member of a household. Choose another afterwards.") % self._words(data)
            )
        may_know = scope.may_know_payers(self.user)
        if count := self.object.pays_for.alive().count() if may_know else 0:
            sentences.append(
                _("%(name)s pays for %(count)d. Choose another payer afterwards.")
                % {**self._words(data), "count": count}
            )
        return sentences

    def perform(self, data: dict[str, Any]) -> str:
        leaving.record_death(
            member=self.object, died_on=data["on"], on=timezone.localdate(), at=timezone.now(), by=self.user
        )
        return _("The death of %(name)s is recorded.") % self._words(data)

    def _words(self, data: dict[str, Any]) -> dict[str, str]:
        return {"name": self.object.full_name, "date": date_format(data["on"])}


class LogInLinkView(MemberVerbView):
    """A link by e-mail that logs the member in once."""

    page_title = gettext_lazy("Send log-in link")
    submit_label = gettext_lazy("Send log-in link")

    def explanation(self) -> str:
        sent_at = self.object.login_link_sent_at
        text = _("%(name)s gets an e-mail with a link that works once, within seven days.") % {
            "name": self.object.full_name
        }
        if sent_at and may_see_office_fields(self.request.user):
            text += " " + _("The last one was sent on %(date)s.") % {"date": date_format(timezone.localtime(sent_at))}
        return text

    def perform(self, data: dict[str, Any]) -> str:
        links.send(member=self.object, at=timezone.now(), by=self.user)
        return _("A log-in link is on its way to %(name)s.") % {"name": self.object.full_name}


class MoveInView(MemberVerbView):
    """Somebody from the registry moves in with this member. The household is made when there is none."""

    page_title = gettext_lazy("Add to the household")
    submit_label = gettext_lazy("Add to the household")
    form_class = MoveInForm

    def explanation(self) -> str:
        if self.object.household:
            return ""
        return _("%(name)s is in no household yet. One is made, with %(name)s as main member.") % {
            "name": self.object.full_name
        }

    def perform(self, data: dict[str, Any]) -> str:
        if self.object.household:
            households.add(household=self.object.household, member=data["member"], by=self.user)
        else:
            households.form(
                members=[self.object, data["member"]], main_member=self.object, on=timezone.localdate(), by=self.user
            )
        return _("%(name)s is in the household.") % {"name": data["member"].full_name}


class MoveOutView(MemberVerbView):
    """This member moves out of the household; the membership stays."""

    page_title = gettext_lazy("Remove from the household")
    submit_label = gettext_lazy("Remove from the household")

    def explanation(self) -> str:
        return _("%(name)s keeps the membership, log-in, consents and history.") % {"name": self.object.full_name}

    def perform(self, data: dict[str, Any]) -> str:
        if self.object.household is None:
            raise Refused(_("%(name)s is in no household.") % {"name": self.object.full_name}, code="no_household")
        households.remove(member=self.object, by=self.user)
        return _("%(name)s is no longer in the household.") % {"name": self.object.full_name}


class HandOverView(MemberVerbView):
    """This member becomes the household's main member, who gets the invoice."""

    page_title = gettext_lazy("Make main member")
    submit_label = gettext_lazy("Make main member")

    def explanation(self) -> str:
        return _("The next invoice of the household goes to %(name)s. Memberships that run stay as they are.") % {
            "name": self.object.full_name
        }

    def perform(self, data: dict[str, Any]) -> str:
        if self.object.household is None:
            raise Refused(_("%(name)s is in no household.") % {"name": self.object.full_name}, code="no_household")
        households.hand_over(household=self.object.household, to=self.object, by=self.user)
        return _("%(name)s is the main member now.") % {"name": self.object.full_name}
