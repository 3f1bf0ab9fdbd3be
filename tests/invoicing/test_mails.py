"""The mails about invoices, word for word, and who gets them."""

from datetime import date
from pathlib import Path

import pytest

from invoicing import mails
from invoicing.credit_notes import credit
from invoicing.invoices import cover, issue
from invoicing.models import Invoice
from membership.models import Member
from messaging.models import Message, State
from tests.makers import NOW, TODAY, kroner, make_household, make_member

GOLDEN = Path(__file__).parents[1] / "golden" / "invoices"
pytestmark = pytest.mark.django_db


def an_invoice(language: str = "nb") -> Invoice:
    joined = make_household("Áile", "Bjørn Østen", last_name="Ørjasæter", paid=False)
    Invoice.objects.all().delete()
    Member.objects.filter(pk=joined.main_member.pk).update(
        language=language, member_number="1042", email="aile@example.no"
    )
    issue(periods=joined.periods, on=TODAY, at=NOW)
    return Invoice.objects.get()


def as_text(message: Message) -> str:
    return f"To: {message.address}\nSubject: {message.subject}\n\n{message.body_text}"


def assert_golden(name: str, text: str) -> None:
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["nb", "en"])
def test_golden_invoice(language):
    message = mails.invoice(invoice=an_invoice(language), at=NOW)
    assert_golden(f"mail_invoice.{language}.txt", as_text(message))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_golden_credit_note(language):
    note = credit(invoice=an_invoice(language), on=date(2026, 3, 20), at=NOW, by=None, reason="Meldt inn to ganger")
    assert_golden(f"mail_credit_note.{language}.txt", as_text(mails.credit_note(invoice=note, at=NOW)))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_golden_partly_covered(language):
    """Earlier payments cover a part, and a line has been credited, before the mail is made."""
    invoice = an_invoice(language)
    cover(invoice=invoice, amount=kroner("49.50"), on=TODAY)
    assert_golden(f"mail_invoice_part.{language}.txt", as_text(mails.invoice(invoice=invoice, at=NOW)))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_golden_wholly_covered(language):
    invoice = an_invoice(language)
    cover(invoice=invoice, amount=kroner("600"), on=TODAY)
    assert_golden(f"mail_invoice_nothing.{language}.txt", as_text(mails.invoice(invoice=invoice, at=NOW)))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_golden_credit_note_that_leaves_something(language):
    """One of two who pay is credited: the mail says what is left, and how to pay it."""
    invoice = an_invoice(language)
    invoice.lines.filter(position=2).update(amount=kroner("200"), unit_price=kroner("200"))
    note = credit(
        invoice=invoice, on=date(2026, 3, 20), at=NOW, by=None, reason="Utmeldt", lines=invoice.lines.filter(position=2)
    )
    assert_golden(f"mail_credit_note_part.{language}.txt", as_text(mails.credit_note(invoice=note, at=NOW)))


def test_what_was_credited_before_the_mail_went_is_not_asked_for():
    invoice = an_invoice("en")
    cover(invoice=invoice, amount=kroner("200"), on=TODAY)
    credit(invoice=invoice, on=TODAY, at=NOW, by=None, reason="Meldt inn to ganger")
    message = mails.invoice(invoice=Invoice.objects.get(kind="invoice"), at=NOW)
    assert [line for line in message.body_text.splitlines() if "kr\u00a0" in line or "need not" in line] == [
        "Total: kr\u00a0600.00",
        "Covered by earlier payments: kr\u00a0−200.00",
        "Credited: kr\u00a0−400.00",
        "To pay: kr\u00a00.00",
        "You need not pay anything.",
    ]
    assert message.subject == "Invoice 2 from Vennene av vannet: nothing to pay"


def test_a_mail_is_queued_once_with_its_attachment():
    invoice = an_invoice()
    first, second = mails.send(invoice=invoice, at=NOW), mails.send(invoice=invoice, at=NOW)
    assert first.pk == second.pk and Message.objects.filter(kind="invoice").count() == 1
    assert (first.state, first.attachments, first.unique_key, first.recipient_ref) == (
        State.QUEUED, [f"invoice:{invoice.pk}"], "invoice:2", f"member:{invoice.member_id}",
    )  # fmt: skip


@pytest.mark.parametrize("email", ["", "nobody@ingen.vvnf.example"])
def test_without_an_address_the_treasurer_sees_that_it_was_not_sent(email):
    make_member("Tor", paid=False)
    Member.objects.update(email=email)
    message = mails.send(invoice=Invoice.objects.get(), at=NOW)
    assert (message.state, bool(message.why)) == (State.SUPPRESSED, True)


def test_the_dead_and_the_erased_get_nothing():
    invoice = an_invoice()
    Member.objects.filter(pk=invoice.member_id).update(died_on=date(2026, 3, 1))
    dead = mails.send(invoice=Invoice.objects.get(), at=NOW)
    assert (dead.state, dead.reason) == (State.SUPPRESSED, mails.DECEASED)
    make_member("Nils", paid=False)
    Invoice.objects.filter(number=3).update(member=None)
    nobodys = Invoice.objects.get(number=3)
    erased = mails.send(invoice=nobodys, at=NOW)
    assert (erased.state, erased.reason) == (State.SUPPRESSED, mails.NOBODY)
    assert erased.recipient_ref == f"invoice:{nobodys.pk}"


def test_names_are_text_in_the_html():
    invoice = an_invoice()
    invoice.lines.update(member_name='"><img src=x onerror=1>')
    Invoice.objects.update(buyer_name='<script>alert("x")</script>\r\nBcc: all@example.org')
    message = mails.send(invoice=Invoice.objects.get(), at=NOW)
    assert "<script" not in message.body_html and "<img" not in message.body_html
    assert "\n" not in message.subject


def test_of_very_many_lines_the_mail_names_the_first_and_says_how_many_more():
    invoice = an_invoice()
    line = invoice.lines.first()
    for number in range(11):
        line.pk, line.period, line.position, line.text = None, None, 10 + number, f"Vare {number}"
        line.save()
    message = mails.invoice(invoice=Invoice.objects.get(), at=NOW)
    assert [words for words in message.body_text.splitlines() if words.startswith("- ")][-2:] == [
        "- Vare 9, Áile Ørjasæter", "- og 1 til"
    ]  # fmt: skip
    assert "<li>og 1 til</li>" in message.body_html and "Vare 10" not in message.body_text + message.body_html
