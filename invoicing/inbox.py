"""The treasurer's inbox: whatever waits for somebody, on one page, each with the action that solves it.

An app adds its part with the Wagtail hook `treasury_inbox`:

    @hooks.register("treasury_inbox")
    def bounced(request: HttpRequest, on: date) -> InboxPart | None:
        if not request.user.has_perm("invoicing.view_invoice"):
            return None
        rows = …
        return InboxPart(order=500, title=_("Invoices that did not arrive"), why=_("…"), count=rows.count(),
                         rows=lambda: [InboxRow(…) for row in rows[:SHOWN]], url=…, url_label=_("See all"))

A part counts at once, in a query or two, because the office's first page adds the counts up; its rows are read only
where they are shown. A part with nothing in it is not shown.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from membership import scope
from membership.office.numbers import OfficeNumber, Tone

SHOWN = 10  # rows of a part on the page; the rest are behind its link


@dataclass(frozen=True, kw_only=True)
class InboxRow:
    """One thing: what it is, a second line about it, and where it is solved.

    `deed_url` is posted to by a button of its own, `deed`, where it can be solved at once.
    """

    text: str
    detail: str = ""
    url: str = ""
    action: str | Promise = ""
    deed_url: str = ""
    deed: str | Promise = ""


def _no_rows() -> Sequence[InboxRow]:
    return []


@dataclass(frozen=True, kw_only=True)
class InboxPart:
    """One kind of thing that waits. `why` says what it is and what to do; `url` leads to all of them, or to the screen
    that solves them together.

    `order` sorts by what comes first in a treasurer's week: 100s money to match, 200s machinery that stopped, 300s
    members who wait for an answer, 400s reminders, 500s what did not arrive, 600s money to give back.
    """

    order: int
    title: str | Promise
    why: str | Promise
    count: int
    rows: Callable[[], Sequence[InboxRow]] = _no_rows
    url: str = ""
    url_label: str | Promise = ""
    tone: Tone = "wait"


def parts(*, request: HttpRequest, on: date) -> list[InboxPart]:
    """Every part with something in it that this log-in may see, in order."""
    found: Iterable[InboxPart | None] = (part(request, on) for part in hooks.get_hooks("treasury_inbox"))
    return sorted((part for part in found if part and part.count), key=lambda part: (part.order, str(part.title)))


def number(request: HttpRequest, on: date) -> OfficeNumber | None:
    """How many things wait, on the office's first page, for those who may open the inbox."""
    if not request.user.has_perm("invoicing.view_invoice") or not scope.sees_every_branch(request.user):
        return None
    waiting = parts(request=request, on=on)
    return OfficeNumber(
        order=305, label=_("Treasurer's inbox"), count=sum(part.count for part in waiting),
        url=reverse("treasury_inbox"), tone="warn" if any(part.tone in {"warn", "bad"} for part in waiting) else "wait",
    )  # fmt: skip
