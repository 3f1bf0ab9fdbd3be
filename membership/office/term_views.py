"""What the office does about memberships beside ending them: a new one for somebody who is in the registry already."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from core import money
from membership import joining, periods, prices
from membership.models import MembershipType
from membership.office.leaving_views import MemberVerbView
from membership.office.price_words import as_known_to, by_price_list, knows_own_prices
from membership.status import status_of


class ComeBackForm(forms.Form):
    """Which membership, and from which day."""

    wanted_type = forms.ModelChoiceField(
        label=gettext_lazy("Membership type"), widget=forms.RadioSelect, empty_label=None,
        queryset=MembershipType.objects.exclude(kind__in=["trial", "none", "household_secondary"]),
    )  # fmt: skip
    on = forms.DateField(
        label=gettext_lazy("From"), widget=AdminDateInput,
        help_text=gettext_lazy("Who comes back the day after the last membership has no gap in “member since”."),
    )  # fmt: skip

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = on

    def clean_on(self) -> date:
        """Any day: a membership may be recorded late, or ahead."""
        day: date = self.cleaned_data["on"]
        return day


class ComeBackView(MemberVerbView):
    """Somebody in the registry becomes a member, anew or for the first time. Nobody is registered twice."""

    page_title = gettext_lazy("New membership")
    submit_label = gettext_lazy("Open the membership")
    form_class = ComeBackForm
    needs_second_step = True

    def explanation(self) -> str:
        return status_of(member=self.object, on=timezone.localdate()).why

    def consequences(self, data: dict[str, Any]) -> list[str]:
        type_, on = data["wanted_type"], data["on"]
        member = as_known_to(self.user, self.object)
        quote = prices.quote(member=member, type=type_, on=on, joining=True)
        ends_on = periods.last_day(type=type_, starts_on=on, joining=True, member=self.object)
        words = {
            "name": self.object.full_name, "type": type_.name, "start": date_format(on),
            "end": date_format(ends_on) if ends_on else _("further notice"), "price": money.formatted(quote.amount),
            "why": "; ".join(reason.sentence() for reason in quote.reasons),
        }  # fmt: skip
        if not knows_own_prices(self.user):
            return [_("%(name)s gets “%(type)s” from %(start)s.") % words, by_price_list(quote)]
        sentences = [_("%(name)s gets “%(type)s” from %(start)s until %(end)s.") % words]
        if quote.amount:
            return [*sentences, _("The invoice is %(price)s: %(why)s.") % words]
        return [*sentences, _("Nothing is to be paid: %(why)s.") % words]

    def perform(self, data: dict[str, Any]) -> str:
        joining.come_back(
            people=[self.object], wanted_type=data["wanted_type"], on=data["on"], at=timezone.now(), by=self.user
        )
        return _("%(name)s has a new membership.") % {"name": self.object.full_name}
