"""Money that goes back, and money that will not come: a refund recorded, the rest of an invoice written off."""

from uuid import uuid4

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages

from core.errors import Refused
from core.money import formatted
from invoicing.models import Invoice
from payments import refunds, write_offs
from payments.from_bank.bank_forms import PayBackForm, WriteOffForm
from payments.models import Payment, WriteOff
from payments.office_views import frame

may_record = permission_required("payments.add_payment", raise_exception=True)
_FIELD_OF = {"not_positive": "amount", "more_than_unused": "amount", "in_the_future": "on", "too_early": "on",
             "closed": "on"}  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@may_record
def pay_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that what is not used of a payment has been paid back, wholly or in part."""
    payment = get_object_or_404(Payment, pk=pk, pays_back=None, reverses=None)
    start = {"on": timezone.localdate(), "token": uuid4()}
    form = PayBackForm(request.POST or None, most=payment.unused_amount, initial=start)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            refunds.pay_back(
                payment=payment, amount=given["amount"], on=given["on"], at=timezone.now(),
                by=request.user,  # type: ignore[arg-type]
                source_reference=f"refund:{given['token']}", reason=given["reason"],
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(_FIELD_OF.get(refusal.code or ""), refusal)
        else:
            amount = formatted(given["amount"], payment.currency)
            messages.success(request, _("%(amount)s is recorded as paid back.") % {"amount": amount})
            return redirect("payments_payment", pk)
    trail = [(_("All payments"), "payments_modeladmin_index")]
    context = {"form": form, "payment": payment, **frame(_("Pay back"), icon="undo", trail=trail)}
    return render(request, "payments/office/bank/pay_back.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
@may_record
def owe_back(request: HttpRequest, pk: int) -> HttpResponse:
    """What is not used waits to be paid back, or is credit again."""
    payment = get_object_or_404(Payment, pk=pk)
    is_owed = request.POST.get("is_owed") == "1"
    try:
        refunds.owe_back(payment=payment, is_owed=is_owed, at=timezone.now(), by=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("payments_payment", pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@may_record
def write_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up what is left to pay of a partly paid invoice."""
    invoice = get_object_or_404(Invoice.objects.invoices(), pk=pk)
    form = WriteOffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        how = {"on": timezone.localdate(), "at": timezone.now(), "by": request.user}
        try:
            row = write_offs.write_off(invoice=invoice, reason=form.cleaned_data["reason"], **how)  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error(None, refusal)
        else:
            amount = formatted(row.amount, invoice.currency)
            messages.success(request, _("%(amount)s is written off as a loss.") % {"amount": amount})
            return redirect("invoices:inspect", pk)
    trail = [(_("Invoices"), "invoices:index")]
    is_dues = invoice.lines.filter(period__isnull=False, is_credited=False).exists()
    context = {"form": form, "invoice": invoice, "is_dues": is_dues}
    context |= frame(_("Write off the rest"), icon="cross", trail=trail)
    return render(request, "payments/office/bank/write_off.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
@may_record
def undo_write_off(request: HttpRequest, pk: int) -> HttpResponse:
    """It is owed after all."""
    row = get_object_or_404(WriteOff.objects.select_related("invoice"), pk=pk)
    try:
        reason = _("Written off by mistake")
        write_offs.undo(write_off=row, at=timezone.now(), by=request.user, reason=reason)  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("The rest is owed again."))
    return redirect("invoices:inspect", row.invoice_id)
