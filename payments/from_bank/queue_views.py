"""To be matched: one bank line at a time, with what it may be for and why; Enter confirms, and the next one comes.

Plain forms; everything can be done by keyboard, and without a script.
"""

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from core.errors import Refused
from core.money import formatted
from invoicing.models import Invoice
from payments import matching, share_forms, type_suggestions
from payments.from_bank import line_queue, suggestions
from payments.from_bank.suggestions import Suggestion
from payments.models import BankLine, Payment
from payments.office_views import frame
from payments.register_views import said
from payments.share_forms import SharesForm
from payments.type_suggestions import TypeSuggestion

SHOWN = 20
DECIDED_SHOWN = 20
may_match = permission_required("payments.add_payment", raise_exception=True)


@never_cache
@require_safe
@may_match
def queue(request: HttpRequest) -> HttpResponse:
    """The line at hand, and those that come after it. `line` chooses one, `after` passes one over, `q` searches.

    `divide` names the invoices that the treasurer wants to say an amount for.
    """
    line = _at_hand(request)
    invoices = _invoices([request.GET.get("divide", "")])
    parts = share_forms.begin(amount=line.amount, invoices=invoices) if line and line.amount > 0 and invoices else None
    return _page(request, line, parts=parts)


def _page(
    request: HttpRequest, line: BankLine | None, *, parts: SharesForm | None = None, problem: str = "",
    rest_is_left: bool = False, status: int = 200,
) -> HttpResponse:  # fmt: skip
    waiting = BankLine.objects.queued()
    page = Paginator(waiting, SHOWN).get_page(request.GET.get("p"))
    rows = list(page)
    found = suggestions.for_lines(rows)
    text = request.GET.get("q", "").strip()
    decided = decided_today(request)
    for_this = _for_this(line, text) if line else []
    context: dict[str, Any] = {
        "line": line,
        "suggestions": for_this,
        "type_suggestions": _type_suggestions(request, line, for_this) if line else [],
        "type_next": f"{reverse('bank_queue')}?line={line.pk}" if line else "",
        "is_searching": bool(text),
        "text": text,
        "parts": parts,
        "problem": problem,
        "aside": bool(problem) and request.POST.get("verb") == "aside",
        "rest_is_left": rest_is_left,
        "page": page,
        "rows": [(row, found[row.pk][0] if found[row.pk] else None) for row in rows],
        "total": waiting.order_by().aggregate(sum=Sum("amount"))["sum"],
        "decided": decided,
        **frame(_("To be matched"), icon="list-ul"),
    }
    return render(request, "payments/office/bank/queue.html", context, status=status)


def _at_hand(request: HttpRequest) -> BankLine | None:
    """The line asked for, the one after the one passed over, or the first."""
    waiting = BankLine.objects.queued().select_related("file")
    chosen = _number(request.GET.get("line", ""))
    if chosen and (line := waiting.filter(pk=chosen).first()):
        return line
    passed = BankLine.objects.filter(pk=_number(request.GET.get("after", ""))).first()
    if passed:
        later = Q(booked_on__gt=passed.booked_on) | Q(booked_on=passed.booked_on, pk__gt=passed.pk)
        if line := waiting.filter(later).first():
            return line
    return waiting.first()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _for_this(line: BankLine, text: str) -> list[Suggestion]:
    """What was searched for, or what the line itself suggests."""
    if not text:
        return suggestions.for_line(line)
    found = matching.find(text=text, limit=suggestions.SHOWN * 2)
    return [
        Suggestion(reasons=[str(candidate.reason.label)], score=0, invoices=[candidate.invoice])
        for candidate in found.candidates
    ]


def _type_suggestions(request: HttpRequest, line: BankLine, found: list[Suggestion]) -> list[TypeSuggestion]:
    """Another membership, where the money is surely for an invoice and not what it asks for."""
    sure = [one.invoices[0] for one in found if one.is_sure and len(one.invoices) == 1]
    by: Any = request.user
    return type_suggestions.for_line(line, on=timezone.localdate(), invoices=sure, by=by)


