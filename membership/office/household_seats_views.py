"""Seats, contact persons and payers in the office: panels on a member's page, and what is done there."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.views import generic

from membership import invitations, scope, seats
from membership.fields import may_see_office_fields
from membership.models import ContactPerson, Member, Seat
from membership.office.household_forms import ContactForm, OfficeInviteForm, SeatsForm, SitForm
from membership.office.leaving_views import MemberVerbView
from membership.office.panels import MemberPanel
from membership.office.record_screens import OnlyWhatIsVisible
from membership.office.verb_views import VerbView
from membership.status import status_of

SHOWN = 20


def seats_panel(request: HttpRequest, member: Member, on: date) -> MemberPanel | None:
    """An organisation's seats and contact persons; for a person, the seats they hold and whom they are contact for."""
    may_change = request.user.has_perm("membership.change_member")
    if member.is_person:
        held = list(scope.visible_to(request.user, member.seats_held.held().select_related("organisation")))
        contact_for = list(scope.visible_to(request.user, member.contact_for.select_related("organisation")))
        if not held and not contact_for:
            return None
        context = {"held": held, "contact_for": contact_for, "may_change": may_change}
        return MemberPanel(order=160, anchor="seats", heading=gettext_lazy("Seats"), context=context,
                           template="membership/office/panels/seats_of_person.html")  # fmt: skip
    held = list(scope.visible_to(request.user, member.seats.held().select_related("member")))
    return MemberPanel(
        order=160,
        anchor="seats",
        heading=gettext_lazy("Seats and contact persons"),
        template="membership/office/panels/seats.html",
        context={
            "held": held,
            "waiting": list(member.seat_invitations.open(at=timezone.now())),
            "contacts": list(scope.visible_to(request.user, member.contacts.select_related("member"))),
            "total": seats.count(organisation=member, on=on),
            "taken": len(held),
            "may_change": may_change,
        },
    )


def pays_for_panel(request: HttpRequest, member: Member, on: date) -> MemberPanel | None:
    """Whose invoices come to this one: the first of them, how many, and the way to all. For those who may know it."""
    if not may_see_office_fields(request.user):
        return None
    people = scope.visible_to(request.user, member.pays_for.alive())
    count = people.count()
    if not count:
        return None
    rows = [(row, status_of(member=row, on=on)) for row in people.prefetch_related("periods__type")[:SHOWN]]
    return MemberPanel(
        order=170,
        anchor="pays-for",
        heading=gettext_lazy("Pays for"),
        template="membership/office/panels/pays_for.html",
        context={"rows": rows, "count": count, "more": count > SHOWN,
                 "may_change": request.user.has_perm("membership.change_member")},
    )  # fmt: skip


class PaysForView(OnlyWhatIsVisible, generic.InspectView):
    """Everybody whose invoices come to one payer, 50 a page."""

    model = Member
    any_permission_required = ["view"]
    template_name = "membership/office/pays_for.html"

    def user_has_any_permission(self, permissions: Iterable[str]) -> bool:
        """Who pays for whom is for those who may know it."""
        return may_see_office_fields(self.request.user) and bool(super().user_has_any_permission(permissions))

    def get_page_title(self) -> str:
        return _("%(name)s pays for") % {"name": self.object.full_name}

    def get_page_subtitle(self) -> str:
        return ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("members:index"), "label": _("Registry")},
            {"url": reverse("members:inspect", args=[self.object.pk]), "label": self.object.full_name},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_fields_context(self) -> list[dict[str, Any]]:
        """Wagtail's own list of fields is not shown."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = timezone.localdate()
        people = scope.visible_to(self.request.user, self.object.pays_for.alive()).prefetch_related("periods__type")
        page = Paginator(people, 50).get_page(self.request.GET.get("p"))
        rows = [(row, status_of(member=row, on=on)) for row in page]
        return super().get_context_data(**kwargs) | {"rows": rows, "page_obj": page, "member": self.object}


class SeatVerbView(MemberVerbView):
    """Something done with an organisation's seats."""

    def get_success_url(self) -> str:
        return f"{reverse('members:inspect', args=[self.object.pk])}#seats"


