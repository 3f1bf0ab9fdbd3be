"""The office's first page: numbers that are links, members by month, and who joined last."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from core import dates
from membership import scope
from membership.models import Application, Member, Period
from membership.office.numbers import OfficeNumber, office_numbers
from membership.status import BELONGS, status_of
from messaging.models import Message, State

MONTHS = 12
LATEST = 8
TRIAL_DAYS_AHEAD = 14
CACHE_SECONDS = 600  # members by month looks at every term there is


def registry_link(**filters: Any) -> str:
    """The registry, narrowed down."""
    return f"{reverse('members:index')}?{urlencode(filters, doseq=True)}"


def members_now(request: HttpRequest, on: date) -> OfficeNumber | None:
    """Everybody who belongs today, paid or not."""
    if not request.user.has_perm("membership.view_member"):
        return None
    count = scope.visible_to(request.user, Member.objects.belonging(on=on)).count()
    return OfficeNumber(order=100, label=_("Members"), count=count, url=registry_link(status=BELONGS))


def new_members(request: HttpRequest, on: date) -> OfficeNumber | None:
    """Who has joined since the first of the month."""
    if not request.user.has_perm("membership.view_member"):
        return None
    first = on.replace(day=1)
    joined = Member.objects.filter(member_since__gte=first, member_since__lte=on)
    count = scope.visible_to(request.user, joined).count()
    url = registry_link(joined_from=first.isoformat(), joined_to=on.isoformat())
    return OfficeNumber(order=110, label=_("New this month"), count=count, url=url, tone="good")


def applications_waiting(request: HttpRequest, on: date) -> OfficeNumber | None:
    """Who waits for the office's yes or no."""
    if not request.user.has_perm("membership.view_application"):
        return None
    rows = Application.objects.filter(state=Application.State.AWAITING_APPROVAL)
    waiting = scope.visible_to(request.user, rows).count()
    url = f"{reverse('applications:index')}?{urlencode({'state': Application.State.AWAITING_APPROVAL})}"
    return OfficeNumber(order=200, label=_("Applications waiting"), count=waiting, url=url, tone="wait")


def trials_ending(request: HttpRequest, on: date) -> OfficeNumber | None:
    """Whose trial ends within two weeks, unpaid so far."""
    if not request.user.has_perm("membership.view_member"):
        return None
    by = dates.days_after(on, TRIAL_DAYS_AHEAD)
    ending = scope.visible_to(request.user, Period.objects.covering(on).trials().filter(ends_on__lte=by))
    count = ending.values("member").distinct().count()
    label = _("Trials ending within %(days)d days") % {"days": TRIAL_DAYS_AHEAD}
    url = registry_link(trial_ends_by=by.isoformat())
    return OfficeNumber(order=210, label=label, count=count, url=url, tone="wait")


def messages_in_trouble(request: HttpRequest, on: date) -> OfficeNumber | None:
    """Messages that did not go, or that nobody can know about."""
    if not request.user.has_perm("messaging.view_message"):
        return None
    count = scope.visible_to(request.user, Message.objects.filter(state__in=TROUBLE)).count()
    return OfficeNumber(order=400, label=_("Messages in trouble"), count=count, url=_messages_link(), tone="bad")


TROUBLE = (State.FAILED, State.UNKNOWN, State.BOUNCED)
NUMBERS = (members_now, new_members, applications_waiting, trials_ending, messages_in_trouble)


def _messages_link() -> str:
    return f"{reverse('messages_modeladmin_index')}?{urlencode({'state__in': ','.join(TROUBLE)})}"


@dataclass(frozen=True, kw_only=True)
class Month:
    """A bar of the chart, in the chart's own units: 0 is the top."""

    label: str
    count: int
    x: int
    y: int
    height: int


def members_by_month(*, on: date, user: Any) -> list[tuple[date, int]]:
    """Return how many belonged on the last day of each of the last twelve months; today for the running one.

    Of those whom the log-in may know of, as they belong to branches now.
    """
    days = [on]
    while len(days) < MONTHS:
        days.append(days[-1].replace(day=1) - datetime.timedelta(days=1))
    days.reverse()
    # A member's terms never overlap, so terms that cover a day are members on that day.
    counts = scope.visible_to(user, Period.objects.with_last_day()).aggregate(
        **{
            f"day_{number}": Count("pk", filter=Q(starts_on__lte=day) & (Q(last_on=None) | Q(last_on__gte=day)))
            for number, day in enumerate(days)
        }
    )
    return [(day, counts[f"day_{number}"]) for number, day in enumerate(days)]


def bars(rows: list[tuple[date, int]]) -> list[Month]:
    """Return the bars of a chart 600 wide and 200 high, of which 150 are for the bars."""
    highest = max((count for _day, count in rows), default=0) or 1
    step = 600 // max(len(rows), 1)
    made = []
    for number, (day, count) in enumerate(rows):
        height = round(150 * count / highest)
        made.append(Month(label=date_format(day, "M"), count=count, x=number * step, y=175 - height, height=height))
    return made


class OfficePanel(Component):
    """A panel of the first page. Shown to those with `permission`; without it there is nothing."""

    permission = ""

    def __init__(self, *, on: date, order: int) -> None:
        self.on = on
        self.order = order

    def render_html(self, parent_context: Mapping[str, Any] | None = None) -> str:
        request = (parent_context or {})["request"]
        if self.permission and not request.user.has_perm(self.permission):
            return ""
        html: str = super().render_html(parent_context)
        return html


class NumbersPanel(OfficePanel):
    """Every number this log-in may see."""

    template_name = "membership/office/dashboard/numbers.html"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        return {"numbers": office_numbers(request=parent_context["request"], on=self.on)}


class FirstStepsPanel(OfficePanel):
    """What to do while the registry is empty."""

    template_name = "membership/office/dashboard/first_steps.html"
    permission = "membership.add_member"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        request = parent_context["request"]
        is_empty = scope.sees_every_branch(request.user) and not Member.objects.exists()
        return {"is_empty": is_empty, "request": request}


class MembersByMonthPanel(OfficePanel):
    """A chart, and the same as a table."""

    template_name = "membership/office/dashboard/by_month.html"
    permission = "membership.view_member"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        key = f"office:members-by-month:{self.on}:{scope.cache_key(user)}"
        rows: list[tuple[date, int]] | None = cache.get(key)
        if rows is None:
            rows = members_by_month(on=self.on, user=user)
            cache.set(key, rows, CACHE_SECONDS)
        return {"rows": rows, "bars": bars(rows), "has_members": any(count for _day, count in rows)}


class LatestMembersPanel(OfficePanel):
    """Who joined last, whenever they came into the registry: an old register's members did not join on the day of its
    import."""

    template_name = "membership/office/dashboard/latest.html"
    permission = "membership.view_member"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        joined = scope.visible_to(parent_context["request"].user, Member.objects.filter(member_since__lte=self.on))
        latest = joined.prefetch_related("periods__type").order_by("-member_since", "-pk")
        return {"rows": [(member, status_of(member=member, on=self.on)) for member in latest[:LATEST]]}


def panels(*, on: date) -> list[OfficePanel]:
    """The panels of the first page, before Wagtail's own about pages."""
    return [
        NumbersPanel(on=on, order=10),
        FirstStepsPanel(on=on, order=20),
        MembersByMonthPanel(on=on, order=30),
        LatestMembersPanel(on=on, order=40),
    ]
