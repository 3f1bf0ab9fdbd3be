"""The panels on the office's page of one member: contact data, household, periods, invoices, messages, history.

An app adds its own with the Wagtail hook `member_panel`, so that the registry never imports invoicing or payments:

    @hooks.register("member_panel")
    def invoices(request: HttpRequest, member: Member, on: date) -> MemberPanel | None:
        return MemberPanel(order=300, heading=_("Invoices"), template="invoicing/office/member_invoices.html",
                           context={"invoices": …}, permission="invoicing.view_invoice")
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from wagtail import hooks

from membership.models import Member


@dataclass(frozen=True, kw_only=True)
class MemberPanel:
    """One panel. `template` is rendered with `context`, the member as `member` and the date as `on`.

    `order` sorts: 100 contact data, 150 household, 200 periods, 300 invoices, 350 payments, 500 consents,
    600 messages, 900 history. `permission` is what a log-in needs to see it; empty: whoever may see the member.
    `is_wide` gives it the page's whole width, for tables. `anchor` is the panel's id on the page: lower case, ASCII.
    """

    order: int
    heading: str | Promise
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    permission: str = ""
    is_wide: bool = False
    anchor: str = ""

    def render(self, *, request: HttpRequest, member: Member, on: date) -> SafeString:
        """The panel's body as HTML."""
        return render_to_string(self.template, {**self.context, "member": member, "on": on}, request)


def member_panels(*, request: HttpRequest, member: Member, on: date) -> list[MemberPanel]:
    """Every panel this log-in may see about the member, in order.

    The right is checked here as well as in the hook, so that a hook that forgets it shows nothing it should not.
    """
    found: Iterable[MemberPanel | None] = (panel(request, member, on) for panel in hooks.get_hooks("member_panel"))
    seen = [panel for panel in found if panel and _may_see(request, panel)]
    return sorted(seen, key=lambda panel: (panel.order, str(panel.heading)))


def _may_see(request: HttpRequest, panel: MemberPanel) -> bool:
    return not panel.permission or bool(request.user.has_perm(panel.permission))
