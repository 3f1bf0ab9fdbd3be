"""Another membership type for a member, or for everybody on a list, by hand: the price and its reasons come first."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import dates, money
from core.models import User
from membership import type_changes
from membership.bulk import BulkVerb, Doing
from membership.models import Member, MembershipType
from membership.office.leaving_views import MemberVerbView
from membership.office.price_words import as_known_to, by_price_list, knows_own_prices, reasons_in_words
from membership.status import status_of
from membership.type_changes import Change, plan_next, plan_now

_ANY = MembershipType.objects.exclude(kind__in=["trial", "none"])


class ChangeTypeForm(forms.Form):
    """Which type, and from when."""

    to = forms.ModelChoiceField(
        label=gettext_lazy("Membership type"), widget=forms.RadioSelect, empty_label=None, queryset=_ANY
    )
    begins = forms.ChoiceField(
        label=gettext_lazy("From when"), widget=forms.RadioSelect, initial="next",
        choices=[("next", gettext_lazy("From the next term")), ("now", gettext_lazy("From today"))],
        help_text=gettext_lazy("From today: what is paid for the term is counted, and the rest is invoiced."),
    )  # fmt: skip

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [type_.pk for type_ in type_changes.types_for(member=member)]
        self.fields["to"].queryset = _ANY.filter(pk__in=offered)  # type: ignore[attr-defined]


class ChangeTypeView(MemberVerbView):
    """Another type from today or from the next term. What it costs is said before it is done."""

    page_title = gettext_lazy("Change the type")
    submit_label = gettext_lazy("Change the type")
    form_class = ChangeTypeForm
    needs_second_step = True

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"member": self.object}

    def explanation(self) -> str:
        return status_of(member=self.object, on=timezone.localdate()).why

    def plan(self, data: dict[str, Any]) -> Change:
        plan = plan_now if data["begins"] == "now" else plan_next
        return plan(member=as_known_to(self.user, self.object), to=data["to"], on=timezone.localdate())

    def consequences(self, data: dict[str, Any]) -> list[str]:
        return sentences(self.plan(data), by=self.user)

    def perform(self, data: dict[str, Any]) -> str:
        change = type_changes.change_now if data["begins"] == "now" else type_changes.change_next
        change(member=self.object, to=data["to"], on=timezone.localdate(), at=timezone.now(), by=self.user)
        return _("The type of %(name)s is changed to “%(type)s”.") % {
            "name": self.object.full_name, "type": data["to"].name}  # fmt: skip


def sentences(change: Change, *, by: User | None) -> list[str]:
    """What a change will do: the terms, and the money, as far as the log-in may know: planned for `as_known_to` it."""
    term, running = change.term, change.running
    words = {
        "name": term.member.full_name, "old": running.invoiced_type.name, "new": (term.wanted_type or term.type).name,
        "start": date_format(term.starts_on), "until": date_format(dates.day_before(term.starts_on)),
        "end": date_format(term.ends_on) if term.ends_on else _("further notice"),
        "price": money.formatted(term.quote.amount), "why": reasons_in_words(term.quote),
    }  # fmt: skip
    if change.replaced is None:
        said = [_("%(name)s keeps “%(old)s” until %(until)s, and is renewed as “%(new)s”.") % words]
        cost = _("By today's prices that will cost %(price)s: %(why)s.") % words
        return [*said, cost if knows_own_prices(by) else by_price_list(term.quote)]
    if running.is_trial:
        said = [_("%(name)s stays on trial until %(end)s, and has “%(new)s” when it is paid.") % words]
    elif knows_own_prices(by):
        said = [_("%(name)s has “%(new)s” from %(start)s until %(end)s.") % words]
    else:
        said = [_("%(name)s has “%(new)s” from %(start)s.") % words]
    if change.credits:
        said.append(_("The invoice that is not paid is credited."))
    if not knows_own_prices(by):
        return [*said, by_price_list(term.quote)]
    if term.quote.amount:
        return [*said, _("The new invoice is %(price)s: %(why)s.") % words]
    if change.counts_what_is_paid:
        return [*said, _("Nothing is to be paid, and nothing is paid back: %(why)s.") % words]
    return [*said, _("Nothing is to be paid: %(why)s.") % words]


class NextTypeForm(forms.Form):
    """Which type they are renewed as."""

    to = forms.ModelChoiceField(
        label=gettext_lazy("Membership type"), widget=forms.RadioSelect, empty_label=None, queryset=_ANY
    )


def change_next_type() -> BulkVerb:
    """A type is given up, or a class moves up: everybody on the list is renewed as another one."""

    def perform(doing: Doing) -> bool:
        to = doing.answers["to"]
        type_changes.change_next(member=doing.member, to=to, on=doing.on, at=doing.at, by=doing.by)
        return True

    return BulkVerb(
        key="next_type", label=gettext_lazy("Change the type from the next term"), icon="tag",
        permission="membership.change_member", form_class=NextTypeForm, perform=perform, is_serious=True,
        needs_typed_count=True,
        explanation=gettext_lazy(
            "Each keeps the membership that runs, and is renewed as this type. Where the next term has been opened and "
            "is not paid, it is replaced and invoiced anew. Whoever it does not fit is listed with the reason."
        ),
    )  # fmt: skip
