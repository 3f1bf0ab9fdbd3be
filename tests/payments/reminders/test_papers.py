"""Reminders on paper: who gets them so, what the sheet says word for word, and the print file they lie in."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest

from core.errors import Refused
from invoicing import documents, pdf
from invoicing.invoices import cover
from invoicing.letters import print_files
from invoicing.models import Invoice, InvoiceWay, PrintFile
from messaging import attachments
from messaging.models import Message
from payments.models import Reminder
from payments.reminders import due, papers, runs
from tests.makers import NOW, TODAY, at_noon, kroner
from tests.payments.reminders.helpers import Step, client_with, know_the_bank, mails, overdue

GOLDEN = Path(__file__).parents[2] / "golden" / "reminders"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]


def remind(on: Any = TODAY) -> None:
    know_the_bank(on)
    runs.send_due(on=on, at=at_noon(on))


def words(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return "\n--- page ---\n".join(page.extract_text() for page in pages) + "\n"


def on_paper(name: str, **data: Any) -> Invoice:
    return overdue(name, on=TODAY, days=20, **{"email": "", **data})


def made_file() -> PrintFile:
    file = print_files.start(at=NOW, by=None)
    print_files.make(print_file_id=file.pk, at=NOW)
    file.refresh_from_db()
    return file


def pages_of(file: PrintFile) -> list[str]:
    with file.file.storage.open(file.file.name, "rb") as stored:
        return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(stored.read())).pages]


@pytest.mark.parametrize("language", ["nb", "en"])
def test_golden_first_with_a_fee_and_last(settings: Any, language: str) -> None:
    settings.CLIENT = client_with(Step(after_days=14, fee=True), Step(after_days=14, fee=True))
    invoice = on_paper("Åse")
    Invoice.objects.update(language=language, buyer_address="Fjordgata 1\n7010 Trondheim", member_number="1042")
    cover(invoice=Invoice.objects.get(pk=invoice.pk), amount=kroner("49.50"), on=TODAY)
    remind()
    remind(TODAY + timedelta(days=14))
    sheets = [words(papers.pdf_of(row)) for row in Reminder.objects.select_related("invoice").order_by("step")]
    expected = (GOLDEN / f"reminder.{language}.txt").read_text(encoding="utf-8")
    assert "\n=== the last one ===\n".join(sheets) == expected


def test_it_says_the_same_when_a_part_has_been_paid_since() -> None:
    invoice = on_paper("Åse")
    remind()
    before = words(papers.pdf_of(Reminder.objects.get()))
    cover(invoice=Invoice.objects.get(pk=invoice.pk), amount=kroner(100), on=TODAY)
    assert words(papers.pdf_of(Reminder.objects.get())) == before
    assert "400" in before


def test_who_has_no_mail_or_chose_letters_gets_the_mail_on_paper() -> None:
    """Not who has neither, and not where a letter would not arrive."""
    on_paper("Åse")
    chose, nowhere = overdue("Bob", on=TODAY, days=20), overdue("Dora", on=TODAY, days=20, address_line_1="")
    for invoice in (chose, nowhere):
        assert invoice.member is not None
        InvoiceWay.objects.create(member=invoice.member, way="letter", chosen_at=NOW)
    on_paper("Eve", address_line_1="")
    overdue("Frode", on=TODAY, days=20)
    assert [(row.channel, row.count) for row in due.counts(on=TODAY)] == [("email", 2), ("letter", 2)]
    remind()
    rows = Reminder.objects.order_by("invoice__number").values_list("invoice__buyer_name", "channel")
    assert list(rows) == [("Åse Ås", "letter"), ("Bob Ås", "letter"), ("Dora Ås", "email"), ("Frode Ås", "email")]


def test_a_step_by_letter_is_printed_by_postcode_with_the_invoices(settings: Any) -> None:
    settings.CLIENT = client_with(Step(after_days=14, channel="letter"))
    overdue("Wei", on=TODAY, days=20, postcode="7010", place="Trondheim")
    overdue("Liv", on=TODAY, days=20, postcode="0150", place="Oslo")
    new = overdue("Tor", on=TODAY + timedelta(days=20), days=20, email="", postcode="3015", place="Drammen")
    pdf.make(invoice=new, at=NOW)
    remind()
    file = made_file()
    assert (file.state, file.letters, file.pages, file.problem) == ("ready", 3, 4, "")
    cover_sheet, *rest = pages_of(file)
    assert [next(name for name in ("Wei", "Tor", "Liv") if name in text) for text in rest] == ["Liv", "Tor", "Wei"]
    assert "7000–7099 1" in " ".join(cover_sheet.split())
    assert {mail.state for mail in mails()} == {"sent"}
    before = pages_of(file)
    print_files.again(file=file, at=NOW)
    print_files.make(print_file_id=file.pk, at=NOW)
    file.refresh_from_db()
    assert pages_of(file) == before


def test_what_is_paid_before_it_is_printed_is_not_printed() -> None:
    paid, open_ = on_paper("Åse"), on_paper("Bob")
    remind()
    cover(invoice=Invoice.objects.get(pk=paid.pk), amount=kroner(400), on=TODAY)
    file = made_file()
    assert file.documents == [f"reminder:{Reminder.objects.get(invoice=open_).pk}"]
    row = Message.objects.get(unique_key=f"reminder:{paid.number}:1")
    assert (row.state, row.reason) == ("suppressed", print_files.POINTLESS)
    with pytest.raises(Refused, match="No letter waits"):
        print_files.start(at=NOW, by=None)


def test_letters_that_are_all_paid_do_not_go_on_waiting() -> None:
    paid = on_paper("Åse")
    remind()
    cover(invoice=Invoice.objects.get(pk=paid.pk), amount=kroner(400), on=TODAY)
    with pytest.raises(Refused, match="No letter waits"):
        print_files.start(at=NOW, by=None)
    assert [mail.state for mail in mails()] == ["suppressed"]


def test_the_mail_carries_the_reminder_and_a_copy_of_the_invoice() -> None:
    invoice = overdue("Alice", on=TODAY, days=20)
    pdf.make(invoice=invoice, at=NOW)
    remind()
    [mail] = mails()
    reminder, copy = [attachments.resolve(name) for name in mail.attachments]
    assert (reminder.name, reminder.content_type) == (f"betalingspaminnelse-{invoice.number}-1.pdf", "application/pdf")
    assert words(reminder.content) == words(papers.pdf_of(Reminder.objects.get()))
    assert copy.name.startswith(f"duplikat-faktura-{invoice.number}-")
    assert words(copy.content) == words(documents.copy_pdf(invoice=invoice))
    assert "DUPLIKAT" in words(copy.content)


def test_the_word_on_copies_is_made_once_for_all_of_a_language() -> None:
    """A thousand reminders carry a thousand copies; the word took as long to make as an invoice."""
    invoices = [overdue(name, on=TODAY, days=20) for name in ("Alice", "Bob", "Carl")]
    Invoice.objects.filter(pk=invoices[2].pk).update(language="en")
    for invoice in invoices:
        invoice.refresh_from_db()
        pdf.make(invoice=invoice, at=NOW)
    documents._copy_mark.cache_clear()
    copies = [words(documents.copy_pdf(invoice=invoice)) for invoice in invoices]
    assert ["DUPLIKAT" in text for text in copies] == [True, True, False]
    assert "DUPLICATE" in copies[2]
    assert (documents._copy_mark.cache_info().misses, documents._copy_mark.cache_info().hits) == (2, 1)


def test_a_copy_waits_for_its_invoice() -> None:
    invoice = overdue("Alice", on=TODAY, days=20)
    with pytest.raises(attachments.NotReady):
        attachments.resolve(f"duplicate:{invoice.pk}")
