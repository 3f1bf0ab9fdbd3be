"""Paying in parts: proposed within limits, answered once, followed up, and never judged on what we do not know."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from invoicing.models import Invoice
from membership import leaving
from membership.models import Member
from messaging.models import Message
from payments import intake
from payments.models import PaymentPlan
from payments.reminders import due, mails, plans, runs
from tests.makers import NOW, TODAY, at_noon, kroner
from tests.payments.reminders.helpers import client_with, know_the_bank, overdue, reminded

pytestmark = pytest.mark.django_db


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def pay(invoice: Invoice, amount: str, on: date) -> None:
    intake.record(amount=kroner(amount), received_on=on, source="ocr", source_reference=f"{invoice.pk} {on}",
                  at=at_noon(on), by=None, kid=invoice.kid)  # fmt: skip


@pytest.fixture
def invoice() -> Invoice:
    return overdue("Alice", on=TODAY, days=20)


@pytest.fixture
def agreed(invoice: Invoice) -> PaymentPlan:
    """400 kroner: 134 after 14 days, then 133 and 133, a month apart."""
    plan = plans.propose(invoice=invoice, number=3, on=TODAY, by=None)
    return plans.agree(plan=plan, on=TODAY, at=NOW, by=None)


def state(plan: PaymentPlan) -> str:
    plan.refresh_from_db()
    return plan.state


def test_the_parts_are_whole_kroner_a_month_apart() -> None:
    made = plans.parts(amount=kroner("400.50"), number=3, first_on=date(2026, 1, 31))
    assert [(part.due_on, part.amount) for part in made] == [
        (date(2026, 1, 31), kroner("134.50")), (date(2026, 2, 28), kroner("133")), (date(2026, 3, 31), kroner("133")),
    ]  # fmt: skip


@given(amount=st.decimals(2, 100_000, places=2), number=st.integers(2, 12),
       first_on=st.dates(date(2020, 1, 1), date(2040, 1, 1)))  # fmt: skip
def test_parts_always_add_up(amount: Decimal, number: int, first_on: date) -> None:
    if amount < number:
        return
    made = plans.parts(amount=amount, number=number, first_on=first_on)
    assert sum(part.amount for part in made) == amount
    assert all(part.amount > 0 for part in made)
    ordered = [part.due_on for part in made]
    assert (ordered[0], len(ordered), ordered) == (first_on, number, sorted(set(ordered)))


def test_a_proposal_keeps_reminders_back_until_it_is_answered(invoice: Invoice) -> None:
    plan = plans.propose(invoice=invoice, number=2, on=TODAY, by=None)
    know_the_bank(TODAY)
    assert runs.send_due(on=TODAY, at=NOW).counts == {}
    plans.refuse(plan=plan, on=TODAY, at=NOW, by=None, reason="Vi trenger pengene.")
    assert runs.send_due(on=TODAY, at=NOW).counts == {"reminders": 1}
    [mail] = Message.objects.filter(kind="plan_refused")
    assert "Vi trenger pengene." in mail.body_text


@pytest.mark.parametrize("number", [0, 1, 4, 99])
def test_only_what_is_offered(invoice: Invoice, number: int) -> None:
    with pytest.raises(Refused):
        plans.propose(invoice=invoice, number=number, on=TODAY, by=None)
    assert not PaymentPlan.objects.exists()


def test_one_plan_an_invoice_and_none_where_the_client_has_none(invoice: Invoice, settings: object) -> None:
    plan = plans.propose(invoice=invoice, number=2, on=TODAY, by=None)
    plans.refuse(plan=plan, on=TODAY, at=NOW, by=None, reason="Nei")
    assert plans.offers(invoice=invoice, on=TODAY) == []
    settings.CLIENT = client_with(instalments=0)  # type: ignore[attr-defined]
    assert plans.offers(invoice=overdue("Bob", on=TODAY, days=3), on=TODAY) == []


def test_it_is_answered_once(agreed: PaymentPlan) -> None:
    with pytest.raises(Refused, match="answered already"):
        plans.refuse(plan=agreed, on=TODAY, at=NOW, by=None, reason="Too late")
    with pytest.raises(Refused, match="answered already"):
        plans.agree(plan=agreed, on=TODAY, at=NOW, by=None)
    assert [mail.kind for mail in Message.objects.filter(kind__startswith="plan_")] == ["plan_agreed"]


def test_a_late_answer_moves_every_part(invoice: Invoice) -> None:
    plan = plans.propose(invoice=invoice, number=2, on=TODAY, by=None)
    plans.agree(plan=plan, on=days(20), at=NOW, by=None)
    assert list(plan.instalments.values_list("due_on", flat=True)) == [days(20), days(51)]


def test_what_is_paid_meanwhile_needs_no_answer(invoice: Invoice) -> None:
    plan = plans.propose(invoice=invoice, number=2, on=TODAY, by=None)
    pay(invoice, "400", days(1))
    with pytest.raises(Refused, match="Nothing is left to pay"):
        plans.agree(plan=plan, on=days(2), at=NOW, by=None)
    with pytest.raises(Refused, match="Nothing is left to pay"):
        plans.refuse(plan=plan, on=days(2), at=NOW, by=None, reason="No")
    assert (state(plan), Message.objects.filter(kind__startswith="plan_").exists()) == ("proposed", False)
    assert plans.follow(on=days(2), at=at_noon(days(2))).counts == {"plans kept": 1}


@pytest.mark.parametrize(("paid", "parts"), [
    ("100", [(14, 100), (45, 100), (75, 100)]),
    ("398", [(14, 1), (45, 1)]),
    ("399.50", [(14, Decimal("0.50"))]),
])  # fmt: skip
def test_what_is_left_is_split_when_the_answer_comes(
    invoice: Invoice, paid: str, parts: list[tuple[int, Decimal]]
) -> None:
    """400 kroner in three parts; some of it comes before the treasurer's yes. The mail says what is left."""
    plan = plans.propose(invoice=invoice, number=3, on=TODAY, by=None)
    pay(invoice, paid, days(1))
    plan = plans.agree(plan=plan, on=days(2), at=NOW, by=None)
    assert list(plan.instalments.values_list("due_on", "amount")) == [(days(day), amount) for day, amount in parts]
    assert (plan.amount, plans.paid(plan)) == (kroner("400") - kroner(paid), 0)
    [mail] = Message.objects.filter(kind="plan_agreed")
    assert mail.body_text.count("\n- ") == len(parts)
    know_the_bank(days(14))
    assert plans.follow(on=days(14), at=at_noon(days(14))).counts == {}, "what came before the yes is no part of it"


