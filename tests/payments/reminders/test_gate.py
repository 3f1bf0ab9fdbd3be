"""No reminders while somebody may have paid without our knowing it."""

from datetime import timedelta

import pytest

from core.errors import Refused
from payments import intake
from payments.from_bank import bank_looks, freshness
from payments.models import BankFile, BankLine
from payments.reminders import gate, runs
from tests.makers import NOW, TODAY, kroner, make_user
from tests.payments.reminders.helpers import overdue, reminded

pytestmark = pytest.mark.django_db


def a_file(*, days_ago: int) -> BankFile:
    """A bank file that is booked, and tells of the bank until so many days ago."""
    return BankFile.objects.create(name="bank.txt", format="ocr", state="done", uploaded_at=NOW,
                                   until=TODAY - timedelta(days=days_ago))  # fmt: skip


def test_a_bank_nobody_knows_keeps_it_closed() -> None:
    overdue("Alice", on=TODAY, days=20)
    with pytest.raises(Refused) as refusal:
        runs.start(on=TODAY, at=NOW, by=None)
    assert refusal.value.sentence == (
        "Reminders wait, because some may have paid already. We know nothing of the bank yet. Read in a bank file, or "
        "say until which day you have looked through the bank."
    )
    assert reminded() == []


@pytest.mark.parametrize(("days_ago", "is_open"), [(0, True), (3, True), (4, False)])
def test_a_bank_file_opens_it_for_a_while(days_ago: int, is_open: bool) -> None:
    a_file(days_ago=days_ago)
    assert gate.look(on=TODAY).is_open is is_open


def test_money_of_nobody_keeps_it_closed() -> None:
    BankLine.objects.create(
        file=a_file(days_ago=0), position=1, reference="1", account="8601", state="queued", booked_on=TODAY, amount=100
    )
    assert gate.look(on=TODAY).sentences == [
        "1 payment has come in that we do not know whose it is. Find its invoice first."
    ]
    BankLine.objects.update(state="aside", note="A grant")
    assert gate.look(on=TODAY).is_open


@pytest.mark.parametrize("state", ["columns", "ready", "queued"])
def test_a_file_that_is_not_in_the_books_yet_keeps_it_closed(state: str) -> None:
    """Whoever is reminded may stand in it: the bank is known until today by another file."""
    overdue("Alice", on=TODAY, days=20)
    a_file(days_ago=0)
    waiting = BankFile.objects.create(name="new.txt", format="ocr", state=state, uploaded_at=NOW)
    with pytest.raises(Refused) as refusal:
        runs.start(on=TODAY, at=NOW, by=None)
    assert (refusal.value.code, refusal.value.sentence) == (
        "bank_not_known",
        "Reminders wait, because some may have paid already. 1 bank file has been brought, but its payments are not "
        "registered yet. Say yes to it or discard it, and let it finish.",
    )
    assert reminded() == []
    BankFile.objects.filter(pk=waiting.pk).update(state="done")
    assert gate.look(on=TODAY).is_open


def test_a_sending_stops_where_those_who_are_left_may_have_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody brings a file while it is sent: Bob, who stands in it, hears nothing until it is in the books."""
    monkeypatch.setattr(runs, "PORTION", 1)
    for name in ("Alice", "Bob"):
        overdue(name, on=TODAY, days=20)
    a_file(days_ago=0)
    run = runs.start(on=TODAY, at=NOW, by=None)
    assert runs.carry_on(run_id=run.pk, at=NOW)
    brought = BankFile.objects.create(name="new.txt", format="ocr", state="ready", uploaded_at=NOW)
    assert not runs.carry_on(run_id=run.pk, at=NOW)
    run.refresh_from_db()
    assert (run.state, run.why_stopped, run.has_stopped_itself, run.sent) == ("stopped", "bank", True, 1)
    assert [name for name, _step, _on in reminded()] == ["Alice"]
    BankFile.objects.filter(pk=brought.pk).update(state="done")
    assert runs.send_due(on=TODAY, at=NOW).counts == {"reminders": 1}
    assert [name for name, _step, _on in reminded()] == ["Alice", "Bob"]


def test_a_payment_by_hand_says_nothing_of_the_bank() -> None:
    invoice = overdue("Alice", on=TODAY, days=20)
    intake.record(amount=kroner("100"), received_on=TODAY, source="hand", source_reference="1", at=NOW, by=None,
                  kid=invoice.kid)  # fmt: skip
    assert gate.look(on=TODAY).known_until is None


def test_who_registers_by_hand_says_until_when_they_looked() -> None:
    overdue("Alice", on=TODAY, days=20)
    by = make_user(username="kari")
    look = bank_looks.looked_through(until=TODAY - timedelta(days=1), at=NOW, by=by)
    assert (look.said_by, freshness.last_bank_day()) == (by, TODAY - timedelta(days=1))
    assert runs.send_due(on=TODAY, at=NOW, by=by).counts == {"reminders": 1}


def test_nobody_looks_into_the_future_or_back() -> None:
    bank_looks.looked_through(until=TODAY, at=NOW, by=None)
    for until, code in ((TODAY + timedelta(days=1), "in_the_future"), (TODAY - timedelta(days=1), "known_already")):
        with pytest.raises(Refused) as refusal:
            bank_looks.looked_through(until=until, at=NOW, by=None)
        assert refusal.value.code == code
    assert freshness.last_bank_day() == TODAY