@never_cache
@require_POST
@may_match
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what was said of a line, and come back to the next one."""
    line = get_object_or_404(BankLine.objects.select_related("file"), pk=pk)
    parts = None
    if request.POST.get("verb") == "divide":
        return _divide(request, line)
    if "shares" in request.POST:
        every = Invoice.objects.invoices()
        if more := share_forms.with_another(request.POST, among=every, every=True):
            return _page(request, line, parts=more)
        parts = share_forms.sent(request.POST, among=every)
        if not parts.is_valid():
            return _page(request, line, parts=parts, status=422)
    try:
        messages.success(request, _done(request, line, parts))
    except Refused as refusal:
        line.refresh_from_db()
        if line.state == BankLine.State.QUEUED:
            is_left = refusal.code == "rest_left"
            return _page(request, line, parts=parts, problem=refusal.sentence, rest_is_left=is_left, status=422)
        messages.error(request, refusal.sentence)
    return redirect(f"{reverse('bank_queue')}?after={pk}")


def _divide(request: HttpRequest, line: BankLine) -> HttpResponse:
    """The fields for what was marked; without marks, for all that was suggested."""
    chosen = _invoices(request.POST.getlist("for")) or [
        invoice for suggestion in suggestions.for_line(line) for invoice in suggestion.invoices
    ]
    keys = dict.fromkeys(str(invoice.pk) for invoice in chosen)
    return redirect(f"{reverse('bank_queue')}?{urlencode({'line': line.pk, 'divide': ','.join(keys)})}")


def _done(request: HttpRequest, line: BankLine, parts: SharesForm | None) -> str:
    """Carry out the verb of the button that was pressed, and say it."""
    how: dict[str, Any] = {"line": line, "at": timezone.now(), "by": request.user}
    amount = formatted(line.amount, line.currency)
    match request.POST.get("verb", ""):
        case "aside":
            line_queue.set_aside(reason=request.POST.get("reason", ""), **how)
            return _("%(amount)s is set aside.") % {"amount": amount}
        case "owe_back":
            line_queue.owe_back(**how)
            return _("%(amount)s waits to be paid back.") % {"amount": amount}
    if parts is not None:
        return said(line_queue.confirm(shares=parts.shares(), rest_is_credit="rest" in request.POST, **how))
    chosen = request.POST.getlist("for")
    if line.amount > 0:
        return said(line_queue.confirm(invoices=_invoices(chosen), **how))
    payment = Payment.objects.filter(pk=_number(chosen[0].removeprefix("p"))).first() if chosen else None
    if payment is None:
        raise Refused(_("Choose the payment that the money belongs to."), code="no_payment")
    if line.is_reversal:
        line_queue.take_back(payment=payment, **how)
        return _("The payment is undone: the bank has taken it back.")
    line_queue.paid_back(payment=payment, **how)
    return _("%(amount)s is recorded as paid back.") % {"amount": formatted(-line.amount, line.currency)}


def _invoices(chosen: list[str]) -> list[Invoice]:
    """The invoices in the order they were chosen; a suggestion may be several."""
    keys = [key for key in dict.fromkeys(_number(key) for keys in chosen for key in keys.split(",")) if key]
    if not keys:
        return []
    found = Invoice.objects.invoices().select_related("member").prefetch_related("lines").in_bulk(keys)
    return [found[key] for key in keys if key in found]


@never_cache
@require_POST
@may_match
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """It does not hold: the line waits again, and what was booked is undone."""
    line = get_object_or_404(BankLine, pk=pk)
    try:
        line_queue.open_again(line=line, at=timezone.now(), by=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("bank_queue")
    messages.success(request, _("The line waits to be matched again."))
    return redirect(f"{reverse('bank_queue')}?line={pk}")


def decided_today(request: HttpRequest) -> list[BankLine]:
    """What this log-in has decided today, newest first."""
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    rows = BankLine.objects.filter(
        decided_by=request.user.pk, decided_at__gte=midnight, decided_at__lt=midnight + timedelta(days=1)
    )
    rows = rows.select_related("payment").prefetch_related("payment__allocations__invoice")
    return list(rows.order_by("-decided_at", "-pk")[:DECIDED_SHOWN])
