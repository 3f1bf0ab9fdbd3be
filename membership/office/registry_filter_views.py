"""What the registry can be narrowed down to. Filters on office-only fields do not exist for those without the right."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, NumberRangeWidget, WagtailFilterSet
from wagtail.admin.widgets import AdminDateInput, BooleanRadioSelect

from membership import branches, scope
from membership.fields import may_see_office_fields
from membership.models import Branch, Member, MembershipType, Period
from membership.models.member_queries import MemberQuerySet
from membership.office import columns
from membership.status import LABELS

NO_BRANCH = "none"
WITH_THE_RIGHT_ONLY = ("has_own_price", "has_log_in_link", "has_payer")
HOUSEHOLD_ROLES = [("main", _("Main member")), ("other", _("Household member")), ("none", _("In no household"))]


def _yes_or_no(label: Any, method: str) -> django_filters.BooleanFilter:
    return django_filters.BooleanFilter(label=label, method=method, widget=BooleanRadioSelect)


def _is_there(label: Any, field_name: str) -> django_filters.BooleanFilter:
    return django_filters.BooleanFilter(
        label=label, field_name=field_name, lookup_expr="isnull", exclude=True, widget=BooleanRadioSelect
    )


class RegistryFilters(WagtailFilterSet):
    """Everything the office asks of the registry. `columns` chooses what the list shows, and takes nobody away."""

    status = django_filters.MultipleChoiceFilter(
        label=_("Status"), choices=list(LABELS.items()), method="in_status", widget=forms.CheckboxSelectMultiple
    )
    on = django_filters.DateFilter(
        label=_("As on this date"), method="unchanged", widget=AdminDateInput,
        help_text=_("Status and type are shown as they were, or will be, on this day. Empty: today."),
    )  # fmt: skip
    type = django_filters.ModelMultipleChoiceFilter(
        label=_("Membership type"), queryset=MembershipType.objects.all(), method="of_type",
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    kind = django_filters.ChoiceFilter(
        label=_("Person or organisation"), choices=Member.Kind.choices, empty_label=_("Both"), widget=forms.RadioSelect
    )
    household = django_filters.ChoiceFilter(
        label=_("Household"), choices=HOUSEHOLD_ROLES, empty_label=_("All"), method="with_household_role",
        widget=forms.RadioSelect,
    )  # fmt: skip
    area = django_filters.CharFilter(
        label=_("Postcode or place"), method="living_in", help_text=_("The first digits of a postcode, or a place.")
    )
    has_email = _yes_or_no(_("Has e-mail"), "with_something_in")
    has_mobile = _yes_or_no(_("Has mobile"), "with_something_in")
    has_payer = _is_there(_("Somebody else pays"), "payer")
    has_logged_in = _is_there(_("Has logged in"), "user__last_login")
    wants_newsletter = _yes_or_no(_("Wants the newsletter by e-mail"), "wanting_newsletter")
    branch = django_filters.MultipleChoiceFilter(
        label=_("Branch"), choices=[], method="of_branch", widget=forms.CheckboxSelectMultiple
    )
    gender = django_filters.MultipleChoiceFilter(
        label=_("Gender"), choices=Member.Gender.choices, widget=forms.CheckboxSelectMultiple
    )
    language = django_filters.ChoiceFilter(
        label=_("Language"), choices=Member._meta.get_field("language").choices, empty_label=_("All"),
        widget=forms.RadioSelect,
    )  # fmt: skip
    joined = django_filters.DateFromToRangeFilter(
        label=_("Member since"), field_name="member_since", widget=DateRangePickerWidget
    )
    left = django_filters.DateFromToRangeFilter(
        label=_("Left between"), method="having_left", widget=DateRangePickerWidget
    )
    trial_ends_by = django_filters.DateFilter(
        label=_("Trial ends by"), method="with_trial_ending", widget=AdminDateInput
    )
    born = django_filters.RangeFilter(label=_("Year of birth"), method="born_between", widget=NumberRangeWidget)
    has_own_price = _is_there(_("Has an own price"), "special_price")
    has_log_in_link = _is_there(_("Has been sent a log-in link"), "login_link_sent_at")
    columns = django_filters.MultipleChoiceFilter(
        label=_("Columns"), choices=[], method="unchanged", widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Member
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has_right = self.request is not None and may_see_office_fields(self.request.user)
        if not has_right:
            for name in WITH_THE_RIGHT_ONLY:
                del self.filters[name]
        if "gender" not in settings.CLIENT.membership.fields:
            del self.filters["gender"]
        user = self.request.user if self.request is not None else None
        sees_all = user is not None and scope.sees_every_branch(user)
        if branches.are_used():
            rows = scope.visible_to(user, Branch.objects.all())
            nowhere = [(NO_BRANCH, _("In no branch"))] if sees_all else []
            self.filters["branch"].extra["choices"] = [*[(str(row.pk), row.name) for row in rows], *nowhere]
        else:
            del self.filters["branch"]
        there = columns.offered(with_office_fields=has_right, with_other_branches=sees_all)
        self.filters["columns"].extra["choices"] = [(key, column.heading) for key, column in there.items()]

    @property
    def day(self) -> date:
        """The date asked about; today when none is given."""
        return self.form.cleaned_data.get("on") or timezone.localdate()

    @property
    def chosen_columns(self) -> list[str]:
        """The keys of the columns asked for; none means the usual ones."""
        return list(self.form.cleaned_data.get("columns") or [])

    def in_status(self, members: MemberQuerySet, name: str, codes: list[str]) -> MemberQuerySet:
        return members.in_status(*codes, on=self.day) if codes else members

    def unchanged(self, members: MemberQuerySet, name: str, value: Any) -> MemberQuerySet:
        return members

    def of_type(self, members: MemberQuerySet, name: str, types: list[MembershipType]) -> MemberQuerySet:
        if not types:
            return members
        return members.filter(pk__in=Period.objects.covering(self.day).filter(type__in=types).values("member"))

    def of_branch(self, members: MemberQuerySet, name: str, keys: list[str]) -> MemberQuerySet:
        """Those of the branches and of all below them; as on the day asked about."""
        if not keys:
            return members
        wanted = Branch.objects.filter(pk__in=[key for key in keys if key != NO_BRANCH]).with_everything_below()
        if self.day >= timezone.localdate():  # nobody is transferred ahead of time
            now = Q(branch__in=wanted)
            return members.filter(now | Q(branch=None) if NO_BRANCH in keys else now)
        return branches.in_branches(members, wanted, with_none=NO_BRANCH in keys, on=self.day)

    def with_household_role(self, members: MemberQuerySet, name: str, role: str) -> MemberQuerySet:
        if role == "none":
            return members.filter(household=None)
        leads = Q(household__main_member=F("pk"))
        return members.filter(leads) if role == "main" else members.filter(~leads, household__isnull=False)

    def living_in(self, members: MemberQuerySet, name: str, words: str) -> MemberQuerySet:
        words = words.strip()
        if words.isdigit():
            return members.filter(postcode__startswith=words)
        return members.filter(place__in={words, words.upper(), words.title(), words.capitalize()})

    def with_something_in(self, members: MemberQuerySet, name: str, wanted: bool) -> MemberQuerySet:
        nothing = Q(**{name.removeprefix("has_"): ""})
        return members.exclude(nothing) if wanted else members.filter(nothing)

    def wanting_newsletter(self, members: MemberQuerySet, name: str, wanted: bool) -> MemberQuerySet:
        wanting = members.model._default_manager.consenting("newsletter", "email")
        return members.filter(pk__in=wanting.values("pk")) if wanted else members.exclude(pk__in=wanting.values("pk"))

    def having_left(self, members: MemberQuerySet, name: str, days: slice) -> MemberQuerySet:
        ended = Period.objects.exclude(end_reason__in=["", "converted", "corrected"])
        if days.start:
            ended = ended.filter(ended_on__gte=days.start.date())
        if days.stop:
            ended = ended.filter(ended_on__lte=days.stop.date())
        return members.filter(pk__in=ended.values("member"))

    def with_trial_ending(self, members: MemberQuerySet, name: str, by: date) -> MemberQuerySet:
        trials = Period.objects.covering(self.day).trials().filter(ends_on__lte=by)
        return members.filter(pk__in=trials.values("member"))

    def born_between(self, members: MemberQuerySet, name: str, years: slice) -> MemberQuerySet:
        if years.start is not None:
            members = members.filter(born_on__gte=_new_year(years.start))
        if years.stop is not None:
            members = members.filter(born_on__lt=_new_year(years.stop + 1))
        return members


def _new_year(year: Any) -> date:
    return date(max(1, min(int(year), 9999)), 1, 1)
