"""One payment in the office: what it covered, who recorded it, and how it is undone."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail.admin import messages

from invoicing import documents
from membership import scope
from payments import type_suggestions
from payments.forms import UndoForm
from payments.models import Payment


def frame(title: str, *, icon: str, trail: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """What Wagtail's header needs: the title, and the way here as (label, name of address)."""
    way = [(_("Home"), "wagtailadmin_home"), *trail]
    return {
        "header_title": title,
        "header_icon": icon,
        "breadcrumbs_items": [
            *({"url": reverse(name), "label": label} for label, name in way),
            {"url": "", "label": title},
        ],
    }


@never_cache
@require_safe
@permission_required("payments.view_payment", raise_exception=True)
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one payment or reversal."""
    rows = Payment.objects.select_related("payer", "recorded_by", "reversed_by__recorded_by", "reverses",
                                          "pays_back")  # fmt: skip
    rows = scope.visible_to(request.user, rows)
    found = get_object_or_404(rows.prefetch_related("allocations__invoice"), pk=pk)
    stands = found.reverses is None and not hasattr(found, "reversed_by")
    kind = _("Reversal") if found.reverses else _("Refund") if found.pays_back else _("Payment")
    may_record = request.user.has_perm("payments.add_payment")
    may_pay_back = may_record and scope.sees_every_branch(request.user)
    context = {
        "payment": found,
        "may_undo": stands and may_record,
        "may_pay_back": may_pay_back and stands and found.unused_amount > 0,
        "refunds": found.refunds.filter(reverses=None).select_related("reversed_by"),
        "receipts": _receipts(found) if stands else [],
        "type_suggestions": type_suggestions.for_payment(
            found,
            on=timezone.localdate(),
            by=request.user,  # type: ignore[arg-type]
        ),
        "type_next": reverse("payments_payment", args=[found.pk]),
        "form": UndoForm(),
        **frame(f"{kind} {found.pk}", icon="list-ul", trail=[(_("All payments"), "payments_modeladmin_index")]),
    }
    return render(request, "payments/office/payment.html", context)


def _receipts(payment: Payment) -> list[int]:
    """The numbers of the invoices that a payment covers something of."""
    rows = payment.allocations.filter(reverses=None, reversed_by=None).order_by("invoice__number")
    return list(rows.values_list("invoice__number", flat=True).distinct())


@never_cache
@require_safe
@permission_required("payments.view_payment", raise_exception=True)
def receipt(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The receipt of what a payment covers of an invoice, as PDF; none of what is undone."""
    from invoicing import press

    found = get_object_or_404(scope.visible_to(request.user, Payment.objects.all()), pk=pk)
    rows = found.allocations.filter(invoice__number=number, reverses=None, reversed_by=None).select_related("invoice")
    if not rows:
        raise Http404
    paid = [documents.Paid(on=found.received_on, amount=row.amount) for row in rows]
    try:
        content = documents.receipt_pdf(invoice=rows[0].invoice, paid=paid, on=timezone.localdate())
    except press.PrintError as error:
        messages.error(request, _("The receipt cannot be printed. %(problem)s") % {"problem": error})
        return redirect("payments_payment", found.pk)
    name = slugify(_("Receipt")) + f"-{number}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
