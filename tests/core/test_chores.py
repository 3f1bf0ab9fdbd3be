"""Long work in turns: one holder at a time, whoever dies is replaced, and a late one can no longer say how far."""

from datetime import timedelta

import pytest

from core import chores
from core.models import Chore
from tests.makers import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + chores.HELD_FOR + timedelta(seconds=1)


def test_one_at_a_time_and_the_place_is_kept_for_the_next() -> None:
    with chores.turn("night", at=NOW) as first:
        assert first is not None
        assert (first.place, first.tries) == ({}, 1)
        with chores.turn("night", at=NOW) as second:
            assert second is None
        with chores.turn("documents", at=NOW) as other:
            assert other is not None
        assert chores.remember(first, {"step": 3})
    with chores.turn("night", at=NOW) as again:
        assert again is not None
        assert (again.place, again.tries) == ({"step": 3}, 1)


def test_an_error_puts_the_work_down_and_counts_as_a_try_of_the_place_it_happened_at() -> None:
    with pytest.raises(ZeroDivisionError), chores.turn("night", at=NOW) as chore:
        assert chore is not None
        chores.remember(chore, {"step": 1})
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), chores.turn("night", at=NOW):
        raise ZeroDivisionError
    with chores.turn("night", at=NOW) as third:
        assert third is not None
        assert third.tries == 3
    with chores.turn("night", at=NOW) as after_a_good_one:
        assert after_a_good_one is not None
        assert after_a_good_one.tries == 1


def test_who_died_is_replaced_after_a_while_and_who_was_only_slow_can_no_longer_write() -> None:
    Chore.objects.create(name="night", place={"step": 3}, held_until=NOW + chores.HELD_FOR, tries=1)
    with chores.turn("night", at=NOW) as early:
        assert early is None
    slow = Chore.objects.get(name="night")
    with chores.turn("night", at=LATER) as heir:
        assert heir is not None
        assert (heir.place, heir.tries) == ({"step": 3}, 2)
        assert not chores.remember(slow, {"step": 9})
        assert chores.remember(heir, {"step": 4})
    assert Chore.objects.get(name="night").place == {"step": 4}


def test_hundreds_who_ask_are_one_until_a_turn_begins() -> None:
    assert [chores.ask("documents", at=NOW) for _time in range(3)] == [True, False, False]
    assert chores.ask("night", at=NOW)
    with chores.turn("documents", at=NOW):
        assert [chores.ask("documents", at=NOW) for _time in range(2)] == [True, False]
        with chores.turn("documents", at=NOW) as second:  # finds it taken, and has answered all the same
            assert second is None
        assert chores.ask("documents", at=NOW)


def test_when_the_worker_starts_nobody_has_anything_in_hand() -> None:
    Chore.objects.create(name="night", place={"step": 3}, held_until=NOW + chores.HELD_FOR, tries=1, asked_at=NOW)
    chores.put_all_down()
    assert chores.ask("night", at=NOW)
    with chores.turn("night", at=NOW) as heir:
        assert heir is not None
        assert (heir.place, heir.tries) == ({"step": 3}, 2)


def test_an_asking_that_nothing_came_of_is_taken_for_lost() -> None:
    assert chores.ask("documents", at=NOW)
    assert not chores.ask("documents", at=NOW + chores.LOST_AFTER)
    assert chores.ask("documents", at=NOW + chores.LOST_AFTER + timedelta(seconds=1))
