"""Invoicing the year in the office: choose a day, look at what would happen, type how many, see it done."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import batched
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.widgets import AdminDateInput
from wagtail.models import ModelLogEntry

from core import exports, money
from core.errors import Refused
from core.models import User
from invoicing import accounts, deliveries, tasks
from invoicing.accounts import ChoosesAccount
from invoicing.letters import print_files
from invoicing.models import InvoiceRun, PlannedInvoice, Way
from invoicing.office_menu import for_readers, for_treasurers, frame, may_issue
from invoicing.payer_search import payers_found
from invoicing.run import comparing, runs
from invoicing.run.planning import ODD
from membership import prices
from membership.erasure import GONE
from membership.models import Member, MembershipType
from membership.office import export_log
from messaging.models import Channel, Message, State

ROWS_SHOWN = 50
_ROWS_AT_ONCE = 1000  # of the plan, in a file
_SEARCHED_AT_MOST = 100  # letters of a search


class DayForm(ChoosesAccount):
    """Which day: everybody whose next membership begins by then. And to which account they pay."""

    begins_by = forms.DateField(
        label=gettext_lazy("Memberships that begin by"), widget=AdminDateInput,
        help_text=gettext_lazy("On New Year's Day all calendar-year memberships begin. The invoices get today's date."),
    )  # fmt: skip


def _trail() -> list[tuple[str, str]]:
    return [(_("Invoice the year"), reverse("invoice_runs"))]


@for_readers
def index(request: HttpRequest) -> HttpResponse:
    """Choose a day; below, the runs there have been."""
    on = timezone.localdate()
    form = DayForm(request.POST or None, initial={"begins_by": runs.usual_day(on=on)})
    if request.method == "POST":
        if not may_issue(request):
            raise PermissionDenied
        if form.is_valid():
            try:
                run = runs.start(
                    begins_by=form.cleaned_data["begins_by"], on=on, at=timezone.now(), by=cast("User", request.user),
                    account=form.account,
                )  # fmt: skip
            except Refused as refusal:
                form.add_error("begins_by", refusal)
            else:
                _begin(run)
                return redirect("invoice_run", run.pk)
    latest = InvoiceRun.objects.select_related("asked_by", "agreed_by")[:20]
    context = {"form": form, "media": form.media, "runs": latest, "may_issue": may_issue(request)}
    return render(
        request, "invoicing/office/run/index.html", context | frame(_("Invoice the year"), icon="calendar-alt")
    )


def _begin(run: InvoiceRun) -> None:
    """The first portion at once, so that a small association never waits; the rest in the background."""
    if runs.go_on(run_id=run.pk, on=timezone.localdate(), at=timezone.now()):
        tasks.go_on_with_run.enqueue(run.pk)


def _found(pk: int) -> InvoiceRun:
    return get_object_or_404(InvoiceRun.objects.select_related("asked_by", "agreed_by"), pk=pk)


@for_readers
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One run, wherever it stands."""
    return _page(request, _found(pk))


def _page(request: HttpRequest, run: InvoiceRun, *, typed: str | None = None, status: int = 200) -> HttpResponse:
    letters = deliveries.letters_of(run) if run.issued else Message.objects.none()
    context = {
        "run": run,
        "account": str(accounts.known_or_first(run.account_number)) if len(accounts.every()) > 1 else "",
        "types": _types(run),
        "ways": _ways(run),
        "oddities": [(code, ODD[code], number) for code, number in run.odd.items()],
        "typed": typed,
        "may_issue": may_issue(request),
        "may_export": request.user.has_perm("invoicing.export_invoice"),
        "has_rows": run.rows.exists(),
        "sent": _sent(run) if run.issued else [],
        "letters": letters.count(),
        "taken": print_files.would_take(letters),
        "without_pdf": run.invoices.without_pdf().count() if run.issued else 0,
        "print_files": run.print_files.all(),
        "different": comparing.differences(run),
        "history": ModelLogEntry.objects.for_instance(run).exclude(action="invoicing.run_begun").select_related("user"),
    }
    title = _("Memberships that begin by %(date)s") % {"date": date_format(run.begins_by)}
    context |= frame(title, icon="calendar-alt", trail=_trail())
    return render(request, "invoicing/office/run/run.html", context, status=status)


