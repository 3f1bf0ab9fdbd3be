"""Register payments: one field, Enter, the invoice, Enter, and the field again. Plain forms; a script only helps."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4

from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from core import money
from core.errors import Refused
from core.money import ZERO, formatted
from invoicing.models import Invoice
from invoicing.models.invoices import InvoiceQuerySet
from membership import scope
from payments import intake, matching, refunds, share_forms, type_suggestions
from payments.forms import RegisterForm
from payments.models import Payment
from payments.office_views import frame
from payments.share_forms import SharesForm

may_register = permission_required("payments.add_payment", raise_exception=True)

# Which field of the form a refusal belongs to; the others stand on top.
_FIELD_OF = {
    "not_positive": "amount",
    "too_many_decimals": "amount",
    "too_much": "amount",
    "in_the_future": "received_on",
    "too_long_ago": "received_on",
}
_LIMIT = 20


@method_decorator([never_cache, may_register], name="dispatch")
class RegisterView(View):
    """The page. What is typed and chosen stands in the address, so that nothing is lost by going back."""

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "").strip()
        chosen = self._chosen(request.GET.get("invoice", ""))
        found = matching.find(text=text, limit=_LIMIT, among=self._suggested()) if text and chosen is None else None
        if found and found.only:
            chosen = found.only.invoice
        form = self._form(chosen, parse_day(request.GET.get("received_on", ""))) if chosen else None
        return self._page(request, text=text, found=found, invoice=chosen, form=form)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RegisterForm(request.POST)
        chosen = self._chosen(request.POST.get("invoice", ""))
        if chosen and (dividing := self._dividing(request, chosen)):
            return self._page(request, form=RegisterForm(initial=request.POST.dict()), invoice=chosen, parts=dividing)
        parts = share_forms.sent(request.POST, among=self._invoices()) if "shares" in request.POST else None
        if not (form.is_valid() and (parts is None or parts.is_valid())):
            return self._page(request, form=form, invoice=chosen, parts=parts, status=422)
        invoice: Invoice = form.cleaned_data["invoice"]
        if not scope.is_visible(request.user, invoice):
            raise Http404
        try:
            payment = intake.record(
                amount=form.cleaned_data["amount"],
                received_on=form.cleaned_data["received_on"],
                source=Payment.Source.HAND,
                source_reference=f"hand:{form.cleaned_data['token']}:{invoice.pk}",
                at=timezone.now(),
                by=request.user,  # type: ignore[arg-type]
                invoices=[] if parts else [invoice],
                shares=parts.shares() if parts else [],
                rest_is_credit="rest" in request.POST,
                anyway="anyway" in request.POST,
            )
        except Refused as refusal:
            form.add_error(_FIELD_OF.get(refusal.code or ""), refusal)
            return self._page(request, form=form, invoice=chosen, parts=parts, code=refusal.code or "", status=422)
        tell(request, payment)
        return back_to_field(payment.received_on)

    def _invoices(self) -> InvoiceQuerySet:
        """Those that the log-in may know of."""
        return scope.visible_to(self.request.user, Invoice.objects.invoices())

    def _suggested(self) -> QuerySet[Invoice] | None:
        """What may be suggested; none means all, which asks the database no more."""
        return None if scope.sees_every_branch(self.request.user) else self._invoices()

    def _chosen(self, key: str) -> Invoice | None:
        rows = self._invoices().select_related("member").prefetch_related("lines")
        return rows.filter(pk=key).first() if key.isascii() and key.isdigit() and len(key) < 19 else None

    def _dividing(self, request: HttpRequest, chosen: Invoice) -> SharesForm | None:
        """The fields for each invoice, when somebody wants to divide the amount or looks for one more invoice."""
        if "shares" in request.POST:
            every = self._suggested() is None
            return share_forms.with_another(request.POST, among=self._invoices(), every=every)
        if "divide" not in request.POST:
            return None
        try:
            amount = money.parsed(request.POST.get("amount", ""))
        except Refused:
            amount = ZERO  # the amount's own field says so when the form is sent
        others = (
            self._invoices().open().filter(member=chosen.member_id) if chosen.member_id else self._invoices().none()
        )
        others = others.exclude(pk=chosen.pk).select_related("member").prefetch_related("lines")
        return share_forms.begin(
            amount=amount, invoices=[chosen, *others.order_by("due_on", "number")[: share_forms.MOST]]
        )

    def _form(self, invoice: Invoice, received_on: date | None) -> RegisterForm:
        return RegisterForm(
            initial={
                "invoice": invoice.pk,
                "amount": invoice.open_amount or invoice.total,
                "received_on": received_on or timezone.localdate(),
                "token": uuid4(),
            }
        )

    def _page(
        self,
        request: HttpRequest,
        *,
        form: RegisterForm | None = None,
        invoice: Invoice | None = None,
        found: matching.Found | None = None,
        text: str = "",
        parts: SharesForm | None = None,
        code: str = "",
        status: int = 200,
    ) -> HttpResponse:
        today = timezone.localdate()
        registered = registered_by(request, today)
        context = {
            "form": form if invoice else None,
            "invoice": invoice,
            "days_overdue": invoice.days_overdue(today) if invoice else 0,
            "others_open": owed_besides(invoice) if invoice else ZERO,
            "found": found,
            "text": text,
            "is_alike": code == "registered_already",
            "parts": parts,
            "rest_is_left": code == "rest_left",
            "received_on": request.GET.get("received_on", ""),
            "registered": registered,
            "total": registered_total(registered),
            **frame(_("Register payments"), icon="plus-inverse"),
        }
        return render(request, "payments/office/register.html", context, status=status)


@never_cache
@require_POST
@may_register
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a payment, from the list of what was registered today or from the payment's own page."""
    payment = get_object_or_404(scope.visible_to(request.user, Payment.objects.all()), pk=pk)
    reason = request.POST.get("reason", "").strip() if "reason" in request.POST else _("Registered by mistake")
    try:
        if payment.pays_back_id:
            refunds.take_back(refund=payment, at=timezone.now(), by=request.user, reason=reason)  # type: ignore[arg-type]
        else:
            intake.reverse(payment=payment, at=timezone.now(), by=request.user, reason=reason)  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(
            request,
            _("%(amount)s from %(name)s is undone.")
            % {"amount": formatted(payment.amount, payment.currency), "name": payment.payer_name},
        )
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return redirect(target)
    return back_to_field(payment.received_on)


