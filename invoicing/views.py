"""What a member sees of invoices: the list on My page, what to pay next, and the PDF through a check."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail import hooks

from invoicing import branch_scope, kid, pdf, printing, ways
from invoicing.models import Invoice
from invoicing.standing import standing_of
from invoicing.ways_to_pay import ways_to_pay
from membership.models import Member, Period
from membership.my_page.access import MemberRequest, member_page
from membership.my_page.sections import MyPageNotice


@require_safe
@member_page
def my_invoices(request: MemberRequest) -> HttpResponse:
    """Every invoice and credit note of the member, newest first, and how to pay what is open."""
    on = timezone.localdate()
    invoices = list(Invoice.objects.filter(member=request.member).with_credited().order_by("-number"))
    below = _panels(request, [row for row in invoices if not row.is_settled], on)
    context = {
        "rows": [{"invoice": invoice, "standing": standing_of(invoice, on=on)} for invoice in invoices],
        "to_pay": [
            {**_how_to_pay(request, row, on), "panels": below.get(row.pk, [])}
            for row in sorted(invoices, key=_first_due)
            if not row.is_settled
        ],
        "main_member": _who_pays(request.member),
        "way": ways.words_for(request.member),
    }
    return render(request, "invoicing/my_invoices.html", context)


def _panels(request: MemberRequest, invoices: Sequence[Invoice], on: date) -> dict[int, list[SafeString]]:
    """What later apps say below each open invoice: the hook `my_invoice_panel`, a function of the request, the invoices
    and the date that returns a notice for the key of each invoice it has something to say about."""
    found: dict[int, list[SafeString]] = {}
    for hook in hooks.get_hooks("my_invoice_panel") if invoices else []:
        for key, notice in hook(request, invoices, on).items():
            found.setdefault(key, []).append(notice.render(request=request, member=request.member, on=on))
    return found


def to_pay(request: HttpRequest, member: Member, on: date) -> MyPageNotice | None:
    """On top of My page: the invoice that is due first."""
    invoice = Invoice.objects.open().filter(member=member).order_by("due_on", "number").first()
    if invoice is None:
        return None
    return MyPageNotice(order=100, template="invoicing/my_next_step.html", context=_how_to_pay(request, invoice, on))


def to_pay_now(request: HttpRequest, periods: Sequence[Period], on: date) -> MyPageNotice | None:
    """On the page that welcomes new members: how to pay the invoice of their terms. The PDF only for who may see it."""
    invoice = Invoice.objects.open().filter(lines__period__in=periods).order_by("due_on", "number").first()
    if invoice is None:
        return None
    may_see_pdf = branch_scope.readable_by(request.user).filter(pk=invoice.pk).exists()
    context = {**_how_to_pay(request, invoice, on), "may_see_pdf": may_see_pdf}
    return MyPageNotice(order=100, template="invoicing/welcome.html", context=context)


@never_cache
@require_safe
def invoice_pdf(request: HttpRequest, number: int) -> HttpResponseBase:
    """The PDF, for the log-in that holds the payer and for the office; for anybody else there is no such page."""
    invoice = get_object_or_404(branch_scope.readable_by(request.user), number=number)
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


def _first_due(invoice: Invoice) -> tuple[date, int]:
    return invoice.due_on, invoice.number


def _how_to_pay(request: HttpRequest, invoice: Invoice, on: date) -> dict[str, Any]:
    return {
        "invoice": invoice,
        "account": printing.account(invoice.account_number),
        "kid": kid.grouped(invoice.kid),
        "is_overdue": invoice.due_on < on,
        "ways_to_pay": ways_to_pay(request=request, invoice=invoice),
    }


def _who_pays(member: Member) -> Member | None:
    """The main member, where that is somebody else in the household: their invoices are not shown here."""
    main_member = member.household.main_member if member.household else None
    return main_member if main_member != member else None
