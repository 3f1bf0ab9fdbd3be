"""The receipt, word for word, in both languages: tests/golden/mails/payment_received.*.txt."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from invoicing.mails import DECEASED
from invoicing.models import Invoice
from membership.models import Member
from messaging.models import Message
from payments import intake
from payments.models import Payment
from tests.makers import NOW, TODAY, invoice_of, kroner, make_household, make_invoice, make_type

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "mails"


def pay(amount: str, *invoices: Invoice, **changes: Any) -> Payment:
    return intake.record(
        amount=kroner(amount), received_on=TODAY - timedelta(days=1), source="hand", at=NOW, by=None,
        source_reference=f"hand:{Payment.objects.count()}", invoices=invoices, **changes,
    )  # fmt: skip


def receipts() -> list[Message]:
    return list(Message.objects.filter(kind="payment_received").order_by("pk"))


def as_text(messages: list[Message]) -> str:
    return "\n\n".join(f"To: {mail.address}\nSubject: {mail.subject}\n\n{mail.body_text}" for mail in messages)


def assert_golden(name: str, text: str) -> None:
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


def everything(language: str) -> str:
    """A family pays, somebody a part and then too much, one payment is for two, one late, one for life."""
    family = invoice_of(make_household("Bob", "Berit", "Bjørn Åge", paid=False, trial=True).main_member)
    alice = make_invoice("Alice", "Ås & Sønn")
    charlie, dora = make_invoice("Charlie", "Ås"), make_invoice("Dora", "Ås")
    life = make_type("UTP")
    life.frequency = "permanent"
    life.save()
    eve = make_invoice("Eve", "Ås", type_code="UTP")
    Member.objects.update(language=language)
    pay("600", family)
    pay("149.50", alice)
    pay("300", alice)
    pay("700", charlie, dora)
    pay("300", eve)
    late = make_invoice("Frode", "Ås", on=TODAY - timedelta(days=30))
    Member.objects.filter(pk=late.member_id).update(language=language)
    pay("200", late)
    return as_text(receipts())


@pytest.mark.parametrize("language", ["nb", "en"])
def test_golden(language: str) -> None:
    assert_golden(f"payment_received.{language}.txt", everything(language))


def test_one_receipt_a_payment() -> None:
    invoice = make_invoice()
    payment = pay("400", invoice)
    intake.record(
        amount=kroner("400"), received_on=TODAY, source="hand", source_reference=payment.source_reference, at=NOW,
        by=None, invoices=[invoice],
    )  # fmt: skip
    assert [(mail.unique_key, mail.recipient_ref) for mail in receipts()] == [
        (f"payment:{payment.pk}", f"member:{invoice.member_id}")
    ]


def test_without_an_address_the_receipt_is_kept_with_its_reason() -> None:
    pay("400", make_invoice(email=""))
    assert [(mail.state, bool(mail.why)) for mail in receipts()] == [("suppressed", True)]


def test_nothing_is_sent_to_the_dead() -> None:
    invoice = make_invoice()
    Member.objects.update(died_on=TODAY)
    intake.reverse(payment=pay("400", invoice), at=NOW, by=None, reason="Wrong person")
    told = Message.objects.filter(kind__startswith="payment").order_by("pk").values_list("kind", "state", "reason")
    assert list(told) == [(kind, "suppressed", DECEASED) for kind in ("payment_received", "payment_undone")]


def test_nobody_is_told_of_money_from_nobody() -> None:
    pay("400")
    assert receipts() == []


def undone(language: str) -> str:
    """A part payment is undone, money that was credit only, and one that other money of the payer makes up for."""
    alice, bob, charlie = make_invoice("Alice", "Ås & Sønn"), make_invoice("Bob", "Ås"), make_invoice("Charlie", "Ås")
    Member.objects.update(language=language)
    wrong = [pay("149.50", alice), pay("400", charlie)]
    pay("400", bob)
    wrong.append(pay("100", bob))
    pay("450", charlie)
    for payment in wrong:
        intake.reverse(payment=payment, at=NOW, by=None, reason="Feil medlem")
    return as_text(list(Message.objects.filter(kind="payment_undone").order_by("pk")))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_golden_undone(language: str) -> None:
    text = undone(language)
    assert "Feil medlem" not in text
    assert_golden(f"payment_undone.{language}.txt", text)


def test_nobody_is_told_that_money_from_nobody_is_undone() -> None:
    intake.reverse(payment=pay("400"), at=NOW, by=None, reason="Wrong account")
    assert not Message.objects.exists()


def test_names_are_inert_in_the_html() -> None:
    pay("400", make_invoice('"><img src=x onerror=1>'))
    (mail,) = receipts()
    assert "<img src=x" not in mail.body_html
    assert "&lt;img src=x onerror=1&gt;" in mail.body_html
    assert "\n" not in mail.subject
