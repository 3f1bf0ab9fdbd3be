"""What happens later, in the worker: ids in, one call out. Every task may run twice."""

from collections.abc import Sequence
from itertools import batched

from django.tasks import task
from django.utils import timezone

from invoicing import pdf


def enqueue_documents(ids: Sequence[int]) -> None:
    """Ask the worker for PDFs and mails, in portions of a second or two."""
    for portion in batched(ids, pdf.AT_ONCE):
        make_documents.enqueue(list(portion))


@task()
def make_documents(ids: list[int]) -> None:
    """Make the PDFs that these invoices have not got, and queue the mails that carry them."""
    pdf.make_many(ids=ids, at=timezone.now())
