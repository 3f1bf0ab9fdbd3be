"""Nobody loses a membership who was not reminded as the schedule says, and nobody who paid in time."""

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from invoicing.models import Invoice
from membership import leaving, renewal
from membership.models import Period
from messaging.models import Message, State
from payments import intake
from payments.ledger_check import check
from payments.models import Reminder
from payments.reminders import plans, runs, snoozes
from tests.makers import NOW, TODAY, at_noon, kroner
from tests.payments.reminders.helpers import Step, client_with, know_the_bank, overdue, reminded

pytestmark = pytest.mark.django_db


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def night(number: int, *, bank: bool = True) -> dict[str, int]:
    """The treasurer looks through the bank and sends; the night follows plans and strikes."""
    on = days(number)
    if bank:
        know_the_bank(on)
    plans.follow(on=on)
    if bank:
        runs.send_due(on=on, at=at_noon(on))
    return renewal.lapse_unpaid(on=on, at=at_noon(on)).counts


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
    assert night(40, bank=False) == {}
    know_the_bank(days(28))
    assert night(40, bank=False) == {"struck": 1}


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


def test_the_dead_are_silent(alice: Invoice) -> None:
    night(0)
    assert alice.member is not None
    Message.objects.filter(kind="reminder").update(state=State.SENT)
    leaving.record_death(member=alice.member, died_on=days(5), on=days(6), at=NOW)
    assert [night(n) for n in (14, 29, 60)] == [{}, {}, {}]
    assert (reminded(), endings()) == ([("Alice", 1, days(0))], [("Alice", "deceased")])


def test_without_a_schedule_the_days_alone_decide(alice: Invoice, settings: Any) -> None:
    settings.CLIENT = client_with(lapse_after_days=14)
    assert (night(0, bank=False), night(1, bank=False)) == ({}, {"struck": 1})


@pytest.mark.parametrize(("automatic", "count"), [(True, 1), (False, 0)])
def test_the_night_sends_only_where_the_client_says_so(
    alice: Invoice, settings: Any, automatic: bool, count: int
) -> None:
    settings.CLIENT = client_with(Step(after_days=14), automatic=automatic)
    know_the_bank(TODAY)
    for _ in range(2):
        call_command("nightly", "--on", TODAY.isoformat(), stdout=StringIO(), stderr=StringIO())
    assert Reminder.objects.count() == count


def test_the_night_says_why_it_sends_nothing(alice: Invoice, settings: Any) -> None:
    settings.CLIENT = client_with(Step(after_days=14), automatic=True)
    err = StringIO()
    call_command("nightly", "--on", TODAY.isoformat(), stdout=StringIO(), stderr=err)
    assert len(err.getvalue().splitlines()) == 1
    assert not Reminder.objects.exists()
