"""What becomes of reminders when the process that sends them is killed, or two send at once."""

import os
import random
import signal
import time

from django.db.models import Count

from invoicing.models import Invoice
from messaging.models import Message
from payments.ledger_check import check
from payments.models import Reminder, ReminderRun
from tests.faults import reminding
from tests.faults.conftest import Site

KILLS = min(int(os.environ.get("FAULT_KILLS", "3")), 12)
INVOICES = 50 * (KILLS + 3)  # a portion for each kill, and some to spare


def assert_each_was_sent_once(count: int) -> None:
    """A reminder and a message for each invoice, and no step that one of them has twice."""
    twice = Reminder.objects.values("invoice", "step").annotate(times=Count("pk")).filter(times__gt=1)
    keys = set(Message.objects.filter(kind="reminder").values_list("unique_key", flat=True))
    numbers = Invoice.objects.invoices().values_list("number", flat=True)
    assert (list(twice), Reminder.objects.count()) == ([], count)
    assert keys == {f"reminder:{number}:1" for number in numbers}
    assert check().problems == []


def until_more_is_sent(*, than: int) -> None:
    """Wait until a portion is done: however slow the machine is, the kill comes in the middle."""
    ends = time.monotonic() + 120
    while Reminder.objects.count() <= than:
        assert time.monotonic() < ends, "nothing is sent"
        time.sleep(0.02)


def test_a_sending_that_is_killed_again_and_again_sends_each_reminder_once(site: Site) -> None:
    dice = random.Random(7)
    reminding.overdue(INVOICES)
    between = 0
    for _ in range(KILLS):
        process = site.call("tests.faults.reminding.remind")
        until_more_is_sent(than=Reminder.objects.count())
        time.sleep(dice.uniform(0.0, 0.4))
        site.kill(process, signal.SIGKILL)
        site.settle()
        sent = Reminder.objects.count()
        assert sent == Message.objects.filter(kind="reminder").count()
        between += 0 < sent < INVOICES
    assert between, "some kills came in the middle"
    assert site.wait(site.call("tests.faults.reminding.remind")) == 0, site.log()
    assert_each_was_sent_once(INVOICES)
    run = ReminderRun.objects.get()
    assert (run.state, run.sent, run.left_out) == ("done", INVOICES, [])


def test_two_who_send_at_once(site: Site) -> None:
    reminding.overdue(INVOICES)
    processes = [site.call("tests.faults.reminding.remind") for _ in range(3)]
    endings = [site.wait(process) for process in processes]
    assert 0 in endings, site.log()
    assert site.wait(site.call("tests.faults.reminding.remind")) == 0, site.log()
    assert_each_was_sent_once(INVOICES)
