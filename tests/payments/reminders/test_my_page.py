"""A member who cannot pay yet: puts the invoice off, or proposes to pay in parts, and sees what was agreed."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from invoicing.models import Invoice
from membership import roles
from membership.models import Member
from payments.models import PaymentPlan, Snooze
from payments.reminders import plans
from tests.makers import NOW, TODAY, make_user, set_up_client
from tests.payments.reminders.helpers import overdue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def alice(db: Any) -> Any:
    """Her browser and her open invoice, twenty days late."""
    set_up_client()
    invoice = overdue("Alice", on=TODAY, days=20)
    assert invoice.member is not None
    invoice.member.user = make_user(roles.MEMBERS)
    invoice.member.save()
    client = Client(headers={"accept-language": "en"})
    client.force_login(invoice.member.user)
    with translation.override("en"):
        yield client, invoice


def page(invoice: Invoice) -> str:
    return f"/min-side/fakturaer/{invoice.number}/mer-tid/"


def test_she_puts_it_off_once(alice: tuple[Client, Invoice]) -> None:
    client, invoice = alice
    assert page(invoice) in client.get("/min-side/fakturaer/").content.decode()
    shown = client.get(page(invoice)).content.decode()
    assert 'min="2026-03-11"' in shown and 'max="2026-04-09"' in shown
    wrong = client.post(page(invoice), {"until": "2027-01-01"})
    assert wrong.status_code == 422 and "Choose a day from tomorrow until" in wrong.content.decode()
    told = client.post(page(invoice), {"until": "2026-03-31"}, follow=True).content.decode()
    assert "You get no reminders until 31" in told
    assert Snooze.objects.get().until == TODAY + timedelta(days=21)
    assert "Pay later" not in client.get(page(invoice)).content.decode()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [({"until": ""}, "Write the day you will have paid by."), ({"in_parts": "1"}, "Choose in how many parts.")],
)
def test_a_mistake_is_summed_up_once(alice: tuple[Client, Invoice], sent: dict[str, str], sentence: str) -> None:
    client, invoice = alice
    answer = client.post(page(invoice), sent)
    wrong = answer.content.decode()
    assert (answer.status_code, wrong.count("data-error-summary"), wrong.count(sentence)) == (422, 1, 2)
    assert Snooze.objects.count() == PaymentPlan.objects.count() == 0


@pytest.mark.parametrize(("moved", "words"), [(0, "It was due on"), (21, "It is due on")])
def test_what_is_not_due_yet_is_not_called_late(alice: tuple[Client, Invoice], moved: int, words: str) -> None:
    client, invoice = alice
    Invoice.objects.filter(pk=invoice.pk).update(due_on=invoice.due_on + timedelta(days=moved))
    assert words in client.get(page(invoice)).content.decode()


def test_she_proposes_to_pay_in_parts(alice: tuple[Client, Invoice]) -> None:
    client, invoice = alice
    shown = client.get(page(invoice)).content.decode()
    assert "2: kr\u00a0200 by 24 March 2026, kr\u00a0200 by 24 April 2026" in shown
    assert client.post(page(invoice), {"in_parts": "1", "parts": "7"}).status_code == 422
    told = client.post(page(invoice), {"in_parts": "1", "parts": "2"}, follow=True).content.decode()
    assert "The treasurer answers by e-mail." in told
    plan = PaymentPlan.objects.get()
    plans.agree(plan=plan, on=TODAY, at=NOW, by=None)
    assert "kr\u00a0200 by 24 March 2026" in client.get("/min-side/fakturaer/").content.decode()
    assert "write to" in client.get(page(invoice)).content.decode()


def test_without_an_address_the_answer_is_promised_here(alice: tuple[Client, Invoice]) -> None:
    client, invoice = alice
    Member.objects.update(email="")
    told = client.post(page(invoice), {"in_parts": "1", "parts": "2"}, follow=True).content.decode()
    assert "Your proposal is sent to the treasurer. You find the answer here." in told
    assert "You have proposed to pay in parts. You find the treasurer's answer here." in told
    assert "e-mail with the answer" not in told and "answers by e-mail" not in told


def test_she_sees_by_when_to_pay_what_cannot_be_paid_in_parts(alice: tuple[Client, Invoice]) -> None:
    client, invoice = alice
    plan = plans.propose(invoice=invoice, number=2, on=TODAY, by=None)
    plans.refuse(plan=plan, on=TODAY, at=NOW, by=None, reason="No")
    told = "We could not agree to paying in parts. Please pay by 24 March 2026."
    assert told in client.get("/min-side/fakturaer/").content.decode()
    PaymentPlan.objects.update(state="broken", ended_on=TODAY + timedelta(days=7))
    told = "so the whole invoice is due. Please pay by 31 March 2026."
    assert told in client.get("/min-side/fakturaer/").content.decode()


def test_nobody_elses_invoice(alice: tuple[Client, Invoice]) -> None:
    client, _invoice = alice
    other = overdue("Bob", on=TODAY, days=20)
    assert client.get(page(other)).status_code == 404
    assert client.post(page(other), {"until": "2026-03-31"}).status_code == 404
    assert not Snooze.objects.exists()


def test_no_one_without_a_log_in(alice: tuple[Client, Invoice]) -> None:
    assert Client().post(page(alice[1]), {"until": "2026-03-31"}).status_code == 302
    assert not Snooze.objects.exists()