def _types(run: InvoiceRun) -> list[tuple[str, int, Decimal]]:
    """Type, people and sum, in the office's order."""
    return [
        (type_.name, people, Decimal(amount))
        for type_ in MembershipType.objects.all()
        if type_.code in run.by_type
        for people, amount in [run.by_type[type_.code]]
    ]


def _ways(run: InvoiceRun) -> list[dict[str, Any]]:
    """How the invoices would go: how many, and what that would cost where the price of one is known."""
    costs = runs.costs(run)
    labels = {**{way.value: way.label for way in Way}, "": _("cannot be sent")}
    return [
        {
            "label": labels[way], "number": run.by_way[way], "cost": costs.get(way),
            "parts": run.by_way.get("parts", 0) if way == Way.SMS else 0,
        }
        for way in labels if run.by_way.get(way)
    ]  # fmt: skip


def _sent(run: InvoiceRun) -> list[tuple[str, str, int]]:
    return [
        (str(Channel(row["channel"]).label), str(State(row["state"]).label), row["number"])
        for row in deliveries.counts(run)
    ]


@for_readers
@require_safe
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Who would get an invoice, and why it costs that; searched, or only those with something odd."""
    run = _found(pk)
    odd, text = request.GET.get("odd", ""), request.GET.get("q", "").strip()[:_SEARCHED_AT_MOST]
    found = run.rows.select_related("payer").order_by("pk")
    if odd in ODD:
        found = found.odd(odd)
    if text:
        found = found.filter(payer__in=payers_found(request.user, text).values("pk"))
    page = Paginator(found, ROWS_SHOWN).get_page(request.GET.get("p"))
    names = _names(page.object_list)
    context = {
        "run": run,
        "page": page,
        "rows": [_shown(row, names) for row in page.object_list],
        "odd": odd,
        "oddities": [(code, ODD[code], number) for code, number in run.odd.items()],
        "q": text,
        "asked": urlencode({name: value for name, value in (("odd", odd), ("q", text)) if value}),
        "may_see_member": request.user.has_perm("membership.view_member"),
        **frame(_("Who gets an invoice"), icon="calendar-alt",
                trail=[*_trail(), (_("The run"), reverse("invoice_run", args=[run.pk]))]),
    }  # fmt: skip
    return render(request, "invoicing/office/run/rows.html", context)


def _names(rows: Iterable[PlannedInvoice]) -> dict[int, str]:
    """What everybody on some rows is called, by their keys. Who has been erased meanwhile is not among them."""
    people = Member.objects.in_bulk({line["member"] for row in rows for line in row.lines})
    return {key: member.full_name for key, member in people.items()}


def _shown(row: PlannedInvoice, names: Mapping[int, str]) -> dict[str, Any]:
    """A row as it is shown: its people's names, its oddities and its reasons in the reader's language."""
    labels = dict(Way.choices)
    return {
        "row": row,
        "way": labels.get(row.way, ""),
        "odd": [ODD[code] for code in row.odd.split() if code in ODD],
        "lines": [
            {
                **line, "name": names.get(line["member"], GONE), "price": Decimal(line["price"]),
                "from": date.fromisoformat(line["starts_on"]),
                "to": date.fromisoformat(line["ends_on"]) if line["ends_on"] else None,
                "reasons": [
                    (reason.sentence(), reason.amount) for reason in prices.reasons_from_json(line["reasons"])
                ],
            }
            for line in row.lines
        ],
    }  # fmt: skip


@for_treasurers
@require_POST
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The whole plan as a file, with the reasons; it stands in the log of each member."""
    if not request.user.has_perm("invoicing.export_invoice"):
        raise PermissionDenied
    run = _found(pk)
    purpose = _("Plan of the invoice run of %(date)s") % {"date": date_format(run.asked_at, "SHORT_DATE_FORMAT")}
    keys = run.rows.order_by("pk").values_list("payer_id", flat=True)
    for batch in batched(keys.iterator(), export_log.ROWS_AT_ONCE):
        export_log.record(
            members=Member.objects.filter(pk__in=batch), purpose=purpose, file_type="xlsx", at=timezone.now(),
            by=cast("User", request.user),
        )  # fmt: skip
    headings = [_("Payer"), _("Member number"), _("Applies to"), _("Type"), _("From"), _("To"), _("Price"), _("Why"),
                _("Way"), _("Odd")]  # fmt: skip
    response = exports.response(
        name=_("invoice-plan") + f"-{run.begins_by:%Y-%m-%d}", format="xlsx", headings=headings, rows=_file_rows(run)
    )
    response["Cache-Control"] = "no-store"
    return response


