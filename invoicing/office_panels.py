"""What invoices tell on the office's first page and on the page of one member."""

from datetime import date

from django.db.models import Count, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import money
from invoicing import ways
from invoicing.models import Invoice
from invoicing.office_menu import may_issue
from invoicing.standing import standing_of
from membership import scope
from membership.models import Member
from membership.office.numbers import OfficeNumber
from membership.office.panels import MemberPanel


def of_member(request: HttpRequest, member: Member, on: date) -> MemberPanel | None:
    """The member's invoices and credit notes, newest first."""
    if not request.user.has_perm("invoicing.view_invoice"):
        return None
    invoices = scope.visible_to(request.user, Invoice.objects.filter(member=member)).with_credited().order_by("-number")
    return MemberPanel(
        order=300,
        anchor="invoices",
        heading=_("Invoices"),
        template="invoicing/office/member_invoices.html",
        context={
            "rows": [(invoice, standing_of(invoice, on=on)) for invoice in invoices],
            "may_issue": may_issue(request),
            "way": ways.words_for(member),
        },
        permission="invoicing.view_invoice",
        is_wide=True,
    )


def unpaid(request: HttpRequest, on: date) -> OfficeNumber | None:
    """Invoices with something left to pay, due or not."""
    if not request.user.has_perm("invoicing.view_invoice"):
        return None
    found = scope.visible_to(request.user, Invoice.objects.open()).aggregate(count=Count("pk"), sum=Sum("open_amount"))
    return OfficeNumber(
        order=300,
        label=_("Unpaid invoices"),
        count=found["count"],
        url=f"{reverse('invoices:index')}?state=open",
        tone="wait",
        detail=money.formatted(found["sum"] or money.ZERO),
    )


def without_pdf(request: HttpRequest, on: date) -> OfficeNumber | None:
    """Invoices whose PDF has failed: nobody has got them. Shown only when there are any."""
    if not request.user.has_perm("invoicing.view_invoice"):
        return None
    count = scope.visible_to(request.user, Invoice.objects.without_pdf().exclude(pdf_error="")).count()
    if not count:
        return None
    return OfficeNumber(
        order=330,
        label=_("Invoices without PDF"),
        count=count,
        url=f"{reverse('invoices:index')}?without_pdf=true",
        tone="bad",
    )
