"""The books in the office: the years, what was open on a day, the journal for the accountant, and closing a year."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin.widgets import AdminDateInput
from wagtail.log_actions import log

from core import exports, money
from core.errors import Refused
from invoicing import closing
from invoicing.models import ClosedYear
from membership.form_fields import LineField
from membership.models import Member
from membership.office import export_log
from membership.office.forms import PurposeForm
from payments.books import open_items, vouchers, years
from payments.books.reports import SpanForm
from payments.office_views import frame

if TYPE_CHECKING:
    from core.models import User

_PAGE = 100


def _trail() -> list[tuple[str, str]]:
    return [(_("The books"), "books")]


@never_cache
@require_safe
@permission_required("invoicing.view_closedyear", raise_exception=True)
def index(request: HttpRequest) -> HttpResponse:
    """Each year in a few figures, and the ways on from here."""
    today = timezone.localdate()
    closed = {row.year: row for row in ClosedYear.objects.filter(opened_at=None).select_related("closed_by")}
    rows = [
        {
            "year": year,
            "closed": closed.get(year),
            "figures": years.kept(closed[year]) if year in closed else years.figures(year),
            "is_over": year < today.year,
        }
        for year in years.known_years(today=today)
    ]
    context = {
        "years": rows,
        "may_close": request.user.has_perm("invoicing.close_year"),
        "may_open": request.user.has_perm("invoicing.open_year"),
        "may_export": request.user.has_perm("payments.export_payment"),
        **frame(_("The books"), icon="table"),
    }
    return render(request, "payments/office/books/index.html", context)


class OnForm(forms.Form):
    on = forms.DateField(
        label=gettext_lazy("At the end of this day"), required=False, widget=AdminDateInput,
        help_text=gettext_lazy("Empty: today."),
    )  # fmt: skip

    def clean_on(self) -> date | None:
        on: date | None = self.cleaned_data["on"]
        if on and on > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet. Choose today or an earlier day."))
        return on


@never_cache
@require_safe
@permission_required("invoicing.view_closedyear", raise_exception=True)
def open_on(request: HttpRequest) -> HttpResponseBase:
    """What was left to pay at the end of a day, invoice by invoice."""
    form = OnForm(request.GET or None)
    on: date = (form.is_valid() and form.cleaned_data["on"]) or timezone.localdate()
    rows = open_items.open_on(on).order_by("due_on", "number")
    paginator = Paginator(rows, _PAGE)
    asked = request.GET.copy()
    asked.pop("p", None)
    context = {
        "form": form,
        "media": form.media,
        "on": on,
        "page": paginator.get_page(request.GET.get("p")),
        "standing": open_items.standing_on(on),
        "asked": asked.urlencode(),
        "may_export": request.user.has_perm("invoicing.export_invoice"),
        **frame(_("Open on a day"), icon="table", trail=_trail()),
    }
    return render(request, "payments/office/books/open.html", context)


class OpenExportForm(PurposeForm, OnForm):
    field_order = ["on"]


class JournalForm(PurposeForm, SpanForm):
    """Vouchers are the association's own: they stand in no member's log."""

    field_order = ["first", "last"]
    purpose = LineField(
        limit=250, label=gettext_lazy("What is the file for?"),
        help_text=gettext_lazy("For example: the year's accounts. The log keeps it with your name."),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("invoicing.export_invoice", raise_exception=True)
@permission_required("invoicing.view_closedyear", raise_exception=True)
def export_open(request: HttpRequest) -> HttpResponseBase:
    """The open invoices of a day as a file."""
    form = OpenExportForm(request.POST or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        on = form.cleaned_data["on"] or timezone.localdate()
        people = Member.objects.filter(pk__in=open_items.open_on(on).values("member"))
        export_log.record(members=people, purpose=form.cleaned_data["purpose"], at=timezone.now(),
                          file_type=form.cleaned_data["file_type"], by=cast("User", request.user))  # fmt: skip
        _log_export(request, form, "payments.open_items_exported")
        return exports.response(
            name="-".join([_("open-invoices"), on.isoformat()]),
            format=form.cleaned_data["file_type"],
            headings=[_("Invoice"), _("Member number"), _("Payer"), _("Invoice date"), _("Due date"), _("Amount"),
                      _("Left to pay")],
            rows=_open_rows(on),
        )  # fmt: skip
    return _export_page(request, form, _("Export what was open"))


def _open_rows(on: date) -> Iterator[list[Any]]:
    for row in open_items.open_on(on).order_by("due_on", "number").iterator():
        yield [row.number, row.member_number, row.buyer_name, row.issued_on, row.due_on, row.total,
               money.rounded(row.left)]  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("payments.export_payment", raise_exception=True)
@permission_required("invoicing.view_closedyear", raise_exception=True)
def journal(request: HttpRequest) -> HttpResponseBase:
    """The list of vouchers for the accountant."""
    form = JournalForm(request.POST or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        last = form.cleaned_data["last"] or timezone.localdate()
        first = form.cleaned_data["first"] or date(last.year, 1, 1)
        _log_export(request, form, "payments.journal_exported")
        return exports.response(
            name="-".join([_("journal"), first.isoformat(), last.isoformat()]),
            format=form.cleaned_data["file_type"],
            headings=journal_headings(),
            rows=journal_rows(first=first, last=last),
        )
    return _export_page(request, form, _("Journal for the accountant"))


def journal_headings() -> list[str]:
    return [_("Voucher"), _("Date"), _("Account"), _("Name of the account"), _("Debit"), _("Credit"), _("VAT per cent"),
            _("Membership type"), _("Branch"), _("Text")]  # fmt: skip


def journal_rows(*, first: date, last: date) -> Iterator[list[Any]]:
    """A row a posting, in the order of the headings."""
    for voucher in vouchers.vouchers(first=first, last=last):
        for posting in voucher.postings:
            yield [
                voucher.number, voucher.on, vouchers.account_number(posting.account),
                str(vouchers.ACCOUNT_NAMES[posting.account]),
                max(posting.amount, 0) or "", max(-posting.amount, 0) or "",
                posting.vat_percent, posting.type_code, posting.branch_code, voucher.text,
            ]  # fmt: skip


def _log_export(request: HttpRequest, form: forms.Form, action: str) -> None:
    data = {"purpose": form.cleaned_data["purpose"], "format": form.cleaned_data["file_type"]}
    log(instance=request.user, action=action, user=request.user, data=data)


def _export_page(request: HttpRequest, form: forms.Form, title: str) -> HttpResponse:
    context = {"form": form, "media": form.media, **frame(title, icon="download", trail=_trail())}
    return render(request, "payments/office/books/export.html", context)


class CloseForm(forms.Form):
    """The year is typed, so that nobody closes one by a slip."""

    typed = forms.CharField(label=gettext_lazy("Type the year to close it"), max_length=4)

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.year = year

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"].strip()
        if typed != str(self.year):
            raise forms.ValidationError(_("Type %(year)s, if that is the year you want to close."),
                                        params={"year": self.year})  # fmt: skip
        return typed


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("invoicing.close_year", raise_exception=True)
@permission_required("invoicing.view_closedyear", raise_exception=True)
def close(request: HttpRequest, year: int) -> HttpResponseBase:
    """What a closed year will say, what is in the way, and the typed year that closes it."""
    figures, today = years.figures(year), timezone.localdate()
    form = CloseForm(request.POST or None, year=year)
    if request.method == "POST" and form.is_valid():
        try:
            closing.close(year=year, figures=figures.as_text(), at=timezone.now(),
                          by=cast("User", request.user))  # fmt: skip
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("%(year)s is closed. Nothing is booked in it any more.") % {"year": year})
            return redirect("books")
    in_the_way = [_("%(year)s is closed already.") % {"year": year}] if closing.is_closed(year) else []
    context = {
        "form": form,
        "year": year,
        "figures": figures,
        "in_the_way": in_the_way or closing.hindrances(year, today=today),
        **frame(_("Close %(year)s") % {"year": year}, icon="lock", trail=_trail()),
    }
    return render(request, "payments/office/books/close.html", context)


class OpenForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why is it opened again?"), max_length=250, help_text=gettext_lazy("The auditor will ask.")
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("invoicing.open_year", raise_exception=True)
def open_again(request: HttpRequest, year: int) -> HttpResponseBase:
    """Open a closed year, with a reason."""
    form = OpenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            closing.open_again(year=year, reason=form.cleaned_data["reason"], at=timezone.now(),
                          by=cast("User", request.user))  # fmt: skip
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("%(year)s is open again.") % {"year": year})
            return redirect("books")
    context = {
        "form": form,
        "year": year,
        "before": ClosedYear.objects.filter(year=year).select_related("closed_by", "opened_by"),
        **frame(_("Open %(year)s again") % {"year": year}, icon="lock-open", trail=_trail()),
    }
    return render(request, "payments/office/books/open_again.html", context)
