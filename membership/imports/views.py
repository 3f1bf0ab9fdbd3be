"""The import's screens in the office: bring a file, say what its columns and types are, look at what would happen,
say yes, see it done, take the result away, undo it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core import exports
from core.errors import Refused
from membership import scope, tasks
from membership.fields import may_see_office_fields
from membership.imports import columns, matching, results, runs
from membership.imports.forms import ColumnsForm, FileForm, TypesForm
from membership.models import ImportRun

ROWS_SHOWN = 100
State = ImportRun.State


def _for_importers(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        may_import = request.user.has_perm("membership.import_member")
        if not may_import or not scope.sees_every_branch(request.user):
            raise PermissionDenied
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return wrapped


def _runs(user: Any) -> QuerySet[ImportRun]:
    """The imports somebody may look at. A file of others can hold fields that only the office may know."""
    return ImportRun.objects.all() if may_see_office_fields(user) else ImportRun.objects.filter(uploaded_by=user)


def _page(request: HttpRequest, template: str, title: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    crumbs = [
        {"url": reverse("wagtailadmin_home"), "label": _("Home")},
        {"url": reverse("import_members"), "label": _("Import")},
        {"url": "", "label": title},
    ]
    context |= {"header_title": title, "header_icon": "upload", "breadcrumbs_items": crumbs}
    return render(request, f"membership/office/import/{template}.html", context, status=status)


@_for_importers
def upload(request: HttpRequest) -> HttpResponse:
    """Bring a file; below, the imports there have been."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = runs.start(
                file=file, name=file.name, at=timezone.now(), by=request.user,  # type: ignore[arg-type]
                preset=form.cleaned_data.get("preset"),
            )  # fmt: skip
        except Refused as refusal:
            form.add_error("file", refusal)
        else:
            return _next_step(request, run)
    latest = _runs(request.user).select_related("uploaded_by")[:20]
    return _page(request, "upload", _("Import members"), {"form": form, "runs": latest})


