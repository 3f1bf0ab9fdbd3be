"""What happens later, in the worker: ids in, one call out. Every task may run twice."""

import time
from collections.abc import Sequence

from django.conf import settings
from django.tasks import task
from django.utils import timezone, translation

from core import chores
from invoicing import pdf
from invoicing.letters import print_files
from invoicing.models import Invoice
from invoicing.run import runs

_DOCUMENTS = "documents"
_A_FEW = 20
_SECONDS = 10  # a turn; whoever waits for a log-in code waits no longer than for this


def enqueue_documents(ids: Sequence[int]) -> None:
    """Ask the worker for PDFs and mails, once these invoices are committed. A few, which somebody may be waiting for,
    are made at once. Where many wait, issued together or one by one by a night that strikes hundreds, they are made in
    turns by one worker, so that the other is free for what is more urgent, and the queue stays short."""
    waiting = Invoice.objects.without_pdf().filter(pdf_error="")[: _A_FEW + 1].count()
    if waiting <= _A_FEW:
        make_documents.enqueue(list(ids))
    else:
        ask_for_missing()


def ask_for_missing() -> None:
    """Ask for a turn of what is missing, unless one waits in the queue: never more than one stands before a code."""
    if chores.ask(_DOCUMENTS, at=timezone.now()):
        make_missing.enqueue()


@task()
def make_documents(ids: list[int]) -> None:
    """Make the PDFs that these invoices have not got, and queue the mails that carry them."""
    pdf.make_many(ids=ids, at=timezone.now())


@task()
def make_missing() -> None:
    """Make PDFs that are missing for some seconds, unless somebody is at it, and ask for another turn while there are
    invoices never tried. Those that failed wait for the next sweep."""
    ends = time.monotonic() + _SECONDS
    with chores.turn(_DOCUMENTS, at=timezone.now()) as chore:
        if chore is None:
            return
        while pdf.make_missing(at=timezone.now()).changed and time.monotonic() < ends:
            pass
    # Asked after the work is put down: whoever issued invoices meanwhile has found it taken, and left them to us.
    if Invoice.objects.without_pdf().filter(pdf_error="").exists():
        ask_for_missing()


@task()
def go_on_with_run(run_id: int) -> None:
    """Some seconds of a run, in portions, and then the next."""
    ends = time.monotonic() + _SECONDS
    with translation.override(settings.CLIENT.site.language):
        while runs.go_on(run_id=run_id, on=timezone.localdate(), at=timezone.now()):
            if time.monotonic() >= ends:
                go_on_with_run.enqueue(run_id)
                return


@task()
def make_print_file(print_file_id: int) -> None:
    """Put the letters of one print file together."""
    print_files.make(print_file_id=print_file_id, at=timezone.now())
