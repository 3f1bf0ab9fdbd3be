"""Nobody loses a membership who was not reminded as the schedule says, and nobody who paid in time."""

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone, translation

from invoicing.models import Invoice
from membership import leaving, renewal
from membership.models import Member, Period
from messaging.models import Message, State
from payments import intake
from payments.ledger_check import check
from payments.models import BankFile, BankLine, BankLook, Reminder, ReminderRun
from payments.reminders import arrival, plans, runs, sending, snoozes, striking
from tests.makers import NOW, TODAY, at_noon, kroner
from tests.payments.reminders.helpers import Step, client_with, know_the_bank, overdue, reminded

pytestmark = pytest.mark.django_db


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def night(number: int, *, bank: bool = True, become: str = State.SENT) -> dict[str, int]:
    """The treasurer looks through the bank and sends, the worker too; the night follows plans and strikes."""
    on = days(number)
    if bank:
        know_the_bank(on)
    plans.follow(on=on, at=at_noon(on))
    if bank:
        runs.send_due(on=on, at=at_noon(on))
    leave(become, on)
    return renewal.lapse_unpaid(on=on, at=at_noon(on)).counts


def leave(state: str, on: date) -> None:
    """What the worker did with the reminders that waited."""
    left = at_noon(on) if state == State.SENT else None
    Message.objects.filter(kind="reminder", state=State.QUEUED).update(state=state, sent_at=left)


def to_look_at(on: date) -> list[tuple[str, int]]:
    return [(row.invoice.buyer_name.split()[0], row.step) for row in arrival.to_look_at(on=on)]


def endings() -> list[tuple[str, str]]:
    rows = Period.objects.exclude(end_reason="").order_by("member__first_names")
    return [(row.member.first_names, row.end_reason) for row in rows]


@pytest.fixture
def alice() -> Invoice:
    """Fourteen days late today: her first reminder is due."""
    return overdue("Alice", on=TODAY, days=14)


def test_reminded_twice_then_struck(alice: Invoice) -> None:
    """Reminders on day 0 and 14; the last gives until day 28; on day 29 she is struck, and owes nothing."""
    assert [night(n) for n in (0, 14, 27, 28)] == [{}, {}, {}, {}]
    assert reminded() == [("Alice", 1, days(0)), ("Alice", 2, days(14))]
    assert (night(29), night(29), night(60)) == ({"struck": 1}, {}, {})
    assert (endings(), Invoice.objects.open().exists()) == ([("Alice", "lapsed")], False)
    assert Reminder.objects.count() == 2
    assert check().problems == []


def test_who_was_never_reminded_is_not_struck_until_the_law_wants_them_erased(alice: Invoice) -> None:
    assert [night(n, bank=False) for n in (29, 100, 165)] == [{}, {}, {}]
    assert night(166, bank=False) == {"struck": 1}


@pytest.mark.parametrize(("state", "is_listed"), [
    ("bounced", True), ("failed", True), ("suppressed", True), ("cancelled", True), ("queued", True),
    ("sending", True), ("unknown", False),
])  # fmt: skip
def test_who_was_never_reached_is_not_struck(alice: Invoice, state: str, is_listed: bool) -> None:
    """Both reminders were sent, and none arrived: what nobody knows about waits among the messages."""
    assert [night(n, become=state) for n in (0, 14, 29, 60)] == [{}, {}, {}, {}]
    assert (len(reminded()), endings()) == (2, [])
    assert to_look_at(days(60)) == ([("Alice", 2)] if is_listed else [])
    assert night(166, become=state) == {"struck": 1}, "the law wants them erased in time"


