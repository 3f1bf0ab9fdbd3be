"""The PDF of an invoice: made once, in the worker, stored privately with its hash. Without it nothing else waits.

A PDF that fails costs no number and moves none: the invoice stands, says why in `pdf_error`, and is tried again.
"""

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from core.results import Result
from invoicing import deliveries, looks, printing
from invoicing.models import Invoice, InvoiceLine, PrintLook
from messaging.attachments import Attachment, NotReady

_PER_SWEEP = 60

logger = logging.getLogger(__name__)


def make(*, invoice: Invoice, at: datetime) -> None:
    """Make the PDF of one invoice and queue the mail that carries it. Having one already, it changes nothing."""
    make_many(ids=[invoice.pk], at=at)
    invoice.refresh_from_db(fields=["pdf", "pdf_sha256", "pdf_error"])


def make_many(*, ids: Sequence[int], at: datetime) -> int:
    """Make the PDFs of these invoices that have none, and queue their mails. Returns how many were made.

    One that cannot be printed keeps the reason in `pdf_error` and does not hold up the others.
    """
    waiting = Invoice.objects.without_pdf().filter(pk__in=ids)
    invoices = waiting.select_related("credits", "member").prefetch_related("lines").order_by("number")
    if not invoices or not _press_works(waiting):
        return 0
    return sum(_make(invoice, at) for invoice in invoices)


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


def duplicate(key: str) -> Attachment:
    """What a message that names `duplicate:<id>` carries: the same, marked as a copy. Raises NotReady, PrintError."""
    from invoicing import documents

    invoice = Invoice.objects.get(pk=int(key))
    if not invoice.pdf:
        raise NotReady(f"invoice {invoice.number}")
    content = documents.copy_pdf(invoice=invoice)
    with override(invoice.language):
        name = slugify(pgettext("document", "Duplicate")) + f"-{file_name(invoice)}"
    return Attachment(name=name, content_type="application/pdf", content=content)


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


def render(invoice: Invoice, *, look: PrintLook | None = None, lines: Sequence[InvoiceLine] | None = None) -> bytes:
    """Lay out one invoice and return it as PDF. Raises PrintError. `lines` are its own unless given."""
    from invoicing import documents

    look = look or looks.current()
    with override(invoice.language):
        document = printing.document(invoice, look=look, lines=lines)
        return documents.render(
            "invoice", sheet=document, look=look, context={"invoice": invoice, "document": document}
        )  # fmt: skip


def _press_works(waiting: QuerySet[Invoice]) -> bool:
    """Whether anything can be printed at all. If not, those that wait say why, once for all."""
    from invoicing import press

    try:
        press.press(looks.current())
    except press.PrintError as error:
        logger.error("No invoice can be printed. %s", error)
        waiting.update(pdf_error=str(error)[:250])
        return False
    return True


def _make(invoice: Invoice, at: datetime) -> bool:
    try:
        content = render(invoice)
    except Exception as error:  # whatever the layout stumbles over, the invoice stands
        logger.exception("No PDF of invoice %s", invoice.number)
        Invoice.objects.filter(pk=invoice.pk).update(pdf_error=f"{type(error).__name__}: {error}"[:250])
        return False
    try:
        return _keep(invoice, content, at)
    except OSError as error:  # the disk is full, or not there: said once it can be said, and tried again
        logger.error("The PDF of invoice %s cannot be stored: %s", invoice.number, error)
        reason = _("The file cannot be stored: %(problem)s.") % {"problem": error.strerror or type(error).__name__}
        Invoice.objects.filter(pk=invoice.pk).update(pdf_error=reason[:250])
        return False


def _keep(invoice: Invoice, content: bytes, at: datetime) -> bool:
    """Store the file, then remember it and queue the mail in one go. Whoever comes second throws theirs away."""
    name = f"invoices/{invoice.issued_on.year}/{invoice.number}.pdf"
    stored = invoice.pdf.storage.save(name, ContentFile(content))
    with transaction.atomic():
        is_first = Invoice.objects.without_pdf().filter(pk=invoice.pk).update(
            pdf=stored, pdf_sha256=hashlib.sha256(content).hexdigest(), pdf_error=""
        )  # fmt: skip
        if is_first:
            deliveries.send_out(invoice=invoice, at=at)
    if not is_first:
        invoice.pdf.storage.delete(stored)
    return bool(is_first)