def _next_step(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """On to whatever is not known yet: the columns, the types; else to what the import would do."""
    try:
        columns.refuse_without_names(run.columns)
    except Refused as refusal:
        messages.warning(request, refusal.sentence)
        return redirect("import_columns", run.pk)
    if any(not code for code in run.types.values()):
        return redirect("import_types", run.pk)
    return _look(request, run)


def _look(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Have the file looked through: a short one at once, a long one in the background."""
    try:
        runs.look(run=run, at=timezone.now())
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("import_types", run.pk)
    if runs.go_on(run_id=run.pk, on=timezone.localdate(), at=timezone.now()):
        tasks.go_on_with_import.enqueue(run.pk, get_language())
    return redirect("import_plan", run.pk)


def _still_open(request: HttpRequest, pk: int) -> ImportRun | None:
    """The run, while its columns and types may still be chosen."""
    run = get_object_or_404(_runs(request.user).select_related("preset", "uploaded_by"), pk=pk)
    return run if run.state in {State.UPLOADED, State.LOOKING, State.READY} else None


def _chosen(request: HttpRequest, run: ImportRun, choose: Callable[[], None], form: forms.Form) -> HttpResponse | None:
    try:
        choose()
    except Refused as refusal:
        form.add_error(None, refusal)
        return None
    return _next_step(request, run)


@_for_importers
def choose_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which column is which, and remember it for the next file of its sort."""
    run = _still_open(request, pk)
    if run is None:
        return redirect("import_run", pk)
    may_be = columns.offered(with_office_fields=may_see_office_fields(run.uploaded_by or request.user))
    form = ColumnsForm(run, may_be, runs.samples(run=run), request.POST or None)
    if request.method == "POST" and form.is_valid():

        def choose() -> None:
            name = form.cleaned_data["remember_as"]
            runs.choose_columns(run=run, chosen=form.chosen(), remember_as=name, at=timezone.now())

        if response := _chosen(request, run, choose, form):
            return response
    return _page(request, "columns", _("What the columns are"), {"form": form, "run": run})


@_for_importers
def choose_types(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the file's words for types mean here."""
    run = _still_open(request, pk)
    if run is None:
        return redirect("import_run", pk)
    form = TypesForm(runs.type_words(run=run), request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = _chosen(request, run, lambda: runs.choose_types(run=run, types=form.chosen()), form)
        if response:
            return response
    return _page(request, "types", _("What the types are"), {"form": form, "run": run})


@_for_importers
def show_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """What would happen, row by row, before anything is written."""
    run = get_object_or_404(_runs(request.user), pk=pk)
    if run.state == State.UPLOADED:
        return _page(request, "unlooked", _("What the import will do"), {"run": run})
    if run.state not in {State.LOOKING, State.READY}:
        return redirect("import_run", pk)
    context = {"run": run, "is_running": run.state == State.LOOKING}
    if run.state == State.READY:
        counts = run.counts
        context |= _rows(request, run) | {
            "counts": counts, "todo": counts["create"] + counts["change"], "warnings": counts["warnings"],
            "unknown_headings": columns.left_out(run.headings, run.columns), "match_order": matching.ORDER,
        }  # fmt: skip
    return _page(request, "plan", _("What the import will do"), context)


def _rows(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    """A page of the run's rows, of the sort that was asked for, with the links to the others."""
    shown = request.GET.get("show", "")
    page = Paginator(results.rows_of(run, shown), ROWS_SHOWN).get_page(request.GET.get("p"))
    with_office_fields = may_see_office_fields(request.user)
    rows = [(row, results.differences(row, with_office_fields=with_office_fields)) for row in page]
    sorts = {key: label for key, (label, _narrow) in results.SHOWN.items() if run.counts.get(key)}
    return {"rows": rows, "page": page, "shown": shown, "sorts": sorts}


@_for_importers
@require_POST
def look_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Compare the file with the registry anew."""
    run = _still_open(request, pk)
    return _look(request, run) if run else redirect("import_run", pk)


@_for_importers
@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Yes: carry it out in the background. Twice is once."""
    run = get_object_or_404(_runs(request.user), pk=pk)
    try:
        all_or_nothing = request.POST.get("all_or_nothing") == "on"
        _ring_if(runs.agree(run=run, at=timezone.now(), all_or_nothing=all_or_nothing), run)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("import_plan", pk)
    return redirect("import_run", pk)


def _ring_if(there_is_work: bool, run: ImportRun) -> None:
    if there_is_work:
        language = get_language()
        transaction.on_commit(lambda: tasks.go_on_with_import.enqueue(run.pk, language))


@_for_importers
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop. What has been done stays, and can be undone."""
    runs.cancel(run=get_object_or_404(_runs(request.user), pk=pk), at=timezone.now())
    return redirect("import_run", pk)


@_for_importers
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what the import did, after being asked."""
    run = get_object_or_404(_runs(request.user), pk=pk)
    if not runs.can_be_undone(run):
        return redirect("import_run", pk)
    if request.method == "POST":
        _ring_if(runs.undo(run=run, at=timezone.now(), by=request.user), run)  # type: ignore[arg-type]
        return redirect("import_run", pk)
    return _page(request, "undo", _("Undo the import"), {"run": run})


@_for_importers
def show_run(request: HttpRequest, pk: int) -> HttpResponse:
    """How it goes, and the result, which stays."""
    run = get_object_or_404(_runs(request.user).select_related("uploaded_by", "undone_by"), pk=pk)
    if run.state in {State.UPLOADED, State.LOOKING, State.READY}:
        return redirect("import_plan", pk)
    context = {"run": run, "is_running": run.is_under_way, "can_be_undone": runs.can_be_undone(run)}
    return _page(request, "run", run.name, context | ({} if run.is_under_way else _rows(request, run)))


@_for_importers
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every row of the file with what became of it."""
    run = get_object_or_404(_runs(request.user), pk=pk)
    lines = results.lines(run, with_office_fields=may_see_office_fields(request.user))
    return exports.response(name=f"import-{run.pk}", format="csv", headings=results.headings(), rows=lines)


urlpatterns = [
    path("import/", upload, name="import_members"),
    path("import/<int:pk>/columns/", choose_columns, name="import_columns"),
    path("import/<int:pk>/types/", choose_types, name="import_types"),
    path("import/<int:pk>/look/", look_again, name="import_look"),
    path("import/<int:pk>/plan/", show_plan, name="import_plan"),
    path("import/<int:pk>/agree/", agree, name="import_agree"),
    path("import/<int:pk>/cancel/", cancel, name="import_cancel"),
    path("import/<int:pk>/undo/", undo, name="import_undo"),
    path("import/<int:pk>/result.csv", download, name="import_result"),
    path("import/<int:pk>/", show_run, name="import_run"),
]
