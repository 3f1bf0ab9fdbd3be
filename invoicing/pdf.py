"""The PDF of an invoice: made once, in the worker, stored privately with its hash. Without it nothing else waits.

A PDF that fails costs no number and moves none: the invoice stands, says why in `pdf_error`, and is tried again.
"""

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.results import Result
from invoicing import mails, printing
from invoicing.models import Invoice
from messaging.attachments import Attachment, NotReady

AT_ONCE = 10
_PER_SWEEP = 60

if TYPE_CHECKING:
    from invoicing.press import Printed

logger = logging.getLogger(__name__)


def make(*, invoice: Invoice, at: datetime) -> None:
    """Make the PDF of one invoice and queue the mail that carries it. Having one already, it changes nothing."""
    make_many(ids=[invoice.pk], at=at)
    invoice.refresh_from_db(fields=["pdf", "pdf_sha256", "pdf_error"])


def make_many(*, ids: Sequence[int], at: datetime) -> int:
    """Make the PDFs of these invoices that have none, and queue their mails. Returns how many were made.

    They are laid out together, which is faster. When that fails, each is tried alone, so that one impossible document
    does not hold up the others; what fails alone keeps the reason in `pdf_error`.
    """
    rows = Invoice.objects.without_pdf().filter(pk__in=ids)
    made = 0
    by_language: dict[str, list[Invoice]] = {}
    for invoice in rows.select_related("credits", "member").prefetch_related("lines").order_by("number"):
        by_language.setdefault(invoice.language, []).append(invoice)
    if by_language and not _press_works(rows):
        return 0
    for language, invoices in by_language.items():
        for start in range(0, len(invoices), AT_ONCE):
            made += _make_together(invoices[start : start + AT_ONCE], language, at)
    return made


def make_missing(*, at: datetime) -> Result:
    """Make what an interrupted worker or an earlier failure left without PDF: those never tried first, newest first.

    A few seconds' work a call: whatever is left is for the next.
    """
    result = Result()
    missing = Invoice.objects.without_pdf().order_by("-number").values_list("pk", flat=True)
    ids = list(missing.filter(pdf_error="")[:_PER_SWEEP])
    ids += missing.exclude(pdf_error="")[: _PER_SWEEP - len(ids)]
    if made := make_many(ids=ids, at=at):
        result.add("PDFs made", times=made)
    failed = len(ids) - made
    if failed:
        result.warnings.append(_("%(count)s invoices have no PDF: see why on each.") % {"count": failed})
    return result


def as_attachment(key: str) -> Attachment:
    """What a message that names `invoice:<id>` carries. Raises NotReady while there is no PDF."""
    invoice = Invoice.objects.get(pk=int(key))
    if not invoice.pdf:
        raise NotReady(f"invoice {invoice.number}")
    with opened(invoice) as stored:
        return Attachment(name=file_name(invoice), content_type="application/pdf", content=stored.read())


def opened(invoice: Invoice) -> File:
    """The stored file, for reading. Raises FileNotFoundError when it is gone."""
    return invoice.pdf.storage.open(str(invoice.pdf.name), "rb")


def file_name(invoice: Invoice) -> str:
    """A name that says what it is on somebody's disk: `faktura-1017-vennene-av-vannet.pdf`."""
    with override(invoice.language):
        kind = _("Invoice") if invoice.kind == Invoice.Kind.INVOICE else _("Credit note")
    return f"{slugify(kind)}-{invoice.number}-{slugify(invoice.seller['short_name'])}.pdf"


def is_unchanged(invoice: Invoice) -> bool:
    """Whether the stored file is the one that was made."""
    try:
        with opened(invoice) as stored:
            return hashlib.file_digest(stored, "sha256").hexdigest() == invoice.pdf_sha256
    except OSError:
        return False


def render(invoices: Sequence[Invoice], language: str) -> list[bytes]:
    """Lay out invoices of one language and return the PDF of each. Raises PrintError.

    Those of more than one page are laid out again by themselves, with "page 2 of 3": among others the layout cannot
    count their pages.
    """
    documents = [printing.document(invoice) for invoice in invoices]
    files = _print(documents, language)
    return [
        file.content if file.page_count == 1 else _print([document], language, numbered=True)[0].content
        for document, file in zip(documents, files, strict=True)
    ]


def _print(documents: Sequence[printing.Document], language: str, *, numbered: bool = False) -> "list[Printed]":
    from invoicing import press  # WeasyPrint takes half a second to load, which no web request should wait for

    machine = press.press()
    with override(language):
        context = {
            "documents": documents,
            "language": language,
            "title": settings.CLIENT.organisation.name,
            "has_logo": machine.has_logo,
            "numbered": numbered,
            # The words around the numbers, which only the layout knows.
            "page_words": (_("Page %(page)s of %(pages)s") % {"page": "\0", "pages": "\0"}).split("\0"),
        }
        html = render_to_string("print/invoice.html", context)
    return machine.print(html, titles=[(f"document-{item.invoice.pk}", item.title) for item in documents])


def _press_works(waiting: QuerySet[Invoice]) -> bool:
    """Whether anything can be printed at all. If not, those that wait say why, once for all."""
    from invoicing import press

    try:
        press.press()
    except press.PrintError as error:
        logger.error("No invoice can be printed. %s", error)
        waiting.update(pdf_error=str(error)[:250])
        return False
    return True


def _make_together(invoices: Sequence[Invoice], language: str, at: datetime) -> int:
    try:
        files = render(invoices, language)
    except Exception as error:  # whatever the layout stumbles over, the invoices stand
        if len(invoices) > 1:
            return sum(_make_together([invoice], language, at) for invoice in invoices)
        logger.exception("No PDF of invoice %s", invoices[0].number)
        Invoice.objects.filter(pk=invoices[0].pk).update(pdf_error=f"{type(error).__name__}: {error}"[:250])
        return 0
    return sum(_keep(invoice, content, at) for invoice, content in zip(invoices, files, strict=True))


def _keep(invoice: Invoice, content: bytes, at: datetime) -> bool:
    """Store the file, then remember it and queue the mail in one go. Whoever comes second throws theirs away."""
    name = f"invoices/{invoice.issued_on.year}/{invoice.number}.pdf"
    stored = invoice.pdf.storage.save(name, ContentFile(content))
    with transaction.atomic():
        is_first = Invoice.objects.without_pdf().filter(pk=invoice.pk).update(
            pdf=stored, pdf_sha256=hashlib.sha256(content).hexdigest(), pdf_error=""
        )  # fmt: skip
        if is_first:
            mails.send(invoice=invoice, at=at)
    if not is_first:
        invoice.pdf.storage.delete(stored)
    return bool(is_first)