def test_one_who_was_reached_and_one_who_was_not(alice: Invoice) -> None:
    """Only the last reminder counts: Bob's first bounced, Alice's last did."""
    bob = overdue("Bob", on=TODAY, days=14)
    for number in (0, 14):
        on = days(number)
        know_the_bank(on)
        runs.send_due(on=on, at=at_noon(on))
        lost = alice if number else bob
        Message.objects.filter(unique_key=f"reminder:{lost.number}:{1 + number // 14}").update(state="bounced")
        assert to_look_at(on) == [("Alice" if number else "Bob", 1 + number // 14)]
        leave("sent", on)
    assert (night(28), night(29), endings()) == ({}, {"struck": 1}, [("Bob", "lapsed")])
    assert to_look_at(days(29)) == [("Alice", 2)]


@pytest.mark.parametrize("state", ["delivered", "complained"])
def test_what_arrived_counts(alice: Invoice, state: str) -> None:
    night(0)
    night(14)
    Message.objects.filter(kind="reminder").update(state=state)
    assert (to_look_at(days(28)), night(28), night(29)) == ([], {}, {"struck": 1})


def test_who_was_called_because_the_mail_bounced_is_struck_after_the_time_the_call_gave(alice: Invoice) -> None:
    night(0)
    night(14, become="bounced")
    told = sending.record_by_hand(invoice=alice, channel="spoken", on=days(20), at=at_noon(days(20)), by=None)
    assert told is not None and (told.step, told.is_by_hand, told.fee, told.pay_by) == (2, True, 0, days(34))
    assert sending.record_by_hand(invoice=alice, channel="spoken", on=days(21), at=at_noon(days(21)), by=None) is None
    assert (to_look_at(days(21)), len(reminded())) == ([], 3)
    assert (night(34), night(35)) == ({}, {"struck": 1})


def test_the_reminder_after_a_call_keeps_its_distance_to_the_call(alice: Invoice) -> None:
    night(0, become="failed")
    sending.record_by_hand(invoice=alice, channel="spoken", on=days(5), at=at_noon(days(5)), by=None)
    assert [night(n) for n in (14, 18, 19)] == [{}, {}, {}]
    assert reminded() == [("Alice", 1, days(0)), ("Alice", 1, days(5)), ("Alice", 2, days(19))]


def test_a_mail_that_left_late_gives_the_time_from_then_on(alice: Invoice) -> None:
    """The mail server stood still for ten days; the day that is printed in the reminder is past when it comes."""
    night(0)
    night(14, become="queued")
    assert (to_look_at(days(15)), to_look_at(days(16))) == ([], [("Alice", 2)])
    leave("sent", days(24))
    assert to_look_at(days(24)) == []
    assert [night(n) for n in (29, 38)] == [{}, {}]
    assert night(39) == {"struck": 1}


def test_the_dead_and_those_who_paid_are_not_looked_at(alice: Invoice) -> None:
    bob = overdue("Bob", on=TODAY, days=14)
    night(0, become="bounced")
    assert to_look_at(days(1)) == [("Alice", 1), ("Bob", 1)]
    assert alice.member is not None
    Member.objects.filter(pk=alice.member.pk).update(died_on=days(1))
    intake.record(amount=kroner("400"), received_on=days(1), source="ocr", source_reference="1", at=at_noon(days(1)),
                  by=None, kid=bob.kid)  # fmt: skip
    assert to_look_at(days(2)) == []


def test_who_pays_after_the_first_reminder_hears_no_more(alice: Invoice) -> None:
    night(0)
    intake.record(amount=kroner("400"), received_on=days(10), source="ocr", source_reference="1", at=at_noon(days(10)),
                  by=None, kid=alice.kid)  # fmt: skip
    assert [night(n) for n in (14, 28, 60)] == [{}, {}, {}]
    assert (reminded(), endings()) == ([("Alice", 1, days(0))], [])


def test_nobody_is_struck_on_a_bank_that_is_not_known_until_the_last_day(alice: Invoice) -> None:
    night(0)
    night(14)
    know_the_bank(days(27))
    assert night(30, bank=False) == {}
    know_the_bank(days(28))
    assert night(31, bank=False) == {"struck": 1}


def test_more_time_is_time(alice: Invoice) -> None:
    night(0)
    night(14)
    snoozes.ask(invoice=alice, until=days(44), on=days(20), by=None)
    assert [night(n) for n in (29, 44)] == [{}, {}]
    assert night(45) == {"struck": 1}


def test_a_plan_keeps_the_membership_and_a_broken_one_does_not(alice: Invoice) -> None:
    night(0)
    plan = plans.propose(invoice=alice, number=2, on=days(1), by=None)
    plans.agree(plan=plan, on=days(1), at=NOW, by=None)
    assert [night(n) for n in (14, 15)] == [{}, {}]
    night(16)  # the first part was due on day 15: broken, and the second reminder goes out
    assert reminded() == [("Alice", 1, days(0)), ("Alice", 2, days(16))]
    assert (night(30), night(31)) == ({}, {"struck": 1})


@pytest.mark.parametrize(("refused", "struck"), [(20, 35), (36, 51)])
def test_who_was_refused_a_plan_has_time_to_pay_after_the_answer(alice: Invoice, refused: int, struck: int) -> None:
    """Proposed on day 19, within the time that the last reminder gave; the answer came when it was nearly over, or
    over. The mail and My page say until when, and until then, and a day the bank is not known of, nobody is struck."""
    night(0)
    night(14)
    plan = plans.propose(invoice=alice, number=2, on=days(19), by=None)
    plans.refuse(plan=plan, on=days(refused), at=at_noon(days(refused)), by=None, reason="Nei")
    [mail] = Message.objects.filter(kind="plan_refused")
    assert f"{days(refused + 14):%d.%m.%Y}" in mail.body_text
    know_the_bank(days(refused + 13))
    assert [night(n, bank=False) for n in (refused, refused + 14, refused + 15)] == [{}, {}, {}]
    know_the_bank(days(refused + 14))
    assert night(struck, bank=False) == {"struck": 1}


def test_who_broke_a_plan_has_time_to_pay_after_it(alice: Invoice) -> None:
    """Agreed on day 20 with the first part on day 34; the night of day 35 finds it broken, and strikes nobody yet."""
    night(0)
    night(14)
    plan = plans.propose(invoice=alice, number=2, on=days(20), by=None)
    plans.agree(plan=plan, on=days(20), at=at_noon(days(20)), by=None)
    assert [night(n) for n in (29, 34, 35, 49)] == [{}, {}, {}, {}]
    [mail] = Message.objects.filter(kind="plan_broken")
    assert f"{days(49):%d.%m.%Y}" in mail.body_text and mail.recipient_ref == f"member:{alice.member_id}"
    assert night(50) == {"struck": 1}


def test_more_time_counts_until_the_bank_is_known_of_its_last_day(alice: Invoice) -> None:
    night(0)
    night(14)
    snoozes.ask(invoice=alice, until=days(44), on=days(20), by=None)
    know_the_bank(days(43))
    assert [night(n, bank=False) for n in (45, 46)] == [{}, {}]
    know_the_bank(days(44))
    assert night(47, bank=False) == {"struck": 1}


def test_the_dead_are_silent(alice: Invoice) -> None:
    night(0)
    assert alice.member is not None
    Message.objects.filter(kind="reminder").update(state=State.SENT)
    leaving.record_death(member=alice.member, died_on=days(5), on=days(6), at=NOW)
    assert [night(n) for n in (14, 29, 60)] == [{}, {}, {}]
    assert (reminded(), endings()) == ([("Alice", 1, days(0))], [("Alice", "deceased")])


def a_line(on: date) -> BankLine:
    """Money of nobody yet, in a file that tells of the bank until a day."""
    file = BankFile.objects.create(name="bank.txt", format="ocr", state="done", uploaded_at=NOW, until=on)
    return BankLine.objects.create(file=file, position=1, reference="1", account="8601", state="queued", booked_on=on,
                                   amount=100)  # fmt: skip


def kept(number: int) -> tuple[int, list[str]]:
    found = striking.kept(on=days(number))
    return found.count, [sentence.partition(".")[0] for sentence in found.reasons]


def test_nobody_is_struck_while_money_lies_unmatched(alice: Invoice) -> None:
    """It may be theirs: as with reminders, everybody waits until somebody has said whose it is."""
    night(0)
    night(14)
    know_the_bank(days(29))
    line = a_line(days(29))
    assert (night(28, bank=False), kept(28)) == ({}, (0, ["1 payment has come in that we do not know whose it is"]))
    assert (night(29, bank=False), kept(29)) == ({}, (1, ["1 payment has come in that we do not know whose it is"]))
    BankLine.objects.filter(pk=line.pk).update(state="aside", note="A grant")
    assert (kept(29), night(29, bank=False), kept(29)) == ((0, []), {"struck": 1}, (0, []))


@pytest.mark.parametrize("state", ["columns", "ready", "queued"])
def test_nobody_is_struck_while_a_bank_file_waits(alice: Invoice, state: str) -> None:
    night(0)
    night(14)
    know_the_bank(days(29))
    file = BankFile.objects.create(name="new.txt", format="ocr", state=state, uploaded_at=NOW)
    reasons = ["1 bank file has been brought, but its payments are not registered yet"]
    assert (night(29, bank=False), kept(29)) == ({}, (1, reasons))
    BankFile.objects.filter(pk=file.pk).update(state="done")
    assert night(29, bank=False) == {"struck": 1}


@pytest.mark.parametrize("known", [None, 27, 28])
def test_nobody_is_struck_on_a_bank_that_is_too_old(alice: Invoice, known: int | None) -> None:
    """Known until the last day that she had is not enough: she may have paid after it, and is a member then."""
    night(0)
    night(14)
    BankLook.objects.all().delete()
    if known:
        know_the_bank(days(known))
    ago = "We know nothing of the bank yet" if known is None else f"We know of the bank until {days(known):%-d %B %Y}"
    count, [why] = kept(40)
    assert (night(40, bank=False), count) == ({}, 1)
    assert why.startswith(ago)
    assert night(166, bank=False) == {"struck": 1}, "the law wants them erased in time"


def test_without_reminders_only_money_that_has_come_in_keeps_them(alice: Invoice, settings: Any) -> None:
    settings.CLIENT = client_with(lapse_after_days=14)
    line = a_line(days(-30))
    assert (night(1, bank=False), kept(1)) == ({}, (1, ["1 payment has come in that we do not know whose it is"]))
    line.delete()
    assert (kept(1), night(1, bank=False)) == ((0, []), {"struck": 1})


def test_the_night_says_whom_it_does_not_strike_and_why(alice: Invoice, monkeypatch: pytest.MonkeyPatch) -> None:
    night(0)
    night(14)
    know_the_bank(days(29))
    line = a_line(days(29))
    monkeypatch.setattr(timezone, "now", lambda: at_noon(days(29)))
    with translation.override("nb"):
        found = striking.kept(on=days(29))
        sentences = [f"  {found.sentence} {found.reasons[0]}"]
    for said in (sentences, []):
        err = StringIO()
        call_command("nightly", "--on", days(29).isoformat(), stdout=StringIO(), stderr=err)
        assert err.getvalue().splitlines() == said
        BankLine.objects.filter(pk=line.pk).delete()
    assert endings() == [("Alice", "lapsed")]


def test_without_a_schedule_the_days_alone_decide(alice: Invoice, settings: Any) -> None:
    settings.CLIENT = client_with(lapse_after_days=14)
    assert (night(0, bank=False), night(1, bank=False)) == ({}, {"struck": 1})


@pytest.mark.parametrize(("automatic", "count"), [(True, 1), (False, 0)])
def test_the_night_sends_only_where_the_client_says_so(
    alice: Invoice, settings: Any, monkeypatch: pytest.MonkeyPatch, automatic: bool, count: int
) -> None:
    settings.CLIENT = client_with(Step(after_days=14), automatic=automatic)
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    know_the_bank(TODAY)
    for _ in range(2):
        call_command("nightly", "--on", TODAY.isoformat(), stdout=StringIO(), stderr=StringIO())
    assert Reminder.objects.count() == count


def test_a_night_that_is_caught_up_leaves_the_reminders_to_the_next(
    alice: Invoice, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CLIENT = client_with(Step(after_days=14), automatic=True)
    monkeypatch.setattr(timezone, "now", lambda: at_noon(days(1)))
    know_the_bank(TODAY)
    for on, count in ((TODAY, 0), (days(1), 1)):
        call_command("nightly", "--on", on.isoformat(), stdout=StringIO(), stderr=StringIO())
        assert (Reminder.objects.count(), ReminderRun.objects.count()) == (count, count)


def test_the_night_says_why_it_sends_nothing(alice: Invoice, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    settings.CLIENT = client_with(Step(after_days=14), automatic=True)
    err = StringIO()
    call_command("nightly", "--on", TODAY.isoformat(), stdout=StringIO(), stderr=err)
    assert len(err.getvalue().splitlines()) == 1
    assert not Reminder.objects.exists()
