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

KILLS = int(os.environ.get("FAULT_KILLS", "5"))  # FAULT_KILLS=50 for the whole of it
INVOICES = 150


def assert_each_was_sent_once(count: int) -> None:
    """A reminder and a message for each invoice, and no step that one of them has twice."""
    twice = Reminder.objects.values("invoice", "step").annotate(times=Count("pk")).filter(times__gt=1)
    keys = set(Message.objects.filter(kind="reminder").values_list("unique_key", flat=True))
    numbers = Invoice.objects.invoices().values_list("number", flat=True)
    assert (list(twice), Reminder.objects.count()) == ([], count)
    assert keys == {f"reminder:{number}:1" for number in numbers}
    assert check().problems == []


def test_a_sending_that_is_killed_again_and_again_sends_each_reminder_once(site: Site) -> None:
    dice = random.Random(7)
    reminding.overdue(INVOICES)
    between = 0
    for _ in range(KILLS):
        process = site.call("tests.faults.reminding.remind")
        time.sleep(dice.uniform(0.2, 1.5))
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
