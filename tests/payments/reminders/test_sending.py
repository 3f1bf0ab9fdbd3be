"""Reminders go to those whose turn it is, once, and never to who has paid, left or been given more time."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise, product
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Refused
from invoicing import credit_notes, ways
from invoicing.models import Invoice
from membership import leaving
from membership.models import Member
from messaging import suppression
from messaging.models import Message
from payments import intake
from payments.ledger_check import check
from payments.models import PaymentPlan, Reminder, ReminderRun, Snooze
from payments.reminders import due, runs, sending
from tests.makers import NOW, TODAY, at_noon, invoice_of, kroner, make_household, make_user
from tests.payments.reminders.helpers import Step, client_with, know_the_bank, mails, overdue, reminded

pytestmark = pytest.mark.django_db


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def remind(on: date = TODAY) -> dict[str, int]:
    know_the_bank(on)
    return runs.send_due(on=on, at=at_noon(on)).counts


def pay(invoice: Invoice, amount: str, on: date = TODAY) -> None:
    intake.record(amount=kroner(amount), received_on=on, source="ocr", source_reference=f"{invoice.pk} {on} {amount}",
                  at=at_noon(on), by=None, kid=invoice.kid)  # fmt: skip


def test_each_step_in_its_time_and_once() -> None:
    overdue("Alice", on=TODAY, days=14)
    overdue("Bob", on=TODAY, days=13)
    assert [remind(), remind()] == [{"reminders": 1}, {}]
    assert remind(days(1)) == {"reminders": 1}
    assert [remind(days(n)) for n in (13, 14, 14, 15, 40)] == [{}, {"reminders": 1}, {}, {"reminders": 1}, {}]
    assert reminded() == [
        ("Alice", 1, TODAY), ("Bob", 1, days(1)), ("Alice", 2, days(14)), ("Bob", 2, days(15)),
    ]  # fmt: skip
    assert [mail.unique_key for mail in mails()] == ["reminder:1:1", "reminder:2:1", "reminder:1:2", "reminder:2:2"]


def test_a_late_first_reminder_is_followed_at_the_schedules_distance() -> None:
    overdue("Alice", on=TODAY, days=60)
    assert [remind(days(n)) for n in (0, 1, 13, 14)] == [{"reminders": 1}, {}, {}, {"reminders": 1}]


def test_who_is_left_out_and_why() -> None:
    """Everybody's turn, and everybody with another reason; Alice alone gets one."""
    rows = {name: overdue(name, on=TODAY, days=20) for name in (
        "Alice", "Erased", "Dead", "Left", "Asked", "Plan", "Snoozed", "Mute", "Nomail", "Blocked",
    )}  # fmt: skip
    Invoice.objects.filter(pk=rows["Erased"].pk).update(member=None)
    Member.objects.filter(pk=rows["Dead"].member_id).update(died_on=TODAY)
    rows["Left"].lines.get().period.member.periods.update(ended_on=TODAY, end_reason="resigned")
    parts = {"amount": 400, "proposed_on": TODAY}
    PaymentPlan.objects.create(invoice=rows["Asked"], state="proposed", **parts)
    PaymentPlan.objects.create(invoice=rows["Plan"], state="agreed", **parts)
    PaymentPlan.objects.create(invoice=rows["Alice"], state="broken", **parts)
    Snooze.objects.create(invoice=rows["Snoozed"], until=TODAY, asked_on=TODAY)
    Snooze.objects.create(invoice=rows["Mute"], until=days(-1), asked_on=days(-9))
    Member.objects.filter(pk=rows["Mute"].member_id).update(email="", address_line_1="")
    Member.objects.filter(pk=rows["Nomail"].member_id).update(email="x@INGEN.vvnf.example", address_line_1="")
    suppression.suppress("blocked@example.no", reason="The address was refused three times.", at=NOW)

    answers = {row.buyer_name.split()[0]: row.why_not for row in due.due(on=TODAY)}  # type: ignore[attr-defined]
    assert answers == {
        "Alice": "", "Erased": "nobody", "Dead": "deceased", "Left": "left", "Asked": "proposed", "Plan": "plan",
        "Snoozed": "snoozed", "Mute": "no_address", "Nomail": "no_address", "Blocked": "blocked",
    }  # fmt: skip
    assert remind() == {"reminders": 1}
    assert reminded() == [("Alice", 1, TODAY)]
    assert due.answer(invoice=rows["Plan"], on=TODAY).sentence == "Has a payment plan."


