"""The import's screens in the office: bring a file, say what its types are, look at the plan, say yes, see it done."""

from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.errors import Refused
from membership import tasks
from membership.imports import planning, runs
from membership.models import ImportRun, MembershipType

ROWS_SHOWN = 200


class FileForm(forms.Form):
    """The file to import."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("A CSV file with a line of headings, as old registers and spreadsheets export it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )


class TypesForm(forms.Form):
    """One choice for each word the file has for a membership type."""

    def __init__(self, words: list[runs.TypeWord], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Choose a type")), *((t.code, f"{t.code} – {t.name}") for t in MembershipType.objects.all())]
        self.words = {f"type_{number}": word.word for number, word in enumerate(words)}
        for (name, word), row in zip(self.words.items(), words, strict=True):
            self.fields[name] = forms.ChoiceField(
                label=_("“%(word)s” in %(number)s rows is") % {"word": word, "number": row.rows},
                choices=choices, initial=row.code, required=True,
            )  # fmt: skip

    def chosen(self) -> dict[str, str]:
        """The file's words and the codes chosen."""
        return {word: self.cleaned_data[name] for name, word in self.words.items()}


def _for_importers(view: Any) -> Any:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm("membership.import_member"):
            raise PermissionDenied
        response: HttpResponse = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return wrapped


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
            run = runs.start(content=file.read(), name=file.name, at=timezone.now(), by=request.user)  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error("file", refusal)
        else:
            return redirect("import_types" if run.types else "import_plan", run.pk)
    latest = ImportRun.objects.select_related("uploaded_by")[:20]
    return _page(request, "upload", _("Import members"), {"form": form, "runs": latest})


@_for_importers
def choose_types(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the file's words for types mean here."""
    run = get_object_or_404(ImportRun, pk=pk)
    if run.state != ImportRun.State.UPLOADED:
        return redirect("import_run", pk)
    form = TypesForm(runs.type_words(run=run), request.POST or None)
    if request.method == "POST" and form.is_valid():
        runs.choose_types(run=run, types=form.chosen())
        return redirect("import_plan", pk)
    return _page(request, "types", _("What the types are"), {"form": form, "run": run})


@_for_importers
def show_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """What would happen, row by row, before anything is written."""
    run = get_object_or_404(ImportRun, pk=pk)
    if run.state != ImportRun.State.UPLOADED:
        return redirect("import_run", pk)
    try:
        plan = runs.plan(run=run, on=timezone.localdate())
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("import_types", pk)
    counts = plan.counts()
    shown = [row for row in plan.rows if row.action != planning.UNCHANGED]
    shown.sort(key=lambda row: (row.action != planning.REFUSED, not row.warnings, row.line))
    context = {
        "run": run, "counts": counts, "rows": shown[:ROWS_SHOWN], "hidden": max(0, len(shown) - ROWS_SHOWN),
        "unknown_headings": plan.unknown_headings, "todo": counts["create"] + counts["change"],
        "warnings": sum(bool(row.warnings) for row in plan.rows),
    }  # fmt: skip
    return _page(request, "plan", _("What the import will do"), context)


@_for_importers
@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Yes: carry it out in the background. Twice is once."""
    run = get_object_or_404(ImportRun, pk=pk)
    with transaction.atomic():
        if runs.agree(run=run):
            transaction.on_commit(lambda: tasks.carry_out_import.enqueue(run.pk))
    return redirect("import_run", pk)


@_for_importers
def show_run(request: HttpRequest, pk: int) -> HttpResponse:
    """How it goes, and the result, which stays."""
    run = get_object_or_404(ImportRun.objects.select_related("uploaded_by"), pk=pk)
    if run.state == ImportRun.State.UPLOADED:
        return redirect("import_plan", pk)
    return _page(request, "run", run.name, {"run": run, "is_running": run.state == ImportRun.State.QUEUED})


urlpatterns = [
    path("import/", upload, name="import_members"),
    path("import/<int:pk>/types/", choose_types, name="import_types"),
    path("import/<int:pk>/plan/", show_plan, name="import_plan"),
    path("import/<int:pk>/agree/", agree, name="import_agree"),
    path("import/<int:pk>/", show_run, name="import_run"),
]
