"""Whether documents reached their payers: sent, printed, bounced."""

import dataclasses

import pytest
from django.conf import settings
from wagtail.models import ModelLogEntry

from core.errors import Refused
from invoicing import deliveries, mails, ways
from invoicing.credit_notes import credit
from invoicing.invoices import cover
from invoicing.models import Invoice
from membership import leaving
from membership.models import Member
from messaging.models import Message, State
from messaging.sweeping import sweep
from tests.makers import NOW, TODAY, make_invoice, make_user

pytestmark = pytest.mark.django_db


def sent(name: str = "Alice", **data) -> Invoice:
    invoice = make_invoice(name, **data)
    Invoice.objects.filter(pk=invoice.pk).update(language="en")
    invoice.refresh_from_db()
    deliveries.send_out(invoice=invoice, at=NOW)
    return invoice


def bounce(invoice: Invoice) -> None:
    Message.objects.filter(unique_key=mails.key(invoice, "email")).update(state=State.BOUNCED, reason="Refused.")


def undelivered() -> list[int]:
    return list(deliveries.undelivered().order_by("number").values_list("number", flat=True))


def test_each_payers_way(monkeypatch):
    client = settings.CLIENT
    with_sms = dataclasses.replace(client, invoicing=dataclasses.replace(client.invoicing, sms=True))
    monkeypatch.setattr(settings, "CLIENT", with_sms)
    sent("Alice")
    sent("Bob", email="", mobile="+4791234567")
    sent("Carl", email="")
    rows = list(Message.objects.order_by("pk").values_list("channel", "state", "unique_key", "address", "segments"))
    assert rows == [
        ("email", "queued", "invoice:1", "alice@example.no", 0),
        ("sms", "queued", "invoice-sms:2", "+4791234567", 1),
        ("letter", "queued", "invoice-letter:3", "Fjordgata 1, 7010 Trondheim", 0),
    ]
    text = Message.objects.get(channel="sms").body_text
    kid = Invoice.objects.get(number=2).kid
    assert text == (
        f"Vennene av vannet: Invoice 2, kr 400.00, due 24.03.2026. Account 86011117947, KID {kid}. "
        "http://127.0.0.1:8000/min-side/fakturaer/"
    )


def test_a_credit_note_goes_on_paper_where_the_invoice_went_by_sms_or_paper():
    invoice = sent(email="")
    note = credit(invoice=invoice, on=TODAY, at=NOW, by=None, reason="Feil")
    deliveries.send_out(invoice=note, at=NOW)
    assert list(Message.objects.order_by("pk").values_list("unique_key", flat=True)) == [
        "invoice-letter:1", "credit-note-letter:2",
    ]  # fmt: skip


def test_letters_do_not_ring_for_the_sender(monkeypatch):
    rung = []
    monkeypatch.setattr("messaging.doorbell.ring", lambda *, at: rung.append(at))
    sent(email="")
    rung.clear()
    sweep(at=NOW)
    assert rung == []


def test_what_bounced_waits_for_somebody_and_is_printed_instead():
    first, second, paid, dead = sent("Alice"), sent("Bob"), sent("Carl"), sent("Dora")
    for invoice in (second, paid, dead):
        bounce(invoice)
    cover(invoice=paid, amount=paid.open_amount, on=TODAY)
    Message.objects.filter(unique_key="invoice:4").update(state=State.SUPPRESSED, reason=mails.DECEASED)
    assert undelivered() == [second.number]
    assert deliveries.why_not(invoices=[first, second]) == {second.number: "Refused."}
    kasserer = make_user("admin")
    for expected in (1, 0):
        assert deliveries.print_instead(invoices=[second], at=NOW, by=kasserer) == expected
    entries = ModelLogEntry.objects.filter(action="invoicing.printed_instead")
    assert [(entry.object_id, entry.user) for entry in entries] == [(str(second.pk), kasserer)]
    assert undelivered() == []
    [letter] = deliveries.letters_waiting()
    assert (letter.unique_key, letter.reason) == ("invoice-letter:2", deliveries.PRINTED_INSTEAD)
    assert [row.attachments for row in deliveries.letters_waiting()] == [[f"invoice:{second.pk}"]]


def test_a_bounce_after_the_letter_is_no_news():
    invoice = sent()
    mails.letter(invoice=invoice, at=NOW, why=ways.CHOSEN)
    bounce(invoice)
    assert undelivered() == []


def test_nobody_is_printed_without_an_address():
    invoice, other = sent("Alice", address_line_1="", postcode="", place="", email=""), sent("Bob")
    bounce(other)
    assert undelivered() == [invoice.number, other.number]
    with pytest.raises(Refused, match="no postal address"):
        deliveries.print_instead(invoices=[other, Invoice.objects.get(pk=invoice.pk)], at=NOW, by=None)
    assert not deliveries.letters_waiting().exists()


def test_the_dead_and_the_erased_are_sent_nothing():
    dead, gone = make_invoice("Alice"), make_invoice("Bob")
    Member.objects.filter(pk=dead.member_id).update(died_on=TODAY)
    Invoice.objects.filter(pk=gone.pk).update(member=None)
    for invoice in Invoice.objects.select_related("member"):
        deliveries.send_out(invoice=invoice, at=NOW)
    assert set(Message.objects.values_list("state", "reason")) == {
        ("suppressed", mails.DECEASED), ("suppressed", mails.NOBODY),
    }  # fmt: skip
    assert undelivered() == []


def test_the_dead_get_no_letter_either():
    dead, waiting, living = sent("Alice"), sent("Bob", email=""), sent("Carl", email="")
    for invoice in (dead, waiting):
        assert invoice.member is not None
        leaving.record_death(member=invoice.member, died_on=TODAY, on=TODAY, at=NOW)
    with pytest.raises(Refused) as refusal:
        deliveries.print_instead(invoices=[dead], at=NOW, by=None)
    assert (refusal.value.code, Message.objects.filter(unique_key="invoice-letter:1").exists()) == ("dead", False)
    letters = Message.objects.filter(channel="letter").order_by("pk")
    assert list(letters.values_list("unique_key", "state", "reason")) == [
        ("invoice-letter:2", "suppressed", mails.DECEASED), ("invoice-letter:3", "queued", ways.NO_EMAIL_NO_MOBILE),
    ]  # fmt: skip
    assert [row.attachments for row in deliveries.letters_waiting()] == [[f"invoice:{living.pk}"]]
    letter = mails.letter(invoice=dead, at=NOW, why=ways.CHOSEN)
    assert (letter.state, letter.reason) == ("suppressed", mails.DECEASED)


def test_the_list_costs_one_question_however_long(django_assert_num_queries):
    for names in (["Alice"], ["Bob", "Carl"]):
        for name in names:
            bounce(sent(name))
        with django_assert_num_queries(1):
            found = undelivered()
        assert len(found) == Invoice.objects.count()
