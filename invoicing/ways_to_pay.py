"""Ways to pay an invoice at once, which later apps add with two Wagtail hooks. Without any, nothing stands there.

@hooks.register("ways_to_pay")
def buttons(request: HttpRequest, invoice: Invoice) -> SafeString:
    ...                                   # the buttons as HTML, or ""

@hooks.register("link_to_pay")
def link(invoice: Invoice) -> str:
    ...                                   # an address for mails and SMS, or ""
"""

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from wagtail import hooks

from invoicing.models import Invoice


def ways_to_pay(*, request: HttpRequest, invoice: Invoice) -> SafeString:
    """The buttons for an invoice with something left to pay, ready to show; empty without any."""
    if invoice.kind != Invoice.Kind.INVOICE or invoice.is_settled:
        return SafeString("")
    return mark_safe("".join(way(request, invoice) for way in hooks.get_hooks("ways_to_pay")))


def link_to_pay(invoice: Invoice) -> str:
    """An address where whoever has the message can pay at once, without logging in; empty without any."""
    if invoice.kind != Invoice.Kind.INVOICE or invoice.is_settled:
        return ""
    return next((link for make in hooks.get_hooks("link_to_pay") if (link := make(invoice))), "")