def _file_rows(run: InvoiceRun) -> Iterator[list[Any]]:
    plan = run.rows.select_related("payer").order_by("pk").iterator(chunk_size=_ROWS_AT_ONCE)
    for some in batched(plan, _ROWS_AT_ONCE):
        names = _names(some)
        for row in some:
            yield from _file_lines(row, _shown(row, names))


def _file_lines(row: PlannedInvoice, shown: dict[str, Any]) -> Iterator[list[Any]]:
    odd = "; ".join(str(text) for text in shown["odd"])
    for line in shown["lines"]:
        why = "; ".join(f"{sentence} ({money.formatted(amount)})" for sentence, amount in line["reasons"])
        yield [row.payer.full_name, row.payer.member_number, line["name"], line["type"], line["from"], line["to"],
               line["price"], why, str(shown["way"]), odd]  # fmt: skip


@for_treasurers
@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue them, once the number has been typed. Whoever has looked for long looks once more, if anything changed."""
    run = _found(pk)
    typed = request.POST.get("count", "").strip().replace(" ", "").replace("\u00a0", "")
    if typed != str(run.planned):
        return _page(request, run, typed=typed, status=422)
    at, seen = runs.looked_at(run), (run.planned, run.planned_total)
    if runs.look_again(run=run, at=timezone.now()):
        _begin(run)
        run.refresh_from_db()
        if run.state != InvoiceRun.State.READY or (run.planned, run.planned_total) != seen:
            messages.warning(request, _seen_before(at, *seen))
            return redirect("invoice_run", run.pk)
    try:
        runs.agree(run=run, at=timezone.now(), by=cast("User", request.user))
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("invoice_run", run.pk)
    tasks.go_on_with_run.enqueue(run.pk)
    return redirect("invoice_run", run.pk)


def _seen_before(at: datetime, number: int, total: Decimal) -> str:
    return ngettext(
        "What you saw is from %(at)s: %(number)d invoice for %(sum)s. Something has changed since, or may have. Look "
        "at the numbers again, and type how many there are now.",
        "What you saw is from %(at)s: %(number)d invoices for %(sum)s. Something has changed since, or may have. Look "
        "at the numbers again, and type how many there are now.",
        number,
    ) % {"at": date_format(timezone.localtime(at), "TIME_FORMAT"), "number": number, "sum": money.formatted(total)}


@for_treasurers
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop for now."""
    run = _found(pk)
    if runs.pause(run=run, at=timezone.now(), by=cast("User", request.user)):
        messages.success(request, _("Paused. What has been issued is issued; the rest waits until you resume."))
    return redirect("invoice_run", run.pk)


@for_treasurers
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on."""
    run = _found(pk)
    if runs.resume(run=run, at=timezone.now(), by=cast("User", request.user)):
        tasks.go_on_with_run.enqueue(run.pk)
    return redirect("invoice_run", run.pk)


@for_treasurers
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop for good."""
    run = _found(pk)
    if runs.cancel(run=run, at=timezone.now(), by=cast("User", request.user)):
        messages.success(request, _("Stopped. What was issued before stays issued."))
    return redirect("invoice_run", run.pk)


urlpatterns = [
    path("treasury/runs/", index, name="invoice_runs"),
    path("treasury/runs/<int:pk>/", show, name="invoice_run"),
    path("treasury/runs/<int:pk>/rows/", rows, name="invoice_run_rows"),
    path("treasury/runs/<int:pk>/export/", export, name="invoice_run_export"),
    path("treasury/runs/<int:pk>/agree/", agree, name="invoice_run_agree"),
    path("treasury/runs/<int:pk>/pause/", pause, name="invoice_run_pause"),
    path("treasury/runs/<int:pk>/resume/", resume, name="invoice_run_resume"),
    path("treasury/runs/<int:pk>/stop/", stop, name="invoice_run_stop"),
]
