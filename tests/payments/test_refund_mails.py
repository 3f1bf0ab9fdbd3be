"""The mail about money paid back, word for word in both languages, and who gets it."""

from pathlib import Path

import pytest

from membership.models import Member
from messaging.models import Message
from payments import intake, refunds
from payments.models import Payment
from tests.makers import NOW, TODAY, kroner, make_invoice

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "mails"


def too_much(**changes: str) -> Payment:
    """Alice owes 400 and pays 600."""
    invoice = make_invoice("Alice", "Ås & Sønn")
    return intake.record(
        amount=kroner("600"), received_on=TODAY, source="hand", at=NOW, by=None, source_reference="hand:1",
        invoices=[invoice], **changes,
    )  # fmt: skip


def back(payment: Payment, amount: str) -> Payment:
    return refunds.pay_back(
        payment=payment, amount=kroner(amount), on=TODAY, at=NOW, by=None, source_reference=f"r:{amount}",
        reason="She asked for it, the office notes.",
    )  # fmt: skip


def told() -> list[Message]:
    return list(Message.objects.filter(kind="paid_back").order_by("pk"))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_golden(language: str) -> None:
    """A part of it first, then the rest; to an account we know."""
    payment = too_much(payer_account="86011117947")
    Member.objects.update(language=language)
    back(payment, "150")
    back(payment, "50")
    said = "\n\n".join(f"To: {mail.address}\nSubject: {mail.subject}\n\n{mail.body_text}" for mail in told())
    assert said == (GOLDEN / f"paid_back.{language}.txt").read_text(encoding="utf-8")
    assert all("8601.11.17947" in mail.body_html and "office notes" not in mail.body_html for mail in told())


def test_once_a_refund() -> None:
    payment = too_much()
    assert back(payment, "150") == back(payment, "150")
    assert [mail.unique_key for mail in told()] == [f"payment:{Payment.objects.get(pays_back=payment).pk}"]


def test_what_waits_to_be_paid_back_is_not_called_credit() -> None:
    payment = too_much()
    Member.objects.update(language="en")
    refunds.owe_back(payment=payment, at=NOW, by=None)
    back(payment, "150")
    [mail] = told()
    assert "kr\u00a0150 back" in mail.body_text and "credit" not in mail.body_text


def test_nobody_is_told_of_money_without_a_payer_and_the_dead_are_not() -> None:
    payment = too_much()
    Member.objects.update(died_on=TODAY)
    back(payment, "150")
    assert [(mail.state, mail.reason) for mail in told()] == [("suppressed", "The member is deceased.")]
    Payment.objects.filter(pk=payment.pk).update(payer=None)
    back(payment, "50")
    assert len(told()) == 1