@pytest.mark.parametrize("answer", ["agreed", "refused", "broken"])
def test_who_has_no_e_mail_is_told_by_sms_where_the_client_pays_for_it(
    invoice: Invoice, settings: Any, answer: str
) -> None:
    client = settings.CLIENT
    settings.CLIENT = replace(client, invoicing=replace(client.invoicing, sms=True))
    Member.objects.update(email="", mobile="+4791234567")
    plan = plans.propose(invoice=invoice, number=2, on=TODAY, by=None)
    if answer == "refused":
        plans.refuse(plan=plan, on=TODAY, at=NOW, by=None, reason="Nei.")
    else:
        plans.agree(plan=plan, on=TODAY, at=NOW, by=None)
    if answer == "broken":
        know_the_bank(days(15))
        plans.follow(on=days(15), at=at_noon(days(15)))
    message = Message.objects.filter(kind__startswith="plan_").latest("pk")
    assert (message.kind, message.channel, message.state) == (f"plan_{answer}", "sms", "queued")
    assert message.address == "+4791234567" and "/min-side/fakturaer/" in message.body_text
    plan.refresh_from_db()
    assert mails.about(plan) == message


@pytest.mark.parametrize(("data", "becomes"), [({"email": ""}, "suppressed"), ({}, "bounced"), ({}, "failed")])
def test_an_answer_that_did_not_arrive_waits_until_somebody_has_told_them(
    invoice: Invoice, data: dict[str, str], becomes: str
) -> None:
    other = plans.propose(invoice=overdue("Bob", on=TODAY, days=20), number=2, on=TODAY, by=None)
    plans.agree(plan=other, on=TODAY, at=NOW, by=None)
    Member.objects.filter(pk=invoice.member_id).update(mobile="+4791234567", **data)
    plan = plans.propose(invoice=invoice, number=2, on=TODAY, by=None)
    plans.agree(plan=plan, on=TODAY, at=NOW, by=None)
    message = mails.about(PaymentPlan.objects.get(pk=plan.pk))
    assert message is not None and message.channel == "email", "this client does not pay for SMS"
    if not data:
        assert list(plans.unheard()) == []
        Message.objects.filter(pk=message.pk).update(state=becomes)
    assert list(plans.unheard()) == [plan]
    plans.seen(plan=other, on=TODAY, by=None)
    plans.seen(plan=plan, on=TODAY, by=None)
    assert list(plans.unheard()) == []
    assert list(PaymentPlan.objects.filter(seen_on=TODAY)) == [plan], "Bob has heard: nothing was to be seen"
    know_the_bank(days(15))
    plans.follow(on=days(15), at=at_noon(days(15)))
    assert set(PaymentPlan.objects.to_look_at()) == {plan, other}, "that it was broken is news again"


