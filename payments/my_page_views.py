"""My page: what a member has paid."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from payments import accounts
from payments.models import Payment


@never_cache
@require_safe
@login_required
def my_payments(request: HttpRequest) -> HttpResponse:
    """Every payment of the members this log-in holds, newest first, and their credit."""
    payments = Payment.objects.filter(payer__user=request.user.pk)
    return render(request, "payments/my_payments.html", accounts.statement(payments))
