"""The treasurer at the reminders: looks at who gets one and why not, says how far the bank is known, sends, answers."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from core.models import User
from invoicing.models import Invoice
from membership import roles
from membership.models import Member
from messaging.models import Message
from payments.from_bank import freshness
from payments.models import BankLook, PaymentPlan, Reminder, ReminderRun, Snooze
from payments.reminders import plans, runs, sending
from tests.makers import NOW, TODAY, at_noon, everybody_was_reminded, make_user, set_up_client
from tests.payments.reminders.helpers import Step, client_with, know_the_bank, overdue, reminded

pytestmark = pytest.mark.django_db
PAGE = "/admin/treasury/reminders/"


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def kari(db: Any) -> User:
    set_up_client()
    return make_user(roles.TREASURERS, username="kari")


@pytest.fixture
def office(kari: User) -> Any:
    client = Client(headers={"accept-language": "en"})
    client.force_login(kari)
    with translation.override("en"):
        yield client


def listed(client: Client, **filters: str) -> list[tuple[str, int, str]]:
    rows = client.get(PAGE, filters).context["object_list"]
    return [(row.buyer_name.split()[0], row.next_step, row.why_not) for row in rows]


def test_who_gets_one_and_who_does_not(office: Client) -> None:
    overdue("Alice", on=TODAY, days=30)
    overdue("Bob", on=TODAY, days=20)
    Snooze.objects.create(invoice=overdue("Charlie", on=TODAY, days=25), until=TODAY, asked_on=TODAY)
    overdue("Dora", on=TODAY, days=13)
    assert listed(office) == [("Alice", 1, ""), ("Charlie", 1, "snoozed"), ("Bob", 1, "")]
    assert listed(office, answer="sent") == [("Alice", 1, ""), ("Bob", 1, "")]
    assert listed(office, answer="left_out") == [("Charlie", 1, "snoozed")]
    assert listed(office, answer="snoozed") == [("Charlie", 1, "snoozed")]
    assert listed(office, step="2") == []
    assert listed(office, q="Bob") == [("Bob", 1, "")]
    page = office.get(PAGE).content.decode()
    assert "Has been given more time." in page and "We know nothing of the bank yet." in page
    assert "Send 2 reminders" not in page, "the gate is closed"


def test_she_looks_through_the_bank_and_sends(office: Client, kari: User) -> None:
    overdue("Alice", on=TODAY, days=30)
    assert "I have looked through" in office.get(reverse("reminders_bank")).content.decode()
    wrong = office.post(reverse("reminders_bank"), {"until": (TODAY + timedelta(days=1)).isoformat()})
    assert (wrong.status_code, freshness.last_bank_day()) == (422, None)
    assert office.post(reverse("reminders_bank"), {"until": TODAY.isoformat()}).status_code == 302
    assert "Send 1 reminder" in office.get(PAGE).content.decode()
    for typed in ("", "2", "one"):
        office.post(reverse("reminders_send"), {"count": typed})
    assert reminded() == []
    sent = office.post(reverse("reminders_send"), {"count": "1"}, follow=True)
    assert reminded() == [("Alice", 1, TODAY)]
    run = ReminderRun.objects.get()
    assert (run.state, run.sent, run.asked_by) == ("done", 1, kari)
    assert sent.redirect_chain == [(reverse("reminders_sending", args=[run.pk]), 302)]
    again = office.post(reverse("reminders_send"), {"count": "1"}, follow=True)
    assert "Nobody is due for a reminder." in again.content.decode()


def test_a_sending_can_be_stopped(office: Client) -> None:
    run = ReminderRun.objects.create(on=TODAY, invoices=[1, 2], total=2, asked_at=NOW, moved_at=NOW)
    page = reverse("reminders_sending", args=[run.pk])
    assert "0 of 2." in office.get(page).content.decode()
    office.post(page)
    run.refresh_from_db()
    assert run.state == "stopped" and run.stopped_by is not None
    said = office.get(page).text
    assert f"<dt>Stopped by</dt><dd>{run.stopped_by.get_full_name()}, " in said and "too little time" not in said


def test_a_sending_that_stopped_by_itself_says_why(office: Client) -> None:
    run = ReminderRun.objects.create(on=TODAY - timedelta(days=1), invoices=[1], total=1, asked_at=NOW, moved_at=NOW)
    assert not runs.carry_on(run_id=run.pk, at=NOW)
    said = office.get(reverse("reminders_sending", args=[run.pk])).text
    assert "<dt>Stopped by</dt><dd>itself, " in said
    assert "It stopped by itself, because its day was over: those who were left would have had too little time" in said


def test_the_page_of_an_invoice_says_what_comes_next(office: Client) -> None:
    invoice = overdue("Alice", on=TODAY, days=20, email="", address_line_1="")
    page = reverse("invoices:inspect", args=[invoice.pk])
    shown = office.get(page).content.decode()
    assert (
        "It is time for reminder 1. <strong>It is not sent:</strong>" in shown
        and "Has no address for this channel." in shown
    )
    office.post(reverse("reminders_by_hand", args=[invoice.pk]), {"channel": "spoken"})
    assert Reminder.objects.get().get_channel_display() == "by phone or in person"
    assert "Reminder 2 is due 24" in office.get(page).content.decode()
    refused = office.post(reverse("reminders_by_hand", args=[invoice.pk]), {"channel": "spoken"})
    assert "No reminder is due for this invoice now." in refused.content.decode()
    office.post(reverse("reminders_more_time", args=[invoice.pk]), {"until": "2026-05-01"})
    assert "More time until" in office.get(page).content.decode()


def test_a_plan_is_answered_from_the_inbox(office: Client) -> None:
    rows = [plans.propose(invoice=overdue(name, on=TODAY, days=20), number=2, on=TODAY, by=None)
            for name in ("Alice", "Bob")]  # fmt: skip
    page = reverse("payment_plan", args=[rows[0].pk])
    assert page in office.get(reverse("treasury_inbox")).content.decode()
    assert "Agree" in office.get(page).content.decode()
    office.post(reverse("payment_plan_agree", args=[rows[0].pk]))
    assert office.post(reverse("payment_plan_refuse", args=[rows[1].pk]), {"reason": ""}).status_code == 422
    office.post(reverse("payment_plan_refuse", args=[rows[1].pk]), {"reason": "We need it."})
    assert list(PaymentPlan.objects.order_by("pk").values_list("state", flat=True)) == ["agreed", "refused"]
    twice = office.post(reverse("payment_plan_agree", args=[rows[1].pk]), follow=True)
    assert "answered already" in twice.content.decode()


def test_the_answer_says_what_became_of_the_message(office: Client) -> None:
    """Alice is told by e-mail; Bob has no address, and stays in the inbox until somebody has called."""
    alice, bob = (plans.propose(invoice=overdue(name, on=TODAY, days=20), number=2, on=TODAY, by=None)
                  for name in ("Alice", "Bob"))  # fmt: skip
    Member.objects.filter(pk=bob.invoice.member_id).update(email="")
    said = office.post(reverse("payment_plan_agree", args=[alice.pk]), follow=True).content.decode()
    assert "The plan is agreed. The member is told by e-mail." in said
    said = office.post(reverse("payment_plan_refuse", args=[bob.pk]), {"reason": "No"}, follow=True).content.decode()
    assert "The plan is refused. The member is not told: There is no address to send to. Call or write to them." in said
    assert "told by e-mail" not in said and "I have told them" in said
    [(part, [row], _more)] = [found for found in office.get(reverse("treasury_inbox")).context["parts"]
                              if found[0].order == 320]  # fmt: skip
    assert (str(part.title), row.text, row.url) == (
        "Answers about payment plans that did not arrive", "Bob Ås, Invoice 2, kr\u00a0400",
        reverse("payment_plan", args=[bob.pk]),
    )  # fmt: skip
    shown = office.post(reverse("payment_plan_seen", args=[bob.pk]), follow=True).content.decode()
    assert "Answers about payment plans" not in shown
    assert "I have told them" not in office.get(reverse("payment_plan", args=[bob.pk])).content.decode()


def test_a_broken_plan_leaves_the_inbox_when_it_is_seen(office: Client) -> None:
    plan = PaymentPlan.objects.create(invoice=overdue("Alice", on=TODAY, days=20), amount=400, state="broken",
                                      proposed_on=TODAY)  # fmt: skip
    assert "Broken payment plans" in office.get(reverse("treasury_inbox")).content.decode()
    shown = office.post(reverse("payment_plan_seen", args=[plan.pk]), follow=True)
    assert "Broken payment plans" not in shown.content.decode()


def test_the_inbox_tells_what_the_follow_up_needs(office: Client) -> None:
    overdue("Alice", on=TODAY, days=20)
    dead = overdue("Bob", on=TODAY, days=20)
    Member.objects.filter(pk=dead.member_id).update(died_on=TODAY)
    ReminderRun.objects.create(on=TODAY, invoices=[1], total=1, asked_at=NOW, moved_at=NOW, rings=3)
    response = office.get(reverse("treasury_inbox"))
    assert [(str(part.title), part.count) for part, _rows, _more in response.context["parts"]] == [
        ("Sending of reminders stands still", 1), ("Reminders to send", 1), ("Cannot be reminded", 1),
    ]  # fmt: skip


def test_an_address_that_cannot_be_right_is_in_the_inbox_and_in_the_list(office: Client) -> None:
    overdue("Alice", on=TODAY, days=30)
    overdue("Odd", on=TODAY, days=20, email="kåre@example.no")
    know_the_bank(TODAY)
    runs.send_due(on=TODAY, at=NOW)
    assert (listed(office, answer="unusable"), listed(office, answer="blocked")) == ([("Odd", 1, "unusable")], [])
    [(part, [row], _more)] = [found for found in office.get(reverse("treasury_inbox")).context["parts"]
                              if found[0].order == 410]  # fmt: skip
    assert (part.count, row.text, row.detail) == (1, "Odd Ås, Invoice 2, kr\u00a0400", "The address cannot be right.")


def test_a_reminder_that_bounced_ends_in_a_call(office: Client) -> None:
    """From the inbox to the invoice, which says what became of it; the call takes it out of the inbox."""
    invoice = overdue("Alice", on=TODAY, days=20)
    know_the_bank(TODAY)
    runs.send_due(on=TODAY, at=NOW)
    page, inbox = reverse("invoices:inspect", args=[invoice.pk]), reverse("treasury_inbox")
    assert "Reminders that did not arrive" not in office.get(inbox).content.decode()
    Message.objects.filter(kind="reminder").update(state="bounced", reason="The address was refused.")
    [(part, [row], _more)] = [found for found in office.get(inbox).context["parts"] if found[0].order == 420]
    assert (str(part.title), part.count, row.text, row.detail, row.url) == (
        "Reminders that did not arrive", 1, "Alice Ås, Invoice 1, kr\u00a0400",
        "Bounced. The address was refused.", page,
    )  # fmt: skip
    assert "E-mail, bounced. The address was refused." in office.get(page).content.decode()
    office.post(reverse("reminders_by_hand", args=[invoice.pk]), {"channel": "spoken"})
    shown = office.get(page).content.decode()
    assert "by phone or in person, by hand" in shown and "E-mail, bounced" in shown
    assert reverse("reminders_by_hand", args=[invoice.pk]) not in shown
    assert "Reminders that did not arrive" not in office.get(inbox).content.decode()


def test_without_a_schedule_the_page_says_so(office: Client, settings: Any) -> None:
    settings.CLIENT = client_with()
    overdue("Alice", on=TODAY, days=20)
    assert "the association has no schedule" in office.get(PAGE).content.decode()


def test_the_fee_is_shown_before_it_is_sent(office: Client, settings: Any) -> None:
    settings.CLIENT = client_with(Step(after_days=14, fee=True))
    overdue("Alice", on=TODAY, days=20)
    assert "fee kr\u00a037" in office.get(PAGE).content.decode()


def test_the_list_shows_the_fee_that_would_be_charged(office: Client, settings: Any) -> None:
    """Two fees are lawful: Alice has had them, and her third reminder costs nothing; Bob's first costs what it may."""
    settings.CLIENT = client_with(*(Step(after_days=days, fee=True) for days in (14, 28, 42)))
    alice = overdue("Alice", on=TODAY, days=60)
    for number in (28, 14, 0):
        on = TODAY - timedelta(days=number)
        page = office.get(PAGE).content.decode() if not number else ""
        sending.send(ids=[alice.pk], on=on, at=at_noon(on))
    assert "Alice" in page and "fee kr" not in page
    assert list(Reminder.objects.order_by("step").values_list("fee", flat=True)) == [37, 37, 0]
    overdue("Bob", on=TODAY, days=20)
    page = office.get(PAGE).content.decode()
    assert page.count("fee kr\u00a037") == 2, "above the list, and on Bob's line"