def test_who_changed_since_the_preview_is_looked_at_again() -> None:
    """Six were on the list; one stays. Each of the others says why."""
    rows = {name: overdue(name, on=TODAY, days=20) for name in ("Alice", "Paid", "Credited", "Died", "Resigned", "Odd")}
    know_the_bank(TODAY)
    run = runs.start(on=TODAY, at=NOW, by=None, expected=6)
    pay(rows["Paid"], "400")
    credit_notes.credit(invoice=rows["Credited"], on=TODAY, at=NOW, by=None, reason="Moved")
    leaving.record_death(member=rows["Died"].member, died_on=TODAY, on=TODAY, at=NOW)
    leaving.resign(member=rows["Resigned"].member, on=TODAY, at=NOW)
    Member.objects.filter(pk=rows["Odd"].member_id).update(email="kåre@example.no")
    assert runs.carry_on(run_id=run.pk, at=NOW) is False
    run.refresh_from_db()
    assert (run.state, run.sent, run.position) == ("done", 1, 6)
    names = {invoice.pk: name for name, invoice in rows.items()}
    assert {names[row["invoice"]]: row["why"] for row in run.left_out} == {
        "Paid": "paid", "Credited": "paid", "Died": "paid", "Resigned": "paid", "Odd": "unusable",
    }  # fmt: skip
    assert [mail.recipient_ref for mail in mails()] == [f"member:{rows['Alice'].member_id}"]


def test_an_address_that_cannot_be_right_is_found_once_and_known_from_then_on() -> None:
    """The second time nothing is begun for it; corrected, the payer gets the reminder."""
    invoice = overdue("Odd", on=TODAY, days=20, email="Åse.KÅRE@example.no")
    assert [row.why_not for row in due.due(on=TODAY)] == [""]  # type: ignore[attr-defined]
    assert remind() == {}
    assert [row["why"] for row in ReminderRun.objects.get().left_out] == ["unusable"]
    assert [row.why_not for row in due.due(on=TODAY)] == ["unusable"]  # type: ignore[attr-defined]
    assert (remind(days(1)), ReminderRun.objects.count()) == ({}, 1)
    assert due.answer(invoice=invoice, on=TODAY).sentence == "The address cannot be right."
    Member.objects.update(email="kare@example.no")
    assert (remind(days(1)), [mail.address for mail in mails()]) == ({"reminders": 1}, ["kare@example.no"])


def test_a_run_is_agreed_to_by_its_number() -> None:
    overdue("Alice", on=TODAY, days=20)
    know_the_bank(TODAY)
    with pytest.raises(Refused, match="The number of reminders is 1 now"):
        runs.start(on=TODAY, at=NOW, by=None, expected=2)
    run = runs.start(on=TODAY, at=NOW, by=None, expected=1)
    with pytest.raises(Refused, match="being sent just now"):
        runs.start(on=TODAY, at=NOW, by=None)
    kari = make_user(username="kari")
    assert runs.stop(run=run, at=NOW, by=kari)
    assert not runs.stop(run=run, at=NOW, by=None), "it was stopped once"
    assert not runs.carry_on(run_id=run.pk, at=NOW)
    found = ReminderRun.objects.get()
    assert (reminded(), found.state, found.why_stopped, found.stopped_by) == ([], "stopped", "asked", kari)


def test_nobody_is_due() -> None:
    know_the_bank(TODAY)
    with pytest.raises(Refused, match="Nobody is due"):
        runs.start(on=TODAY, at=NOW, by=None)


def test_many_go_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "PORTION", 2)
    for name in ("Alice", "Bob", "Charlie", "Dora", "Eve"):
        overdue(name, on=TODAY, days=14)
    know_the_bank(TODAY)
    run = runs.start(on=TODAY, at=NOW, by=None)
    assert [runs.carry_on(run_id=run.pk, at=NOW) for _ in range(4)] == [True, True, False, False]
    assert Reminder.objects.count() == Message.objects.filter(kind="reminder").count() == 5


