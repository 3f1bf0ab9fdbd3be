"""Later, in the worker: a few PDFs at once, many in turns, by one worker at a time, until none is left untried."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.tasks import default_task_backend
from django.utils import timezone
from pytest_django import Settings

from core import chores
from core.dates import days_after
from core.models import Chore
from core.results import Result
from invoicing import pdf, receivers, tasks
from invoicing.models import Invoice
from membership import renewal
from messaging.models import Message
from tests.faults import renewals
from tests.makers import at_noon

pytestmark = pytest.mark.django_db
DAY = date(2027, 1, 2)


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The private storage of this test alone, and paper that costs no time."""
    monkeypatch.setitem(Invoice._meta.get_field("pdf").storage.__dict__, "location", str(tmp_path))
    monkeypatch.setattr(pdf, "render", lambda invoice: b"%PDF-1.7")


def invoiced(count: int) -> None:
    """So many invoices without PDF."""
    renewals.register(count)
    renewal.open_due_periods(on=DAY, at=at_noon(DAY))


@pytest.fixture
def queue(settings: Settings) -> Callable[[], list[tuple[str, Any]]]:
    """What waits for the worker: tasks are kept and not run."""
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    return lambda: [(result.task.name, result.args) for result in default_task_backend.results]


def test_a_few_are_made_at_once_and_many_are_one_short_task(queue: Callable[[], list[tuple[str, Any]]]) -> None:
    invoiced(20)
    few = list(Invoice.objects.values_list("pk", flat=True))
    tasks.enqueue_documents(few)
    invoiced(1)
    tasks.enqueue_documents(few[:1])
    tasks.enqueue_documents(few[1:2])
    assert queue() == [("make_documents", [few]), ("make_missing", [])]


def test_a_task_that_was_lost_is_asked_for_again(
    queue: Callable[[], list[tuple[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    invoiced(21)
    now = timezone.now()
    for later in (timedelta(0), chores.LOST_AFTER, chores.LOST_AFTER + timedelta(seconds=1)):
        monkeypatch.setattr(timezone, "now", lambda later=later: now + later)
        tasks.enqueue_documents([1])
    assert queue() == [("make_missing", [])] * 2


def test_a_night_that_strikes_hundreds_leaves_the_queue_short(
    queue: Callable[[], list[tuple[str, Any]]], django_capture_on_commit_callbacks: Any
) -> None:
    """Each gets a credit note of their own; whoever asks for a log-in code then waits for a few of them at most."""
    invoiced(60)
    tasks.make_missing.call()
    struck_on = days_after(DAY, 365)
    with django_capture_on_commit_callbacks(execute=True):
        assert renewal.lapse_unpaid(on=struck_on, at=at_noon(struck_on)).changed
    assert Invoice.objects.without_pdf().filter(kind=Invoice.Kind.CREDIT_NOTE).count() == 60
    assert [name for name, _arguments in queue()].count("make_missing") == 1
    assert "make_documents" not in {name for name, _arguments in queue()}
    tasks.make_missing.call()
    assert not Invoice.objects.without_pdf().exists()


def test_one_turn_waits_at_most_however_many_ask_while_another_is_under_way(
    queue: Callable[[], list[tuple[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The turn that ends, a night that strikes and the sweep all ask: with one worker free, they share the next."""
    make_missing = pdf.make_missing

    def asked_meanwhile(*, at: datetime) -> Result:
        for _time in range(3):
            tasks.enqueue_documents([1])
        receivers.catch_up(at=at + receivers.FORGOTTEN_AFTER * 2)
        return make_missing(at=at)

    invoiced(200)
    monkeypatch.setattr(tasks, "_SECONDS", 0)
    monkeypatch.setattr(pdf, "make_missing", asked_meanwhile)
    tasks.make_missing.enqueue()
    for turns in (1, 2, 3):
        tasks.make_missing.call()
        assert queue() == [("make_missing", [])] * (1 + turns)


def test_turns_go_on_until_each_invoice_has_its_pdf_and_its_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_SECONDS", 0)
    invoiced(130)  # three turns of sixty
    tasks.make_missing.enqueue()
    assert not Invoice.objects.without_pdf().exists()
    assert Message.objects.filter(kind="invoice").count() == 130


def test_while_one_worker_is_at_it_the_other_does_nothing_and_asks_for_nothing(
    queue: Callable[[], list[tuple[str, Any]]],
) -> None:
    invoiced(3)
    with chores.turn("documents", at=timezone.now()):
        tasks.make_missing.call()
    assert Invoice.objects.without_pdf().count() == 3
    assert queue() == []


def test_what_is_issued_at_the_last_moment_gets_another_turn(
    queue: Callable[[], list[tuple[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last look of one worker and its putting down the work, another one was sent away."""
    make_missing = pdf.make_missing

    def overtaken(*, at: datetime) -> Result:
        result = make_missing(at=at)
        if not result.changed and not Invoice.objects.exists():
            invoiced(2)
        return result

    monkeypatch.setattr(pdf, "make_missing", overtaken)
    tasks.make_missing.call()
    assert Invoice.objects.without_pdf().count() == 2
    assert queue() == [("make_missing", [])]


def test_what_cannot_be_printed_is_not_asked_for_again_and_again(
    queue: Callable[[], list[tuple[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(invoice: Invoice) -> bytes:
        raise ZeroDivisionError

    invoiced(3)
    monkeypatch.setattr(pdf, "render", crash)
    tasks.make_missing.call()
    assert Invoice.objects.exclude(pdf_error="").count() == 3
    assert queue() == []
    assert Chore.objects.get(name="documents").held_until is None