def test_the_treasurer_reads_that_a_membership_should_end_and_waits(office: Client) -> None:
    """Sixty days late, and the last reminder's time is over: nothing but the bank, which nobody knows, keeps her."""
    overdue("Alice", on=TODAY, days=60)
    everybody_was_reminded()
    BankLook.objects.all().delete()
    sentence = "1 membership that is not paid does not end yet, because it may be paid already."
    inbox = "Memberships that should end, and wait"
    assert sentence in office.get(PAGE).text
    assert inbox in office.get("/admin/treasury/inbox/").text
    know_the_bank(TODAY)
    assert sentence not in office.get(PAGE).text
    assert inbox not in office.get("/admin/treasury/inbox/").text


def test_one_and_three_rows_cost_the_same(office: Client, django_assert_num_queries: Any) -> None:
    know_the_bank(TODAY)
    overdue("Alice", on=TODAY, days=20)
    office.get(PAGE)
    with django_assert_num_queries(20):
        office.get(PAGE)
    for name in ("Bob", "Charlie"):
        overdue(name, on=TODAY, days=20)
    with django_assert_num_queries(20):
        office.get(PAGE)


@pytest.mark.parametrize("role", [roles.AUDITORS, roles.MEMBER_ADMINS, roles.EDITORS])
def test_others_may_not_send_or_answer(role: str) -> None:
    set_up_client()
    invoice = overdue("Alice", on=TODAY, days=20)
    plan = plans.propose(invoice=overdue("Bob", on=TODAY, days=20), number=2, on=TODAY, by=None)
    know_the_bank(TODAY)
    client = Client()
    client.force_login(make_user(role))
    for name, args, data in (
        ("reminders_send", [], {"count": "1"}), ("reminders_bank", [], {"until": TODAY.isoformat()}),
        ("reminders_by_hand", [invoice.pk], {"channel": "spoken"}),
        ("reminders_more_time", [invoice.pk], {"until": "2026-05-01"}), ("payment_plan_agree", [plan.pk], {}),
        ("payment_plan_refuse", [plan.pk], {"reason": "No"}),
    ):  # fmt: skip
        assert client.post(reverse(name, args=args), data).status_code == 302, name
    plan.refresh_from_db()
    assert (plan.state, Reminder.objects.count(), Snooze.objects.count(), Invoice.objects.of_fees().count()) == (
        "proposed", 0, 0, 0,
    )  # fmt: skip
