"""Bank files in the office: bring one, compare its totals with the bank, say yes, and see what became of each line."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin import messages

from core.errors import Refused
from invoicing import accounts
from payments import tasks
from payments.from_bank import bank_files, freshness
from payments.from_bank.bank_forms import BankColumnsForm, BankFileForm
from payments.models import BankFile, BankLine
from payments.office_views import frame

FILES_SHOWN = 30
LINES_SHOWN = 100
State = BankFile.State

may_look = permission_required("payments.view_payment", raise_exception=True)
may_bring = permission_required("payments.add_payment", raise_exception=True)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@may_look
def files(request: HttpRequest) -> HttpResponse:
    """Bring a file; below, the files there have been. Who may only look sees the list."""
    form = None
    if request.user.has_perm("payments.add_payment"):
        form = BankFileForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid() and (file := _brought(request, form)):
            return redirect("bank_columns" if file.state == State.COLUMNS else "bank_file", file.pk)
    context = {
        "form": form,
        "page": Paginator(BankFile.objects.select_related("uploaded_by"), FILES_SHOWN).get_page(request.GET.get("p")),
        "known_until": freshness.last_bank_day(),
        "unmatched": freshness.unmatched_count(),
        **frame(_("Bank files"), icon="download"),
    }
    refused = request.method == "POST"
    return render(request, "payments/office/bank/files.html", context, status=422 if refused and form else 200)


def _brought(request: HttpRequest, form: BankFileForm) -> BankFile | None:
    given = form.cleaned_data["file"]
    try:
        brought = bank_files.bring(data=given.read(), name=given.name, account=form.cleaned_data["account"],
                                   at=timezone.now(), by=request.user)  # type: ignore[arg-type]  # fmt: skip
    except Refused as refusal:
        form.add_error("file", refusal)
        return None
    if not brought.is_new:
        messages.warning(request, _("This file has been brought before. Here is what became of it."))
    return brought.file


@never_cache
@require_safe
@may_look
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: its totals before, its progress meanwhile, and its lines after somebody has said yes."""
    found = get_object_or_404(BankFile.objects.select_related("uploaded_by"), pk=pk)
    context: dict[str, Any] = {
        "file": found,
        "is_running": found.is_under_way,
        "is_foreign": _is_foreign(found),
        "may_bring": request.user.has_perm("payments.add_payment"),
        **frame(found.name, icon="download", trail=[(_("Bank files"), "bank_files")]),
    }
    if found.state in {State.QUEUED, State.DONE}:
        context |= _lines(request, found)
    return render(request, "payments/office/bank/file.html", context)


def _is_foreign(file: BankFile) -> bool:
    """Whether the file is about another account than those on the invoices."""
    own = [account.number for account in accounts.every()]
    return bool(file.account and own) and not any(number in file.account for number in own)


def _lines(request: HttpRequest, file: BankFile) -> dict[str, Any]:
    """How many lines became what, and a page of those asked for."""
    counted = file.lines.order_by().values("state").annotate(count=Count("pk"), amount=Sum("amount"))
    by_state = {row["state"]: row for row in counted}
    shown = request.GET.get("show", "")
    rows = file.lines.select_related("payment", "decided_by").prefetch_related("payment__allocations__invoice")
    rows = rows.filter(state=shown) if shown in by_state else rows
    return {
        "states": [
            (state, by_state[state.value]["count"], by_state[state.value]["amount"])
            for state in BankLine.State
            if state.value in by_state
        ],
        "so_far": sum(row["count"] for state, row in by_state.items() if state != BankLine.State.NEW),
        "shown": shown,
        "page": Paginator(rows.order_by("position", "pk"), LINES_SHOWN).get_page(request.GET.get("p")),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@may_bring
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the columns of a list are."""
    found = get_object_or_404(BankFile, pk=pk)
    if found.format != BankFile.Format.CSV or found.state not in {State.COLUMNS, State.READY}:
        return redirect("bank_file", pk)
    table = bank_files.table_of(file=found)
    form = BankColumnsForm(table, found.columns, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            bank_files.choose_columns(file=found, columns=form.chosen(), at=timezone.now())
            return redirect("bank_file", pk)
        except Refused as refusal:
            form.add_error(None, refusal)
    trail = [(_("Bank files"), "bank_files")]
    context = {"form": form, "file": found, **frame(_("What the columns are"), icon="download", trail=trail)}
    return render(request, "payments/office/bank/columns.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
@may_bring
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Yes, book it: in the background. Twice is once."""
    found = get_object_or_404(BankFile, pk=pk)
    if bank_files.agree(file=found, at=timezone.now(), by=request.user):  # type: ignore[arg-type]
        transaction.on_commit(lambda: tasks.go_on_with_bank_file.enqueue(pk))
    return redirect("bank_file", pk)


@never_cache
@require_POST
@may_bring
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """No: forget the file."""
    found = get_object_or_404(BankFile, pk=pk)
    if not bank_files.discard(file=found, by=request.user):  # type: ignore[arg-type]
        messages.error(request, _("This file is in the books already. What is wrong is undone line by line."))
        return redirect("bank_file", pk)
    messages.success(request, _("“%(file)s” is forgotten. Nothing of it was booked.") % {"file": found.name})
    return redirect("bank_files")
