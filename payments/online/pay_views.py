"""Paying at once: the page of one invoice, the way back from the provider, and what providers tell by themselves."""

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Refused
from invoicing import kid, printing
from invoicing.models import Invoice
from payments.models import ProviderPayment
from payments.online import pay_links, pay_now, webhooks
from payments.providers import active, memory
from payments.providers.provider import ProviderError, Webhook

logger = logging.getLogger(__name__)
_MOST_BYTES = 256 * 1024  # more than any provider sends


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pay_invoice(request: HttpRequest, token: str) -> HttpResponse:
    """What is left to pay, and the buttons. Whoever has the link may pay; nothing about the payer stands here."""
    invoice = pay_links.invoice_of(token)
    if invoice is None:
        raise Http404
    if request.method != "POST":
        return _page(request, invoice)
    try:
        online = pay_now.start(
            invoice=invoice,
            alias=request.POST.get("provider", ""),
            at=timezone.now(),
            language="en" if (get_language() or "nb").startswith("en") else "nb",
        )
    except Refused as refusal:
        return _page(request, invoice, refusal=refusal)
    return HttpResponseRedirect(online.redirect_url, status=303)


@never_cache
@require_safe
def payment_return(request: HttpRequest, reference: str) -> HttpResponse:
    """Where the provider sends the person back to, in whatever browser. The address is not believed: we ask."""
    online = get_object_or_404(ProviderPayment.objects.select_related("invoice__member"), reference=reference)
    if online.is_under_way:
        try:
            online = pay_now.look(online=online, at=timezone.now())
        except ProviderError as error:
            logger.warning("The payment provider could not be asked about %s: %s", online, error)
    online.invoice.refresh_from_db(fields=["open_amount"])
    context = {
        "online": online,
        "invoice": online.invoice,
        "ways_to_pay": "" if online.invoice.is_settled else pay_links.buttons(request, online.invoice),
        **_account(online.invoice),
    }
    return render(request, "payments/pay_return.html", context)


@csrf_exempt  # the sender has no cookies; it proves itself with a signature
@never_cache
@require_POST
def payment_webhook(request: HttpRequest, alias: str) -> HttpResponse:
    """What a provider tells: 200 once it is heard, 400 if it is not genuine or too old, 503 if that is unknown now."""
    if alias not in active.aliases():
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > _MOST_BYTES:
        return HttpResponse(status=413)
    at = timezone.now()
    webhook = Webhook(
        host=request.get_host(),
        path=request.get_full_path(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body,
    )
    try:
        notice = active.load(alias).read_webhook(webhook=webhook, at=at)
    except ProviderError as error:
        logger.warning("A webhook of %s was refused: %s", alias, error)
        return HttpResponse(status=400 if error.permanent else 503)
    webhooks.hear(alias=alias, notice=notice, at=at)
    return HttpResponse(status=200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def try_out_payment(request: HttpRequest, reference: str) -> HttpResponse:
    """The memory twin's own page, in place of the app: yes or no. Only where the twin is switched on."""
    if not any(isinstance(active.load(alias), memory.MemoryProvider) for alias in active.aliases()):
        raise Http404
    if request.method == "POST":
        (memory.say_yes if request.POST.get("answer") == "yes" else memory.say_no)(reference)
        return redirect("payment_return", reference=reference)
    order = memory.waiting(reference)
    if order is None:
        raise Http404
    return render(request, "payments/try_out.html", {"order": order})


def _page(request: HttpRequest, invoice: Invoice, *, refusal: Refused | None = None) -> HttpResponse:
    context = {
        "invoice": invoice,
        "refusal": refusal.sentence if refusal else "",
        "ways_to_pay": "" if invoice.is_settled else pay_links.buttons(request, invoice),
        **_account(invoice),
    }
    return render(request, "payments/pay.html", context, status=422 if refusal else 200)


def _account(invoice: Invoice) -> dict[str, Any]:
    return {"account": printing.account(invoice.account_number), "kid": kid.grouped(invoice.kid)}