def test_a_sending_that_stood_still_over_night_is_not_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker came back two days later: Charlie would have been given two days less, on a bank nobody knows. What
    is left is asked for anew."""
    monkeypatch.setattr(runs, "PORTION", 2)
    for name in ("Alice", "Bob", "Charlie"):
        overdue(name, on=TODAY, days=14)
    know_the_bank(TODAY)
    run = runs.start(on=TODAY, at=NOW, by=None)
    assert runs.carry_on(run_id=run.pk, at=NOW)
    assert not runs.carry_on(run_id=run.pk, at=at_noon(days(2)))
    run.refresh_from_db()
    assert (run.state, run.sent, run.position, run.finished_at) == ("stopped", 2, 2, at_noon(days(2)))
    assert (run.why_stopped, run.stopped_by) == ("day_over", None)
    assert [name for name, _step, _on in reminded()] == ["Alice", "Bob"]
    with pytest.raises(Refused, match="because some may have paid already"):
        runs.start(on=days(9), at=at_noon(days(9)), by=None)
    assert remind(days(9)) == {"reminders": 1}
    assert Reminder.objects.get(invoice__buyer_name__startswith="Charlie").pay_by == days(22)


def test_a_fee_is_an_invoice_of_its_own(settings: Any) -> None:
    settings.CLIENT = client_with(Step(after_days=14, fee=True), Step(after_days=28, fee=True), Step(after_days=42))
    invoice = overdue("Alice", on=TODAY, days=14)
    Invoice.objects.update(language="en")
    for number in (0, 14, 28):
        remind(days(number))
    first, second = Invoice.objects.of_fees().order_by("number")
    rows = [(row.step, row.fee, row.fee_invoice) for row in Reminder.objects.order_by("step")]
    assert rows == [(1, 37, first), (2, 37, second), (3, 0, None)]
    assert (first.total, first.member, first.due_on, first.lines.get().text) == (
        37, invoice.member, days(13), "Reminder fee, invoice 1",
    )  # fmt: skip
    invoice.refresh_from_db()
    assert (invoice.total, invoice.open_amount) == (400, 400)
    one, two, three = Reminder.objects.order_by("step").values_list("pk", flat=True)
    assert [mail.attachments for mail in mails()] == [
        [f"reminder:{one}", f"duplicate:{invoice.pk}", f"invoice:{first.pk}"],
        [f"reminder:{two}", f"duplicate:{invoice.pk}", f"invoice:{second.pk}"],
        [f"reminder:{three}", f"duplicate:{invoice.pk}"],
    ]
    assert Message.objects.filter(kind="invoice").count() <= 1, "the fees go with the reminders"
    assert check().problems == []


def test_one_payment_pays_the_invoice_and_its_fees_before_what_else_is_owed(settings: Any) -> None:
    settings.CLIENT = client_with(Step(after_days=14, fee=True))
    older = overdue("Alice", on=TODAY, days=13)
    invoice = overdue("Bob", on=TODAY, days=14)
    Invoice.objects.filter(pk=older.pk).update(member=invoice.member, issued_on=days(-44), due_on=days(-30))
    Snooze.objects.create(invoice=older, until=days(9), asked_on=TODAY)
    remind()
    pay(invoice, "437")
    left = {row.number: row.open_amount for row in Invoice.objects.all()}
    assert left == {older.number: 400, invoice.number: 0, 3: 0}
    assert check().problems == []


def test_what_is_taken_back_costs_no_fee_either(settings: Any) -> None:
    settings.CLIENT = client_with(Step(after_days=14, fee=True))
    invoice = overdue("Alice", on=TODAY, days=14)
    remind()
    leaving.resign(member=invoice.member, on=TODAY, at=NOW)
    assert not Invoice.objects.open().exists()
    notes = Invoice.objects.filter(kind="credit_note").order_by("number")
    assert [(note.credits_id, note.total, note.reason) for note in notes] == [
        (invoice.pk, -400, "Utmeldt"),
        (Invoice.objects.of_fees().get().pk, -37, "Utmeldt"),
    ]
    assert check().problems == []


def test_who_paid_the_dues_but_not_the_fee_is_left_in_peace(settings: Any) -> None:
    """The fee stays owed; nobody is reminded of it, and the membership is paid."""
    settings.CLIENT = client_with(Step(after_days=14, fee=True))
    invoice = overdue("Alice", on=TODAY, days=14)
    remind()
    pay(invoice, "400")
    assert Invoice.objects.open().get().fee_for == invoice
    assert [remind(days(n)) for n in (20, 60, 200)] == [{}, {}, {}]
    assert invoice.lines.get().period.confirmed_on == TODAY


def test_a_household_is_reminded_once() -> None:
    family = make_household("Bob", "Berit", "Bo", paid=False, on=TODAY - timedelta(days=28))
    assert remind() == {"reminders": 1}
    assert [mail.recipient_ref for mail in mails()] == [invoice_of(family.main_member).member.recipient_ref]


def test_an_sms_has_the_kid_and_the_link(settings: Any) -> None:
    settings.CLIENT = client_with(Step(after_days=14, channel="sms"))
    overdue("Alice", on=TODAY, days=14, mobile="+4791234567")
    overdue("Bob", on=TODAY, days=14)
    assert remind() == {"reminders": 1}
    [sms] = mails()
    assert (sms.channel, sms.address, sms.subject, sms.attachments) == ("sms", "+4791234567", "", [])
    assert "KID" in sms.body_text and "/min-side/fakturaer/" in sms.body_text


@pytest.mark.parametrize("address", [
    dict(zip(("address_line_1", "address_line_2", "postcode", "place", "country"), values, strict=True))
    for values in product(("Fjordgata 1", ""), ("c/o Bob", ""), ("7010", ""), ("Trondheim", ""), ("NO", "SE"))
])  # fmt: skip
def test_a_letter_is_due_wherever_a_letter_would_arrive(settings: Any, address: dict[str, str]) -> None:
    """One answer for invoices and reminders: what can be printed can be reminded of by letter."""
    settings.CLIENT = client_with(Step(after_days=14, channel="letter"))
    overdue("Alice", on=TODAY, days=14)
    Member.objects.update(**address)
    [row] = due.due(on=TODAY)
    arrives = ways.has_postal_address(Member.objects.get())
    assert row.why_not == ("" if arrives else "no_address")  # type: ignore[attr-defined]
    assert Invoice.objects.filter(ways.no_postal_address()).exists() is not arrives


def test_a_blocked_number_gets_no_sms_and_a_blocked_mail_address_does_not_matter_to_it(settings: Any) -> None:
    """Each step asks about the address it goes to: Bob's number is blocked, Alice's e-mail address is."""
    settings.CLIENT = client_with(Step(after_days=14, channel="sms"), Step(after_days=28))
    overdue("Alice", on=TODAY, days=14, mobile="+4791234567")
    overdue("Bob", on=TODAY, days=14, mobile="+4799999999")
    for address in ("+4799999999", "alice@example.no"):
        suppression.suppress(address, reason="The address was refused three times.", at=NOW)
    assert {row.buyer_name: row.why_not for row in due.due(on=TODAY)} == {"Alice Ås": "", "Bob Ås": "blocked"}
    assert remind() == {"reminders": 1}
    assert (reminded(), [sms.state for sms in mails()]) == ([("Alice", 1, TODAY)], ["queued"])
    assert {row.buyer_name: row.why_not for row in due.due(on=days(14))} == {"Alice Ås": "blocked", "Bob Ås": "blocked"}


def test_somebody_who_was_called_gets_no_mail_of_the_same_step() -> None:
    invoice = overdue("Alice", on=TODAY, days=20, email="", address_line_1="")
    row = sending.record_by_hand(invoice=invoice, channel="spoken", on=TODAY, at=NOW, by=None)
    assert row is not None and (row.step, row.channel, row.is_by_hand, row.pay_by) == (1, "spoken", True, days(13))
    assert sending.record_by_hand(invoice=invoice, channel="spoken", on=TODAY, at=NOW, by=None) is None
    assert (remind(), remind(days(14))) == ({}, {})
    Member.objects.update(email="alice@example.no")
    assert remind(days(14)) == {"reminders": 1}


def test_the_number_of_questions_does_not_grow(django_assert_num_queries: Any) -> None:
    overdue("Alice", on=TODAY, days=20)
    with django_assert_num_queries(1):
        assert len(due.due(on=TODAY)) == 1
    for name in ("Bob", "Charlie"):
        overdue(name, on=TODAY, days=20)
    with django_assert_num_queries(1):
        assert len(due.due(on=TODAY)) == 3
    with django_assert_num_queries(1):
        assert [(row.number, row.count) for row in due.counts(on=TODAY)] == [(1, 3)]


@pytest.fixture
def three(db: Any) -> list[Invoice]:
    return [overdue(name, on=TODAY, days=n) for name, n in (("Alice", 2), ("Bob", 9), ("Charlie", 14))]


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # each example takes back what it wrote
@given(nights=st.lists(st.integers(0, 90), min_size=1, max_size=12))
def test_nights_in_any_order_send_each_step_once(three: list[Invoice], nights: list[int]) -> None:
    """Late, early, twice or backwards: no step comes twice or too soon, and none is passed over."""
    with transaction.atomic():
        for night in nights:
            sending.send(ids=[invoice.pk for invoice in three], on=days(night), at=at_noon(days(night)))
        for invoice in three:
            rows = list(invoice.reminders.order_by("step"))
            assert [row.step for row in rows] == list(range(1, len(rows) + 1))
            assert all(row.sent_on >= invoice.due_on + timedelta(days=14 * row.step) for row in rows)
            assert all(b.sent_on >= a.sent_on + timedelta(days=14) for a, b in pairwise(rows))
            latest = max(nights)
            assert bool(rows) == (days(latest) >= invoice.due_on + timedelta(days=14))
        assert Reminder.objects.count() == len(mails())
        transaction.set_rollback(True)


def test_amounts_are_decimals(settings: Any) -> None:
    settings.CLIENT = client_with(Step(after_days=14, fee=True))
    overdue("Alice", on=TODAY, days=14)
    remind()
    fee = Reminder.objects.get().fee
    assert (fee, type(fee), str(fee)) == (37, Decimal, "37.00")
