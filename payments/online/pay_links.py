"""The link and the buttons that let whoever holds them pay one invoice, and do nothing else."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from core import tokens, web_addresses
from core.errors import Refused
from invoicing.models import Invoice
from payments.providers import active

_PURPOSE = "pay"


def path_to_pay(invoice: Invoice) -> str:
    """The address on this site. It says nothing about the payer, and only asks for money that is owed."""
    return reverse("pay_invoice", args=[tokens.make(_PURPOSE, invoice.number)])


def invoice_of(token: str) -> Invoice | None:
    """The invoice of a link; None for a link that is not ours or not complete."""
    try:
        number: Any = tokens.read(_PURPOSE, token)
    except Refused:
        return None
    return Invoice.objects.invoices().filter(number=number).first()


def link(invoice: Invoice) -> str:
    """The whole address, for mails and SMS; empty while no provider is switched on."""
    return web_addresses.whole(path_to_pay(invoice)) if active.aliases() else ""


def buttons(request: HttpRequest, invoice: Invoice) -> SafeString:
    """A button for each way to pay; empty while no provider is switched on."""
    choices = active.choices()
    if not choices:
        return SafeString("")
    context = {"action": path_to_pay(invoice), "choices": choices, "number": invoice.number}
    return render_to_string("payments/pay_buttons.html", context, request)