def test_a_plan_that_is_kept(agreed: PaymentPlan, invoice: Invoice) -> None:
    for number, amount in ((13, "134"), (44, "133"), (70, "133")):
        pay(invoice, amount, days(number))
        know_the_bank(days(number + 3))
        assert runs.send_due(on=days(number + 3), at=NOW).counts == {}
    assert plans.follow(on=days(74), at=at_noon(days(74))).counts == {"plans kept": 1}
    assert plans.follow(on=days(75), at=at_noon(days(75))).counts == {}
    assert reminded() == []


def test_a_broken_plan_falls_back_to_the_schedule(agreed: PaymentPlan, invoice: Invoice) -> None:
    pay(invoice, "133.99", days(10))
    know_the_bank(days(14))
    assert plans.follow(on=days(14), at=at_noon(days(14))).counts == {}, "the first part's own day is not over"
    assert plans.follow(on=days(15), at=at_noon(days(15))).counts == {"plans broken": 1}
    assert (state(agreed), plans.follow(on=days(16), at=at_noon(days(16))).counts) == ("broken", {})
    assert list(PaymentPlan.objects.to_look_at()) == [agreed]
    assert runs.send_due(on=days(15), at=NOW).counts == {"reminders": 1}
    plans.seen(plan=agreed, on=days(15), by=None)
    assert not PaymentPlan.objects.to_look_at().exists()


@pytest.mark.parametrize("known", [None, 13])
def test_nobody_has_broken_anything_on_days_we_do_not_know(agreed: PaymentPlan, known: int | None) -> None:
    if known is not None:
        know_the_bank(days(known))
    assert plans.follow(on=days(60), at=at_noon(days(60))).counts == {}
    assert state(agreed) == "agreed"


def test_a_plan_ends_when_nothing_is_owed_any_more(agreed: PaymentPlan, invoice: Invoice) -> None:
    leaving.resign(member=invoice.member, on=TODAY, at=NOW)
    assert (plans.follow(on=days(1), at=at_noon(days(1))).counts, state(agreed)) == ({"plans ended": 1}, "ended")


def test_the_answer_of_an_invoice_says_which_plan(invoice: Invoice) -> None:
    plan = plans.propose(invoice=invoice, number=2, on=TODAY, by=None)
    assert due.answer(invoice=invoice, on=TODAY).why_not == "proposed"
    plans.agree(plan=plan, on=TODAY, at=NOW, by=None)
    assert due.answer(invoice=invoice, on=TODAY).why_not == "plan"
