"""One payment in the office: what it covered, who recorded it, and how it is undone."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

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
