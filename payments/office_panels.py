"""What payments tell on the office's first page and on the page of one member."""

from datetime import date

from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.money import ZERO, formatted
from invoicing.invoice_panels import InvoicePanel
from invoicing.models import Invoice
from membership import scope
from membership.models import Member
from membership.office.numbers import OfficeNumber
from membership.office.panels import MemberPanel
from payments import accounts, write_offs
from payments.models import Allocation, Payment, WriteOff


def of_member(request: HttpRequest, member: Member, on: date) -> MemberPanel | None:
    """What the member has paid, and their credit."""
    if not request.user.has_perm("payments.view_payment"):
        return None
    return MemberPanel(
        order=350,
        anchor="payments",
        heading=_("Payments"),
        template="payments/office/member_payments.html",
        context=accounts.statement(scope.visible_to(request.user, Payment.objects.filter(payer=member))),
        permission="payments.view_payment",
        is_wide=True,
    )


def of_invoice(request: HttpRequest, invoice: Invoice, on: date) -> InvoicePanel | None:
    """What has been paid on the invoice, and the way to register more."""
    rows = scope.visible_to(request.user, Allocation.objects.filter(invoice=invoice)).select_related(
        "payment", "reversed_by"
    )
    return InvoicePanel(
        order=100,
        heading=_("Payments"),
        template="payments/office/invoice_payments.html",
        context={
            "allocations": rows,
            "write_offs": WriteOff.objects.filter(invoice=invoice).select_related("reversed_by"),
            "may_write_off": request.user.has_perm("payments.add_payment") and write_offs.is_possible(invoice),
            "may_undo": request.user.has_perm("payments.add_payment"),
            "may_register": invoice.open_amount > 0 and request.user.has_perm("payments.add_payment"),
        },
        permission="payments.view_payment",
    )


def overdue(request: HttpRequest, on: date) -> OfficeNumber | None:
    """Open invoices past their due date."""
    if not request.user.has_perm("invoicing.view_invoice"):
        return None
    rows = scope.visible_to(request.user, Invoice.objects.overdue(on=on))
    return OfficeNumber(
        order=310,
        label=_("Payments due"),
        count=rows.count(),
        url=f"{reverse('payments_due')}?age=overdue",
        tone="warn",
        detail=formatted(rows.aggregate(sum=Sum("open_amount"))["sum"] or ZERO),
    )


def overpaid(request: HttpRequest, on: date) -> OfficeNumber | None:
    """Money that no invoice has used: credit, or from a payer we do not know."""
    if not request.user.has_perm("payments.view_payment"):
        return None
    rows = scope.visible_to(request.user, Payment.objects.filter(unused_amount__gt=0))
    return OfficeNumber(
        order=320,
        label=_("Overpaid"),
        count=rows.count(),
        url=f"{reverse('payments_modeladmin_index')}?credit=yes",
        tone="wait",
        detail=formatted(rows.aggregate(sum=Sum("unused_amount"))["sum"] or ZERO),
    )
