"""A reminder as a document: the letter that is printed, and what an e-mail carries.

It is made when it is printed or sent, from what the reminder remembers, and says the same however often.
"""

from collections.abc import Iterable, Sequence, Set

from django.template.defaultfilters import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from invoicing import documents
from invoicing.letters.papers import Paper
from invoicing.models import PrintLook
from invoicing.parties import printed
from messaging.attachments import Attachment
from messaging.rendering import render_plain
from payments.models import Reminder
from payments.reminders import schedule

SCHEME = "reminder"  # what the outbox calls these documents; the reminder's key follows


def pdf_of(reminder: Reminder, *, look: PrintLook | None = None) -> bytes:
    """The reminder as it was sent: what was left then, the fees, and the day to pay by. Raises press.PrintError."""
    invoice = reminder.invoice
    is_last = reminder.step == schedule.last()
    words = {
        "number": invoice.number,
        "due_on": printed(invoice.due_on),
        "pay_by": printed(reminder.pay_by),
        "lines": [line.description for line in invoice.lines.all() if not line.is_credited],
        "is_last": is_last,
    }
    with override(invoice.language):
        heading = _("Last reminder") if is_last else _("Reminder")
        text = render_plain("mail/reminder/letter.txt", context=words, language=invoice.language)
        return documents.reminder_pdf(
            invoice=invoice, heading=heading, text=text, on=reminder.sent_on, pay_by=reminder.pay_by,
            left=reminder.left, fee=reminder.fees_left, look=look,
        )  # fmt: skip


def as_attachment(key: str) -> Attachment:
    """What a message that names `reminder:<id>` carries. Raises PrintError."""
    reminder = Reminder.objects.select_related("invoice").get(pk=int(key))
    return Attachment(name=file_name(reminder), content_type="application/pdf", content=pdf_of(reminder))


def file_name(reminder: Reminder) -> str:
    """A name that says what it is on somebody's disk: `purring-1017-2.pdf`."""
    with override(reminder.invoice.language):
        return slugify(_("Reminder")) + f"-{reminder.invoice.number}-{reminder.step}.pdf"


def of_reminders(keys: Sequence[int]) -> Iterable[Paper]:
    """To whom reminders on paper go: the address of their invoice."""
    for row in Reminder.objects.filter(pk__in=keys).select_related("invoice"):
        invoice = row.invoice
        yield Paper(
            reference=f"{SCHEME}:{row.pk}", label=str(invoice.number), name=invoice.buyer_name,
            address=invoice.buyer_address,
        )  # fmt: skip


def pointless(keys: Sequence[int]) -> Set[int]:
    """Nobody is reminded on paper of what was paid, or taken back, while the letter waited."""
    return set(Reminder.objects.filter(pk__in=keys, invoice__open_amount=0).values_list("pk", flat=True))
