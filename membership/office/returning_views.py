"""In the office: an applicant is somebody who is in the registry already, and comes back."""

from functools import cached_property
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import money
from membership import prices, returning, scope
from membership.models import Member
from membership.office.application_views import ApplicationVerbView
from membership.office.price_words import as_known_to, by_price_list, knows_own_prices
from membership.status import status_of

_NAMED = 10  # entries that the others on a form may be


class EntryChoice(forms.ModelChoiceField):
    """Entries told apart by number, birth date and status."""

    def label_from_instance(self, obj: Any) -> str:
        status = status_of(member=obj, on=timezone.localdate())
        parts = [obj.full_name, _("number %(number)s") % {"number": obj.member_number},
                 date_format(obj.born_on) if obj.born_on else "", str(status.label)]  # fmt: skip
        return ", ".join(part for part in parts if part)


class SamePersonForm(forms.Form):
    """Which entry the applicant is."""

    entry = EntryChoice(
        label=gettext_lazy("The applicant is"), queryset=Member.objects.none(), widget=forms.RadioSelect,
        empty_label=None,
    )  # fmt: skip


class SamePersonView(ApplicationVerbView):
    """Yes to the application, as the one of an old entry, which is not doubled."""

    page_title = gettext_lazy("The same person")
    submit_label = gettext_lazy("Approve as this person")
    form_class = SamePersonForm
    needs_second_step = True

    @cached_property
    def entries(self) -> Any:
        """Those it may be, as far as the log-in may know of them."""
        return scope.visible_to(self.request.user, returning.candidates(application=self.object))

    def explanation(self) -> str:
        return _("The old entry keeps its number and history, takes over what was typed, and gets the membership.")

    def get_form(self, form_class: type[forms.Form] | None = None) -> forms.Form:
        form = super().get_form(form_class)
        entries = self.entries.prefetch_related("periods__type")
        form.fields["entry"].queryset = entries  # type: ignore[attr-defined]
        wanted = self.request.GET.get("entry", "")
        form.fields["entry"].initial = int(wanted) if wanted.isdecimal() else None
        return form

    def consequences(self, data: dict[str, Any]) -> list[str]:
        entry, on = data["entry"], timezone.localdate()
        quote = prices.quote(member=as_known_to(self.user, entry), type=self.object.wanted_type, on=on, joining=True,
                             promised=self.object.campaign)  # fmt: skip
        words = {"name": entry.full_name, "number": entry.member_number, "type": self.object.wanted_type.name,
                 "price": money.formatted(quote.amount),
                 "why": "; ".join(reason.sentence() for reason in quote.reasons)}  # fmt: skip
        cost = _("It costs %(price)s: %(why)s.") % words if knows_own_prices(self.user) else by_price_list(quote)
        changes = returning.changes_for(application=self.object, entry=entry)
        return [
            _("%(name)s, number %(number)s, comes back as “%(type)s”, with the same entry.") % words,
            cost,
            *[_changed(entry, name, value) for name, value in changes.items()],
            *self._of_others(entry),
        ]

    def _of_others(self, entry: Member) -> list[str]:
        """What becomes of the others on the form: their old entries, or new ones even where there may be one."""
        back = returning.recognised(application=self.object, entry=entry)
        anew = returning.others_anew(application=self.object, entry=entry)
        said = []
        if back:
            said.append(_("Of the same household, and back with their own entries, as these are: %(others)s.") % {
                "others": ", ".join(one.full_name for one in back.values())})  # fmt: skip
        if not anew:
            return said
        said.append(_("Registered anew, and moved in with %(name)s: %(others)s.") % {
            "name": entry.full_name, "others": ", ".join(person.full_name for person in anew)})  # fmt: skip
        alike = scope.visible_to(self.request.user, returning.others_alike(application=self.object, entry=entry))
        if known := ", ".join(f"{one.full_name} ({one.member_number})" for one in alike.order_by("pk")[:_NAMED]):
            said.append(_("They may be in the registry already: %(known)s. Merge the entries afterwards.") % {
                "known": known})  # fmt: skip
        return said

    def perform(self, data: dict[str, Any]) -> str:
        returning.approve_as(application=self.object, entry=data["entry"], at=timezone.now(), by=self.user)
        return _("%(name)s is a member again.") % {"name": data["entry"].full_name}


def _changed(entry: Member, name: str, value: Any) -> str:
    label = capfirst(Member._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return _("%(field)s: “%(old)s” becomes “%(new)s”.") % {
        "field": label, "old": getattr(entry, name) or "–", "new": value}  # fmt: skip