class SeatsView(SeatVerbView):
    """How many seats an organisation has."""

    page_title = gettext_lazy("Number of seats")
    form_class = SeatsForm

    def get_initial(self) -> dict[str, Any]:
        return {"number": self.object.own_seats}

    def perform(self, data: dict[str, Any]) -> str:
        seats.set_number(organisation=self.object, number=data["number"], by=self.user)
        total = seats.count(organisation=self.object, on=timezone.localdate())
        return _("%(name)s has %(total)d seats.") % {"name": self.object.full_name, "total": total}


class SitView(SeatVerbView):
    """Somebody from the registry gets a seat."""

    page_title = gettext_lazy("Give somebody a seat")
    submit_label = gettext_lazy("Give the seat")
    form_class = SitForm

    def perform(self, data: dict[str, Any]) -> str:
        seats.take(organisation=self.object, member=data["member"], on=timezone.localdate(), by=self.user)
        return _("%(name)s has a seat.") % {"name": data["member"].full_name}


class SeatInviteView(SeatVerbView):
    """An offer of a seat by e-mail."""

    page_title = gettext_lazy("Offer a seat by e-mail")
    submit_label = gettext_lazy("Send the invitation")
    form_class = OfficeInviteForm

    def perform(self, data: dict[str, Any]) -> str:
        invitations.invite_to_seat(
            organisation=self.object, inviter=None, email=data["email"], name=data["name"],
            on=timezone.localdate(), at=timezone.now(), by=self.user,
        )  # fmt: skip
        return _("An invitation is on its way to %(email)s.") % {"email": data["email"]}


class ContactView(SeatVerbView):
    """Somebody from the registry becomes contact person."""

    page_title = gettext_lazy("Name a contact person")
    form_class = ContactForm

    def explanation(self) -> str:
        return _("Contact persons give out the organisation's seats on My page.")

    def perform(self, data: dict[str, Any]) -> str:
        seats.name_contact(
            organisation=self.object, member=data["member"], what_for=data["what_for"], by=self.user
        )  # fmt: skip
        return _("%(name)s is contact person.") % {"name": data["member"].full_name}


class OfOrganisationView(VerbView):
    """Something done with a row of an organisation: back to its page afterwards."""

    object: Seat | ContactPerson
    list_title = gettext_lazy("Registry")

    def user_has_permission(self, permission: str) -> bool:
        """Rows like this have no rights of their own: they belong to members."""
        return bool(self.request.user.has_perm(f"membership.{permission}_member"))

    @property
    def back_url(self) -> str:
        """The organisation's page, at its seats."""
        return f"{reverse('members:inspect', args=[self.object.organisation_id])}#seats"

    def get_success_url(self) -> str:
        return self.back_url

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("members:index"), "label": self.list_title},
            {"url": self.back_url, "label": self.object.organisation.full_name},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"back_url": self.back_url}


class FreeSeatView(OfOrganisationView):
    """A seat is free again."""

    model = Seat
    object: Seat
    page_title = gettext_lazy("Free the seat")
    submit_label = gettext_lazy("Free the seat")

    def explanation(self) -> str:
        return _("%(name)s loses the pages for members, unless they are a member themselves.") % {
            "name": self.object.member.full_name
        }

    def perform(self, data: dict[str, Any]) -> str:
        seats.leave(seat=self.object, on=timezone.localdate(), by=self.user)
        return _("The seat is free.")


class DropContactView(OfOrganisationView):
    """Somebody is contact person no longer."""

    model = ContactPerson
    object: ContactPerson
    page_title = gettext_lazy("Remove the contact person")
    submit_label = gettext_lazy("Remove the contact person")

    def perform(self, data: dict[str, Any]) -> str:
        name = self.object.member.full_name
        organisation_id = self.object.organisation_id
        seats.drop_contact(contact=self.object, by=self.user)
        self.object.organisation_id = organisation_id
        return _("%(name)s is contact person no longer.") % {"name": name}
