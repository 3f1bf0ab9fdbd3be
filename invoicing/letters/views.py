"""Print files in the office: what waits for the printer, what has been put together, and getting it again."""

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import Refused
from core.models import User
from invoicing import deliveries, tasks
from invoicing.letters import print_files
from invoicing.models import InvoiceRun, PrintFile
from invoicing.office_menu import for_readers, for_treasurers, frame, may_issue

SHOWN = 30


@for_readers
def index(request: HttpRequest) -> HttpResponse:
    """What waits, with what it costs; the files there are. POST puts what waits, or a run's letters, into a file."""
    if request.method == "POST":
        return _start(request)
    letters = deliveries.letters_waiting()
    waiting = letters.count()
    context = {
        "waiting": waiting,
        "taken": print_files.would_take(letters) if waiting else 0,
        "cost": settings.CLIENT.invoicing.letter_price * waiting,
        "files": PrintFile.objects.select_related("asked_by")[:SHOWN],
        "may_issue": may_issue(request),
        **frame(_("Letters"), icon="mail"),
    }
    return render(request, "invoicing/office/letters/index.html", context)


def _start(request: HttpRequest) -> HttpResponse:
    if not may_issue(request):
        raise PermissionDenied
    key = request.POST.get("run", "")
    run = get_object_or_404(InvoiceRun, pk=int(key)) if key.isascii() and key.isdecimal() else None
    try:
        file = print_files.start(at=timezone.now(), by=cast("User", request.user), run=run)
    except Refused as refusal:
        messages.warning(request, refusal.sentence)
        return redirect("print_files")
    tasks.make_print_file.enqueue(file.pk)
    return redirect("print_file", file.pk)


@for_readers
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: how many letters and pages, and the file itself."""
    file = get_object_or_404(PrintFile.objects.select_related("asked_by", "run"), pk=pk)
    context: dict[str, Any] = {
        "file": file,
        "may_issue": may_issue(request),
        "pdf_url": reverse("print_file_pdf", args=[file.pk]),
        "again_url": reverse("print_file_again", args=[file.pk]),
        "all_url": reverse("print_files"),
        **frame(str(file), icon="mail", trail=[(_("Letters"), reverse("print_files"))]),
    }
    return render(request, "invoicing/office/letters/file.html", context)


@for_treasurers
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, as often as it is needed."""
    return file_response(get_object_or_404(PrintFile, pk=pk))


def file_response(file: PrintFile) -> HttpResponseBase:
    """The PDF of a print file; 404 where it was thrown away."""
    if not file.file:
        raise Http404
    try:
        stored = file.file.storage.open(str(file.file.name), "rb")
    except FileNotFoundError as error:
        raise Http404 from error
    name = slugify(_("letters")) + f"-{file.pk}.pdf"
    return FileResponse(stored, content_type="application/pdf", as_attachment=True, filename=name)


@for_treasurers
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Make it anew from its list."""
    file = get_object_or_404(PrintFile, pk=pk)
    print_files.again(file=file, at=timezone.now())
    tasks.make_print_file.enqueue(file.pk)
    return redirect("print_file", file.pk)


urlpatterns = [
    path("treasury/letters/", index, name="print_files"),
    path("treasury/letters/<int:pk>/", show, name="print_file"),
    path("treasury/letters/<int:pk>/pdf/", download, name="print_file_pdf"),
    path("treasury/letters/<int:pk>/again/", again, name="print_file_again"),
]
