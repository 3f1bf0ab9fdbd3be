"""The numbers on the office's first page. Each is a link to the list that solves it.

An app adds its own with the Wagtail hook `office_number`:

    @hooks.register("office_number")
    def unpaid(request: HttpRequest, on: date) -> OfficeNumber | None:
        if not request.user.has_perm("invoicing.view_invoice"):
            return None
        return OfficeNumber(order=300, label=_("Unpaid invoices"), count=…, url=…, tone="warn")
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.http import HttpRequest
from django.utils.functional import Promise
from wagtail import hooks

Tone = Literal["", "good", "wait", "warn", "bad"]


@dataclass(frozen=True, kw_only=True)
class OfficeNumber:
    """One number: what it counts, how many, and where one goes to do something about it.

    `order` sorts: 100s members, 200s applications and trials, 300s money, 400s messages, 500s machinery.
    `tone` colours it when the count is not zero: "" is plain, "good" is good news, "wait" is work, "warn" and "bad"
    are trouble. `detail` is a short second line, for instance an amount.
    """

    order: int
    label: str | Promise
    count: int
    url: str
    tone: Tone = ""
    detail: str = ""

    @property
    def shown_tone(self) -> str:
        """No trouble when there is nothing: a zero is never coloured."""
        return self.tone if self.count else ""


def office_numbers(*, request: HttpRequest, on: date) -> list[OfficeNumber]:
    """Every number this log-in may see, in order. Each hook returns None where the right to see it is missing."""
    found: Iterable[OfficeNumber | None] = (number(request, on) for number in hooks.get_hooks("office_number"))
    return sorted((number for number in found if number), key=lambda number: (number.order, str(number.label)))