def parse_day(text: str) -> date | None:
    """A day from the address, where anything may stand."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def owed_besides(invoice: Invoice) -> Decimal:
    """What the payer owes on other invoices: a surplus goes there before it becomes credit."""
    if invoice.member_id is None:
        return ZERO
    others = Invoice.objects.open().filter(member=invoice.member_id).exclude(pk=invoice.pk)
    return others.aggregate(sum=Sum("open_amount"))["sum"] or ZERO


def registered_by(request: HttpRequest, today: date) -> "list[Payment]":
    """What this log-in has registered by hand today, newest first."""
    midnight = timezone.make_aware(datetime.combine(today, time.min))
    rows: QuerySet[Payment] = (
        scope.visible_to(request.user, Payment.objects.all())
        .filter(
            recorded_by=request.user.pk,
            source=Payment.Source.HAND,
            recorded_at__gte=midnight,
            recorded_at__lt=midnight + timedelta(days=1),
        )
        .select_related("payer", "reversed_by")
        .prefetch_related("allocations__invoice")
    )
    return list(rows)


def registered_total(payments: "list[Payment]") -> Decimal:
    """The sum of what stands."""
    return sum((payment.amount for payment in payments if not hasattr(payment, "reversed_by")), ZERO)


def tell(request: HttpRequest, payment: Payment) -> None:
    """Say what registering did; where another membership may be meant, with the way to it."""
    buttons = []
    if type_suggestions.for_payment(payment, on=timezone.localdate()):
        address = reverse("payments_payment", args=[payment.pk])
        buttons = [messages.button(address, _("It is the price of another membership: look"))]
    messages.success(request, said(payment), buttons=buttons)


def said(payment: Payment) -> str:
    """What registering did, in one or two sentences."""
    sentences = [
        _("%(amount)s from %(name)s is registered.")
        % {"amount": formatted(payment.amount, payment.currency), "name": payment.payer_name}
    ]
    for row in payment.allocations.select_related("invoice"):
        if row.invoice.open_amount:
            sentences.append(
                _("Invoice %(number)s has %(left)s left to pay.")
                % {"number": row.invoice.number, "left": formatted(row.invoice.open_amount, payment.currency)}
            )
        else:
            sentences.append(_("Invoice %(number)s is paid.") % {"number": row.invoice.number})
    if payment.unused_amount:
        sentences.append(
            _("%(amount)s became credit.") % {"amount": formatted(payment.unused_amount, payment.currency)}
        )
    return " ".join(sentences)


def back_to_field(received_on: date) -> HttpResponseRedirect:
    """The empty field again. The day follows: a bank statement is typed in day by day."""
    address = reverse("payments_register")
    if received_on != timezone.localdate():
        address = f"{address}?received_on={received_on.isoformat()}"
    return redirect(address)
