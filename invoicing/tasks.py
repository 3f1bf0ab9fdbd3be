"""What happens later, in the worker: ids in, one call out. Every task may run twice."""

from collections.abc import Sequence
from itertools import batched

from django.tasks import task
from django.utils import timezone

from invoicing import pdf

_A_TASK = 100


def enqueue_documents(ids: Sequence[int]) -> None:
    """Ask the worker for PDFs and mails, in portions of a few seconds."""
    for portion in batched(ids, _A_TASK):
        make_documents.enqueue(list(portion))


@task()
def make_documents(ids: list[int]) -> None:
    """Make the PDFs that these invoices have not got, and queue the mails that carry them."""
    pdf.make_many(ids=ids, at=timezone.now())


@task()
def make_missing() -> None:
    """Make some of the PDFs that an interrupted worker or an earlier failure has left undone."""
    pdf.make_missing(at=timezone.now())
