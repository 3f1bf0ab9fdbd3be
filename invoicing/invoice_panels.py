"""The panels on the office's page of one invoice that later apps add, with the Wagtail hook `invoice_panel`:

@hooks.register("invoice_panel")
def payments(request: HttpRequest, invoice: Invoice, on: date) -> InvoicePanel | None:
    return InvoicePanel(order=100, heading=_("Payments"), template="payments/office/invoice_payments.html",
                        context={"allocations": …}, permission="payments.view_payment")
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise
from wagtail import hooks

from invoicing.models import Invoice


@dataclass(frozen=True, kw_only=True)
class InvoicePanel:
    """One panel. `template` is rendered with `context`, the invoice as `invoice` and the date as `on`."""

    order: int
    heading: str | Promise
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    permission: str = ""

    def render(self, *, request: HttpRequest, invoice: Invoice, on: date) -> str:
        return render_to_string(self.template, {**self.context, "invoice": invoice, "on": on}, request=request)


def invoice_panels(*, request: HttpRequest, invoice: Invoice, on: date) -> list[InvoicePanel]:
    """Every panel this log-in may see about the invoice, in order. The right is checked here as well as in the hook."""
    found = [panel(request, invoice, on) for panel in hooks.get_hooks("invoice_panel")]
    seen = [panel for panel in found if panel and (not panel.permission or request.user.has_perm(panel.permission))]
    return sorted(seen, key=lambda panel: (panel.order, str(panel.heading)))
