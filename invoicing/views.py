"""What a member sees of invoices: the list on My page, and the PDF through a check."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from invoicing import kid, pdf, printing
from invoicing.models import Invoice
from invoicing.standing import standing_of


@never_cache
@require_safe
@login_required
def my_invoices(request: HttpRequest) -> HttpResponse:
    """Every invoice and credit note of the members this log-in holds, newest first, and how to pay what is open."""
    on = timezone.localdate()
    invoices = Invoice.objects.held_by(request.user).with_credited().order_by("-number")
    rows = [{"invoice": invoice, "standing": standing_of(invoice, on=on)} for invoice in invoices]
    to_pay = [
        {
            "invoice": invoice,
            "account": printing.account(invoice.account_number),
            "kid": kid.grouped(invoice.kid),
            "is_overdue": invoice.due_on < on,
        }
        for invoice in sorted(invoices, key=lambda invoice: invoice.due_on)
        if not invoice.is_settled
    ]
    return render(request, "invoicing/my_invoices.html", {"rows": rows, "to_pay": to_pay})


@never_cache
@require_safe
def invoice_pdf(request: HttpRequest, number: int) -> HttpResponseBase:
    """The PDF, for the log-in that holds the payer and for the office; for anybody else there is no such page."""
    invoice = get_object_or_404(Invoice.objects.visible_to(request.user), number=number)
    if not invoice.pdf:
        later = render(request, "invoicing/pdf_later.html", {"invoice": invoice}, status=503)
        later["Retry-After"] = "60"
        return later
    try:
        stored = pdf.opened(invoice)
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(stored, content_type="application/pdf", filename=pdf.file_name(invoice))
    response["X-Content-Type-Options"] = "nosniff"
    return response
