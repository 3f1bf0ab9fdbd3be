"""The night in turns: begins at ten past three, goes on where it was left, and does what the command does."""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from config import night_turns, nightly, tasks
from core import chores
from core.models import Chore
from core.results import Result
from invoicing.models import Invoice
from membership import renewal
from membership.models import Period
from messaging.models import Message
from payments.ledger_check import check
from tests.faults import renewals

pytestmark = pytest.mark.django_db
NIGHT = datetime(2027, 1, 2, 2, 10, tzinfo=UTC)  # ten past three in Oslo
A_MINUTE = timedelta(minutes=1)


def begin_before(at: datetime) -> None:
    """An installation that looked for the first time a minute before, and so does this night."""
    assert not night_turns.take_turn(at=at - A_MINUTE)


def place() -> Any:
    return Chore.objects.get(name=night_turns.NAME).place


@pytest.mark.parametrize(
    ("at", "night"),
    [
        (datetime(2026, 1, 10, 2, 10, tzinfo=UTC), date(2026, 1, 10)),
        (datetime(2026, 1, 10, 2, 9, tzinfo=UTC), date(2026, 1, 9)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), date(2026, 12, 31)),  # after midnight in Oslo: still the old night
        (datetime(2026, 3, 29, 1, 9, tzinfo=UTC), date(2026, 3, 28)),  # 03:09, the first minutes of summer time
        (datetime(2026, 3, 29, 1, 10, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 25, 1, 10, tzinfo=UTC), date(2026, 10, 24)),  # ten past two for the second time
        (datetime(2026, 10, 25, 2, 10, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), date(2028, 2, 29)),
    ],
)
def test_the_night_begins_at_ten_past_three_local_time(at: datetime, night: date) -> None:
    assert night_turns.night_of(at) == night


def test_a_new_installation_waits_for_its_first_night_and_then_each_is_done_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[date] = []
    step = nightly.Step(title="Step", work=lambda on, at, keys: done.append(on) or Result())
    monkeypatch.setattr(nightly, "steps", lambda: [step])
    for minute in range(3 * 24 * 60):  # from nine in the morning on New Year's Eve
        night_turns.take_turn(at=datetime(2026, 12, 31, 8, 0, tzinfo=UTC) + minute * A_MINUTE)
    assert done == [date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3)]
    for hour in range(48, -1, -1):  # the clock is put back by two days, and goes on
        night_turns.take_turn(at=datetime(2027, 1, 3, 8, 0, tzinfo=UTC) - timedelta(hours=hour))
    assert done == [date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3)]
    night_turns.take_turn(at=datetime(2027, 1, 9, 8, 0, tzinfo=UTC))  # after a week without power
    assert done[3:] == [date(2027, 1, 9)]


def in_turns() -> int:
    """Take turns until nothing is left; return how many."""
    turns = 1
    while night_turns.take_turn(at=NIGHT, seconds=0):
        turns += 1
    return turns


def outcome() -> tuple[list[Any], list[Any], list[Any]]:
    return (
        list(Period.objects.order_by("member", "starts_on").values_list("member", "starts_on", "ends_on", "price")),
        sorted(Invoice.objects.values_list("member", "total", "issued_on", "due_on")),
        sorted(Message.objects.values_list("recipient_ref", "kind", "address")),
    )


def test_many_short_turns_do_what_the_command_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(night_turns, "PORTION", 7)
    renewals.register(30)
    begin_before(NIGHT)
    assert in_turns() > 4 * 30 / 7
    assert Invoice.objects.count() == 30
    turned = outcome()
    assert not night_turns.take_turn(at=NIGHT), "the night is over"
    assert [result.changed for _title, result in nightly.run(on=date(2027, 1, 2), at=NIGHT)][1:6] == [0] * 5
    assert outcome() == turned
    assert check().problems == []


def test_the_command_leaves_nothing_for_the_turns() -> None:
    renewals.register(30)
    begin_before(NIGHT)
    list(nightly.run(on=date(2027, 1, 2), at=NIGHT))
    commanded = outcome()
    in_turns()
    assert outcome() == commanded
    assert place() == {"on": "2027-01-02", "step": len(nightly.steps()), "key": 0}


def test_only_one_takes_a_turn_and_a_dead_ones_is_taken_over() -> None:
    renewals.register(3)
    begin_before(NIGHT)
    with chores.turn(night_turns.NAME, at=NIGHT) as held:
        assert held is not None
        assert not night_turns.take_turn(at=NIGHT + A_MINUTE)
        assert Invoice.objects.count() == 0
        night_turns.take_turn(at=NIGHT + chores.HELD_FOR + A_MINUTE)
    assert Invoice.objects.count() == 3


def test_a_portion_that_fails_is_left_out_after_three_tries_and_the_rest_is_done(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What is left out is found by the next night, as whatever was missed."""
    renewals.register(3)
    begin_before(NIGHT)

    def fail(**kwargs: Any) -> Result:
        raise ZeroDivisionError

    monkeypatch.setattr(renewal, "tell_before_end", fail)
    for minute in range(3):
        with pytest.raises(ZeroDivisionError):
            night_turns.take_turn(at=NIGHT + minute * A_MINUTE)
    assert Invoice.objects.count() == 0
    with caplog.at_level(logging.ERROR):
        night_turns.take_turn(at=NIGHT + 3 * A_MINUTE)
    assert "left out after 3 tries" in caplog.text
    assert Invoice.objects.count() == 3


def test_a_task_asks_for_the_next_turn_until_the_night_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Here, where tasks run at once, one call is the whole night."""
    left = [True, True, False]
    monkeypatch.setattr(night_turns, "take_turn", lambda *, at: left.pop(0))
    tasks.go_on_with_the_night.call()
    assert left == []


def test_asking_whether_it_is_time_is_one_query(django_assert_num_queries: Any) -> None:
    begin_before(NIGHT)
    in_turns()
    with django_assert_num_queries(1):
        night_turns.take_turn(at=NIGHT + A_MINUTE)
