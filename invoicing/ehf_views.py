"""An invoice as EHF, for the treasurer to send through the association's access point."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail.admin import messages

from core.errors import Refused
from core.money import ZERO
from invoicing import ehf
from invoicing.models import Invoice
from membership import scope


@never_cache
@require_safe
@permission_required("invoicing.view_invoice", raise_exception=True)
def invoice_ehf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file; or back to the invoice with a sentence about why there can be none."""
    invoice = get_object_or_404(scope.visible_to(request.user, Invoice.objects.select_related("credits")), pk=pk)
    is_invoice = invoice.kind == Invoice.Kind.INVOICE
    try:
        content = ehf.document(
            invoice, lines=list(invoice.lines.all()), prepaid=invoice.paid_amount if is_invoice else ZERO
        )
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("invoices:inspect", pk)
    response = HttpResponse(content, content_type="application/xml")
    response["Content-Disposition"] = f'attachment; filename="{ehf.file_name(invoice)}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
