"""The page that welcomes new members: who has joined, and what to do next. An app adds to it with a Wagtail hook:

    @hooks.register("welcome_notice")
    def to_pay(request: HttpRequest, periods: Sequence[Period], on: date) -> MyPageNotice | None:
        return MyPageNotice(order=100, template="invoicing/welcome.html", context={"invoice": …})

The page belongs to whoever has the link from the mail, logged in or not: show nothing but what the mail tells too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.utils.safestring import SafeString
from wagtail import hooks

from membership.models import Application, Member, Period
from membership.my_page.sections import MyPageNotice


@dataclass(frozen=True, kw_only=True)
class Joined:
    """The terms that were opened, the main member's first; whether any is still to be paid; and the apps' notices."""

    periods: list[Period]
    is_owed: bool
    notices: list[SafeString]


def joined(*, application: Application, request: HttpRequest, on: date) -> Joined:
    """What the page tells. Nobody is on it when the main member has been erased meanwhile."""
    main = application.main_member
    if main is None:
        return Joined(periods=[], is_owed=False, notices=[])
    people = Period.objects.filter(member=main)
    if main.household_id is not None:
        people |= Period.objects.filter(member__household=main.household_id)
    rows = people.filter(source=Period.Source.JOINED).select_related("member", "type", "wanted_type")
    periods = sorted(rows, key=lambda period: (period.member_id != main.pk, period.member_id))
    return Joined(
        periods=periods,
        is_owed=any(period.price and period.confirmed_on is None and period.ended_on is None for period in periods),
        notices=_notices(request, main, periods, on),
    )


def _notices(request: HttpRequest, member: Member, periods: Sequence[Period], on: date) -> list[SafeString]:
    found: Iterable[MyPageNotice | None] = (ask(request, periods, on) for ask in hooks.get_hooks("welcome_notice"))
    shown = sorted((notice for notice in found if notice), key=lambda notice: notice.order)
    return [notice.render(request=request, member=member, on=on) for notice in shown]
