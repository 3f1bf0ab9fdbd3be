"""My page: what a member has paid."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from membership.my_page.access import MemberRequest, member_page
from payments import accounts
from payments.models import Payment


@require_safe
@member_page
def my_payments(request: MemberRequest) -> HttpResponse:
    """Every payment of the member, newest first, and their credit."""
    payments = Payment.objects.filter(payer=request.member)
    return render(request, "payments/my_payments.html", accounts.statement(payments))
